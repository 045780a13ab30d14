"""Threads and replies"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MOMENT = sa.DateTime(timezone=True)
KEY = sa.LargeBinary(length=16)


def upgrade() -> None:
    op.add_column("senders", sa.Column("stops_by", sa.String(length=8), nullable=True))
    op.add_column("suppressions", sa.Column("texts_again_at", MOMENT, nullable=True))
    op.add_column("suppressions", sa.Column("news_filed_at", MOMENT, nullable=True))
    _partial("ix_suppressions_news", "suppressions", "id", "news_filed_at IS NULL")
    op.add_column("inbound_contacts", sa.Column("thread_id", sa.Integer(), nullable=True))
    op.add_column("inbound_contacts", sa.Column("intent", sa.String(length=8), nullable=True))
    op.create_index("ix_inbound_contacts_thread", "inbound_contacts", ["thread_id"], unique=False)
    _create_threads()
    _create_answers()
    _create_reviews()
    _create_news_of_the_carrier()


def _create_threads() -> None:
    op.create_table(
        "threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", KEY, nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.Column("unread", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_reply_at", MOMENT, nullable=True),
        sa.Column("last_opt_out_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_threads_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("seller_id", "number_key", "sender", name=op.f("uq_threads_seller_id_number_key_sender")),
    )
    op.create_table(
        "canned_answers",
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_canned_answers_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", "name", name=op.f("pk_canned_answers")),
    )


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", KEY, nullable=False),
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
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_answers_thread_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_answers_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_thread", "answers", ["thread_id"], unique=False)
    _partial("ix_answers_open", "answers", "rescue_at", "rescue_at IS NOT NULL")


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", KEY, nullable=False),
        sa.Column("sid", sa.String(length=40), nullable=False),
        sa.Column("suppression_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_reviews_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    _partial("ix_reviews_open", "reviews", "asked_at", "decided_at IS NULL")


def _create_news_of_the_carrier() -> None:
    op.create_table(
        "deactivation_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_deactivation_days")),
    )
    op.create_table(
        "consent_outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("correlation_id", sa.String(length=32), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", KEY, nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_consent_outbox_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_outbox")),
        sa.UniqueConstraint("correlation_id", name=op.f("uq_consent_outbox_correlation_id")),
    )
    _partial("ix_consent_outbox_open", "consent_outbox", "due_at", "due_at IS NOT NULL")


def _partial(name: str, table: str, column: str, which: str) -> None:
    where = sa.text(which)
    op.create_index(name, table, [column], unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table in ("consent_outbox", "deactivation_days", "reviews", "answers", "canned_answers", "threads"):
        op.drop_table(table)
    op.drop_index("ix_inbound_contacts_thread", "inbound_contacts")
    op.drop_index("ix_suppressions_news", "suppressions")
    for table, column in (
        ("inbound_contacts", "intent"),
        ("inbound_contacts", "thread_id"),
        ("suppressions", "news_filed_at"),
        ("suppressions", "texts_again_at"),
        ("senders", "stops_by"),
    ):
        op.drop_column(table, column)
