"""Opt-ins"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MOMENT = sa.DateTime(timezone=True)
KEY = sa.LargeBinary(length=16)


def upgrade() -> None:
    _create_pages()
    _create_opt_ins()
    op.create_table(
        "opt_in_requests",
        sa.Column("key", KEY, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", "id", name=op.f("pk_opt_in_requests")),
    )
    op.create_index("ix_opt_in_requests_at", "opt_in_requests", ["at"], unique=False)


def _create_pages() -> None:
    op.create_table(
        "opt_in_pages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("keyword", sa.String(length=64), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_opt_in_pages_seller_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_opt_in_pages_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_in_pages")),
    )
    op.create_index("ix_opt_in_pages_sender", "opt_in_pages", ["sender"], unique=False)
    op.create_table(
        "opt_in_versions",
        sa.Column("page_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("page", STRUCTURE, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["opt_in_pages.id"], name=op.f("fk_opt_in_versions_page_id")),
        sa.PrimaryKeyConstraint("page_id", "version", name=op.f("pk_opt_in_versions")),
    )


def _create_opt_ins() -> None:
    op.create_table(
        "opt_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("page_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", KEY, nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("held_by", sa.Text(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["opt_in_pages.id"], name=op.f("fk_opt_ins_page_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_opt_ins_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_ins")),
    )
    pending, due = sa.text("state = 'pending'"), sa.text("due_at IS NOT NULL")
    op.create_index(
        "uq_opt_ins_pending",
        "opt_ins",
        ["seller_id", "number_key"],
        unique=True,
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_index(
        "ix_opt_ins_expiry", "opt_ins", ["expires_at"], unique=False, sqlite_where=pending, postgresql_where=pending
    )
    op.create_index("ix_opt_ins_due", "opt_ins", ["due_at"], unique=False, sqlite_where=due, postgresql_where=due)
    op.create_index("ix_opt_ins_page", "opt_ins", ["page_id", "state"], unique=False)


def downgrade() -> None:
    for table in ("opt_in_requests", "opt_ins", "opt_in_versions", "opt_in_pages"):
        op.drop_table(table)
