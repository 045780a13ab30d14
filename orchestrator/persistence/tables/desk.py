"""What agents say and ask for: dispositions, callbacks, transfers."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid, text

from orchestrator.persistence.tables.columns import Moment, NumberKey, Sealed, metadata

# Append-only: every word on a call, with who said it and when; the last one holds.
dispositions = Table(
    "dispositions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("attempt_id", Uuid, nullable=False),
    Column("campaign_id", Integer, nullable=False),
    Column("agent_id", String(64)),  # None: nobody said anything, and a default applies
    Column("disposition", String(64), nullable=False),
    Column("outcome", String(16)),
    Column("next_step", String(16), nullable=False),
    Column("rest_seconds", Integer),
    Column("is_default", Boolean, nullable=False),
    Column("note_sealed", Sealed),
    Column("at", Moment, nullable=False),
    Column("sealed_in", Integer),  # its position in the sealed log
    Index("ix_dispositions_attempt", "attempt_id"),
    Index("ix_dispositions_campaign", "campaign_id", "at"),
    Index(
        "ix_dispositions_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
)

# What a person was promised: a call at a moment, from this agent or from anyone.
callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("enrollment_id", ForeignKey("enrollments.id", ondelete="CASCADE"), nullable=False),
    Column("campaign_id", Integer, nullable=False),
    Column("attempt_id", Uuid, nullable=False),  # the call in which it was asked for
    Column("number_key", NumberKey, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("for_agent", String(64)),  # None: anyone
    Column("anyone_from", Moment, nullable=False),  # from then on anybody may take it
    Column("due_at", Moment, nullable=False),
    Column("time_zone", String(64), nullable=False),  # in which the moment was said
    Column("state", String(16), nullable=False),  # waiting | dialled | passed | withdrawn
    Column("asked_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("reason", Text),
    Index(
        "ix_callbacks_waiting",
        "enrollment_id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

# A person handed on. Warm: all are in one room until the agent leaves; blind: the agent leaves at once.
transfers = Table(
    "transfers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("attempt_id", Uuid, nullable=False),
    Column("from_agent", String(64), nullable=False),
    Column("to_agent", String(64)),  # None: to an address outside
    Column("to_sealed", Sealed),
    Column("kind", String(8), nullable=False),  # warm | blind
    # asked | in_doubt | together | leaving | stranded, then settled: done | withdrawn | failed
    Column("state", String(16), nullable=False),
    Column("leg_sid", String(40)),  # the call to the address outside
    Column("asked_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("error", Text),
    Index(
        "ix_transfers_open",
        "from_agent",
        sqlite_where=text("settled_at IS NULL"),
        postgresql_where=text("settled_at IS NULL"),
    ),
)
