"""Senders of texts with their rates, caps and rests; steps and segments of attempts"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")
UNHEEDED = sa.text("channel = 'sms' AND error_code IS NOT NULL AND cause_asked_at IS NULL")


def upgrade() -> None:
    _create_senders()
    _create_rests()
    op.add_column("attempts", sa.Column("step", sa.String(length=64), nullable=True))
    op.add_column("attempts", sa.Column("segments", sa.Integer(), nullable=True))
    op.create_index(
        "ix_attempts_failed_texts", "attempts", ["ended_at"], sqlite_where=UNHEEDED, postgresql_where=UNHEEDED
    )


def _create_senders() -> None:
    op.create_table(
        "text_senders",
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("segments_per_second", sa.Float(), nullable=True),
        sa.Column("daily_segments", sa.Integer(), nullable=True),
        sa.Column("brand", sa.String(length=64), nullable=True),
        sa.Column("service", sa.String(length=40), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["address"], ["senders.address"], name=op.f("fk_text_senders_address")),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_text_senders")),
    )
    op.create_table(
        "text_brands",
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("daily_segments", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_text_brands_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", "name", name=op.f("pk_text_brands")),
    )
    op.create_table(
        "sender_days",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("segments", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("key", "on", name=op.f("pk_sender_days")),
    )
    op.create_table(
        "sender_bonds",
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_sender_bonds_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", "number_key", "address", name=op.f("pk_sender_bonds")),
    )


def _create_rests() -> None:
    op.create_table(
        "sender_rests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender_rests")),
    )
    op.create_index("ix_sender_rests_address", "sender_rests", ["address", "since"])
    op.create_index(
        "uq_sender_rests_open", "sender_rests", ["address"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_attempts_failed_texts", table_name="attempts")
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("segments")
        attempts.drop_column("step")
    for table in ("sender_rests", "sender_bonds", "sender_days", "text_brands", "text_senders"):
        op.drop_table(table)
