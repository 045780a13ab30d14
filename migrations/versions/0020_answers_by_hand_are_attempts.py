"""Answers by hand are attempts

Before, ``answers`` kept their words and their fate itself. No release had that table, and what was sealed for one
column opens in no other: nothing is carried over.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_table("answers")
    _create(
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("sealed_in", sa.Integer(), nullable=True),
    )
    _partial("ix_answers_unsealed", "id", "sealed_in IS NULL")


def downgrade() -> None:
    op.drop_table("answers")
    _create(
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("decision", STRUCTURE, nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("sid", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("rescue_at", MOMENT, nullable=True),
        sa.Column("rescue_tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    _partial("ix_answers_open", "rescue_at", "rescue_at IS NOT NULL")


def _create(*columns: sa.Column[object]) -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", sa.LargeBinary(length=16), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_answers_thread_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_answers_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_thread", "answers", ["thread_id"], unique=False)


def _partial(name: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "answers", [column], unique=False, sqlite_where=where, postgresql_where=where)
