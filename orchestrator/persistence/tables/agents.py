"""Agents, the states that they were in, and the people who were offered to them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from orchestrator.persistence.tables.columns import Moment, NumberKey, Sealed, metadata

agents = Table(
    "agents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("profile_sealed", Sealed, nullable=False),  # JSON: name, and address: E.164, client:… or sip:…
    Column("queue", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_since", Moment, nullable=False),
    Column("pause_asked", Boolean, nullable=False, server_default=text("false")),
    Column("attempt_id", Uuid),
    Column("wrap_up_seconds", Integer, nullable=False),
    Column("leg_sid", String(40)),  # the agent's own call, which waits in their conference
    Column("leg_asked_at", Moment),
    Column("last_leg_sid", String(40)),  # the one before, whose late news means nothing
    Column("wrap_up_attempt_id", Uuid),  # the last call, which still wants a disposition until wrap_up_until
    Column("wrap_up_until", Moment),
    Column("muted", Boolean, nullable=False, server_default=text("false")),  # in their conference
    Column("created_at", Moment, nullable=False),
    Index("ix_agents_queue_state", "queue", "state", "state_since"),
)

agent_states = Table(
    "agent_states",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_agent_states_agent", "agent_id", "at"),
)

offers = Table(
    "offers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("enrollment_id", ForeignKey("enrollments.id", ondelete="CASCADE"), nullable=False),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("offered_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("reason", Text),
    Column("mode", String(16), nullable=False, server_default=text("'preview'")),  # or manual
    Column("number_key", NumberKey),  # the number that will be dialled, as far as it was known
    Column("callback_id", Integer),
    Index("ix_offers_state", "state", "expires_at"),
)
