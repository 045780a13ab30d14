"""Runs of retention, and the last use of each number"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")

REFER_TO_CONTACTS = ("consents", "list_rows")  # a contact that goes would else be looked for in every row


def upgrade() -> None:
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("judged_at", MOMENT, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=True),
        sa.Column("law", sa.String(length=64), nullable=False),
        sa.Column("gone", STRUCTURE, nullable=False),
        sa.Column("stayed", STRUCTURE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_index("ix_retention_runs_began_at", "retention_runs", ["began_at"], unique=False)
    op.create_table(
        "last_uses",
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_last_uses_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", "number_key", name=op.f("pk_last_uses")),
    )
    for table in REFER_TO_CONTACTS:
        op.create_index(f"ix_{table}_contact_id", table, ["contact_id"], unique=False)


def downgrade() -> None:
    for table in REFER_TO_CONTACTS:
        op.drop_index(f"ix_{table}_contact_id", table)
    op.drop_table("last_uses")
    op.drop_table("retention_runs")
