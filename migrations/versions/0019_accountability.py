"""Who protects a seller's data, breaches, and sellers that left"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    _create_protection()
    _create_breaches()
    _create_closings()


def _create_protection() -> None:
    op.create_table(
        "seller_protection",
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("contacts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("is_another_firm", sa.Boolean(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_seller_protection_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", name=op.f("pk_seller_protection")),
    )


def _create_breaches() -> None:
    op.create_table(
        "breaches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("aware_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("what_happened", sa.Text(), nullable=False),
        sa.Column("found", STRUCTURE, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
    )
    op.create_table(
        "breach_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("breach_id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("whom", sa.String(length=16), nullable=False),
        sa.Column("was_told", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breaches.id"], name=op.f("fk_breach_steps_breach_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_breach_steps_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_steps")),
    )
    op.create_index("ix_breach_steps_breach", "breach_steps", ["breach_id", "seller_id"], unique=False)


def _create_closings() -> None:
    op.create_table(
        "closings",
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("keeps_suppressions", sa.Boolean(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("returned", STRUCTURE, nullable=True),
        sa.Column("deleted", STRUCTURE, nullable=False),
        sa.Column("certificate", STRUCTURE, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_closings_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", name=op.f("pk_closings")),
    )


def downgrade() -> None:
    for table in ("closings", "breach_steps", "breaches", "seller_protection"):
        op.drop_table(table)
