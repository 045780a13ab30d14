"""Dispositions, callbacks and transfers"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEY = sa.LargeBinary(length=16)


def upgrade() -> None:
    _widen()
    _create_dispositions()
    _create_callbacks()
    _create_transfers()


def _widen() -> None:
    op.add_column("attempts", sa.Column("disposition", sa.String(length=64), nullable=True))
    op.add_column("attempts", sa.Column("marked_outcome", sa.String(length=16), nullable=True))
    op.add_column("attempts", sa.Column("next_step", sa.String(length=16), nullable=True))
    op.add_column("attempts", sa.Column("rest_seconds", sa.Integer(), nullable=True))
    op.add_column("attempts", _flag("marked_machine"))
    op.add_column("agents", sa.Column("wrap_up_attempt_id", sa.Uuid(), nullable=True))
    op.add_column("agents", sa.Column("wrap_up_until", MOMENT, nullable=True))
    op.add_column("agents", _flag("muted"))
    mode = sa.Column("mode", sa.String(length=16), server_default=sa.text("'preview'"), nullable=False)
    op.add_column("offers", mode)
    op.add_column("offers", sa.Column("number_key", KEY, nullable=True))
    op.add_column("offers", sa.Column("callback_id", sa.Integer(), nullable=True))


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _create_dispositions() -> None:
    op.create_table(
        "dispositions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=True),
        sa.Column("disposition", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("next_step", sa.String(length=16), nullable=False),
        sa.Column("rest_seconds", sa.Integer(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispositions")),
    )
    op.create_index("ix_dispositions_attempt", "dispositions", ["attempt_id"])
    op.create_index("ix_dispositions_campaign", "dispositions", ["campaign_id", "at"])


def _create_callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrollment_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("number_key", KEY, nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("for_agent", sa.String(length=64), nullable=True),
        sa.Column("anyone_from", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollments.id"], name=op.f("fk_callbacks_enrollment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_callbacks_waiting", "callbacks", ["enrollment_id"], sqlite_where=waiting, postgresql_where=waiting
    )


def _create_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("from_agent", sa.String(length=64), nullable=False),
        sa.Column("to_agent", sa.String(length=64), nullable=True),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("leg_sid", sa.String(length=40), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    unsettled = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_transfers_open", "transfers", ["from_agent"], sqlite_where=unsettled, postgresql_where=unsettled
    )


def downgrade() -> None:
    for table in ("transfers", "callbacks", "dispositions"):
        op.drop_table(table)
    for table, names in {
        "offers": ("callback_id", "number_key", "mode"),
        "agents": ("muted", "wrap_up_until", "wrap_up_attempt_id"),
        "attempts": ("marked_machine", "rest_seconds", "next_step", "marked_outcome", "disposition"),
    }.items():
        with op.batch_alter_table(table) as widened:
            for name in names:
                widened.drop_column(name)
