"""Who read and what was removed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    _create_accesses()
    _create_removals()


def _create_accesses() -> None:
    op.create_table(
        "accesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_accesses_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accesses")),
    )
    op.create_index("ix_accesses_at", "accesses", ["at"], unique=False)
    op.create_index("ix_accesses_actor_at", "accesses", ["actor", "at"], unique=False)
    op.create_table(
        "access_numbers",
        sa.Column("access_id", sa.Integer(), nullable=False),
        sa.Column("number_key", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["access_id"], ["accesses.id"], name=op.f("fk_access_numbers_access_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("access_id", "number_key", name=op.f("pk_access_numbers")),
    )
    op.create_index("ix_access_numbers_number", "access_numbers", ["number_key"], unique=False)


def _create_removals() -> None:
    op.create_table(
        "removals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("relation", sa.String(length=32), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("rows", STRUCTURE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_removals_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
    )
    op.create_index("ix_removals_relation", "removals", ["relation"], unique=False)


def downgrade() -> None:
    op.drop_table("removals")
    op.drop_table("access_numbers")
    op.drop_table("accesses")
