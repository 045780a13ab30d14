"""Caps, days and rests of caller ids; attestations; messages left on machines"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")
UNEXPLAINED = sa.text(
    "(outcome = 'failed' OR (outcome = 'never_sent' AND error_code = 32017)) AND cause_asked_at IS NULL"
)
WAITING = sa.text("due_at IS NOT NULL AND done_at IS NULL")


def upgrade() -> None:
    _create_caller_tables()
    _create_machine_messages()
    op.add_column("attempts", sa.Column("stir_status", sa.String(length=1), nullable=True))
    op.add_column("attempts", sa.Column("cause_asked_at", MOMENT, nullable=True))
    op.add_column("attempts", sa.Column("message_at", MOMENT, nullable=True))
    op.create_index("ix_attempts_sender", "attempts", ["from_address", "planned_at"])
    op.create_index(
        "ix_attempts_unexplained", "attempts", ["ended_at"], sqlite_where=UNEXPLAINED, postgresql_where=UNEXPLAINED
    )


def _create_caller_tables() -> None:
    op.create_table(
        "caller_ids",
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("called_back_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_caller_ids")),
    )
    counts = ("placed", "ended", "answered", "stir_a", "stir_b", "stir_c")
    op.create_table(
        "caller_days",
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False) for name in counts),
        sa.PrimaryKeyConstraint("address", "on", name=op.f("pk_caller_days")),
    )
    op.create_table(
        "caller_rests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_rests")),
    )
    op.create_index("ix_caller_rests_address", "caller_rests", ["address", "since"])
    op.create_index(
        "uq_caller_rests_open", "caller_rests", ["address"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )


def _create_machine_messages() -> None:
    op.create_table(
        "machine_messages",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("valid_until", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_machine_messages")),
    )
    op.create_index(
        "ix_machine_messages_open", "machine_messages", ["due_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    op.drop_index("ix_attempts_unexplained", table_name="attempts")
    op.drop_index("ix_attempts_sender", table_name="attempts")
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("message_at")
        attempts.drop_column("cause_asked_at")
        attempts.drop_column("stir_status")
    for table in ("machine_messages", "caller_rests", "caller_days", "caller_ids"):
        op.drop_table(table)
