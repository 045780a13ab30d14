"""Accepted rulebooks and declared emergencies"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    _create_reviews()
    _create_acceptances()
    _create_emergencies()


def _create_reviews() -> None:
    op.create_table(
        "rulebook_reviews",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("against", sa.String(length=64), nullable=False),
        sa.Column("diff_hash", sa.String(length=64), nullable=False),
        sa.Column("replay_hash", sa.String(length=64), nullable=False),
        sa.Column("campaigns", STRUCTURE, nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["rulebooks.digest"], name=op.f("fk_rulebook_reviews_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook_reviews")),
    )


def _create_acceptances() -> None:
    op.create_table(
        "rulebook_acceptances",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("versions", STRUCTURE, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("review_id", sa.String(length=16), nullable=True),
        sa.Column("diff_hash", sa.String(length=64), nullable=True),
        sa.Column("replay_hash", sa.String(length=64), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("taken_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["rulebooks.digest"], name=op.f("fk_rulebook_acceptances_digest")),
        sa.ForeignKeyConstraint(["review_id"], ["rulebook_reviews.id"], name=op.f("fk_rulebook_acceptances_review_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rulebook_acceptances")),
    )


def _create_emergencies() -> None:
    op.create_table(
        "emergencies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("jurisdiction", sa.String(length=16), nullable=False),
        sa.Column("area", STRUCTURE, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergencies")),
    )
    op.create_index(
        "ix_emergencies_open",
        "emergencies",
        ["jurisdiction"],
        unique=False,
        sqlite_where=sa.text("reopened_at IS NULL"),
        postgresql_where=sa.text("reopened_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("emergencies")
    op.drop_table("rulebook_acceptances")
    op.drop_table("rulebook_reviews")
