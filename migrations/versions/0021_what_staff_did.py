"""What staff did is on record, and what they decided about doubtful replies is sealed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

UNSEALED = "sealed_in IS NULL"
DECISION_UNSEALED = "decision_sealed_in IS NULL AND decided_at IS NOT NULL"


def upgrade() -> None:
    _create_actions()
    for column in ("sealed_in", "decision_sealed_in"):
        op.add_column("reviews", sa.Column(column, sa.Integer(), nullable=True))
    op.create_index("ix_reviews_number", "reviews", ["seller_id", "number_key"])
    _index("ix_reviews_unsealed", "reviews", UNSEALED)
    _index("ix_reviews_decision_unsealed", "reviews", DECISION_UNSEALED)


def _create_actions() -> None:
    op.create_table(
        "actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=160), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("sealed_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_actions_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
    )
    op.create_index("ix_actions_about", "actions", ["about"])
    _index("ix_actions_unsealed", "actions", UNSEALED)


def _index(name: str, table: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, ["id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in ("ix_reviews_decision_unsealed", "ix_reviews_unsealed", "ix_reviews_number"):
        op.drop_index(name, table_name="reviews")
    for column in ("decision_sealed_in", "sealed_in"):
        op.drop_column("reviews", column)
    op.drop_table("actions")
