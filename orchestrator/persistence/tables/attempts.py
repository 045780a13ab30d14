"""Attempts, what the carrier said of them, and who talks."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
    text,
)

from orchestrator.persistence.tables.columns import Moment, NumberKey, Sealed, metadata

# Calls that failed for a reason that nobody has told yet, or that were refused because of the number they showed.
UNEXPLAINED = "(outcome = 'failed' OR (outcome = 'never_sent' AND error_code = 32017)) AND cause_asked_at IS NULL"
# Texts that failed for a reason whose consequences nobody has drawn yet.
FAILED_TEXTS = "channel = 'sms' AND error_code IS NOT NULL AND cause_asked_at IS NULL"

attempts = Table(
    "attempts",
    metadata,
    Column("id", Uuid, primary_key=True),  # UUIDv7: an id in a URL names its month
    Column("seller_id", String(64), nullable=False),
    Column("campaign_id", Integer, nullable=False),
    Column("enrollment_id", Integer, nullable=False),
    Column("contact_id", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),  # within the enrollment
    Column("number_key", NumberKey, nullable=False),
    Column("to_sealed", Sealed, nullable=False),
    Column("country", String(2), nullable=False),  # of the number: whose abandonment regime counts it
    Column("from_address", String(40), nullable=False),  # a caller id, or a messaging service
    Column("channel", String(8), nullable=False),
    Column("mode", String(16)),
    Column("stage", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("sid", String(40)),
    Column("decision_id", Uuid, nullable=False),
    Column("agent_id", String(64)),  # reserved for, or joined with
    Column("body_sealed", Sealed),
    Column("ring_timeout_seconds", Integer),
    Column("amd", String(16)),
    Column("planned_at", Moment, nullable=False),
    Column("valid_until", Moment),  # the world's moment after which it must not ring or arrive
    Column("lease_until", Moment),  # real time: whoever plans it must have asked the carrier by half of it
    Column("rescue_at", Moment),  # real time: when rescue looks next
    Column("rescue_tries", Integer, nullable=False, server_default=text("0")),
    Column("doubted_at", Moment),  # the world's moment since which its fate was unknown
    Column("ringing_at", Moment),
    Column("answered_at", Moment),
    Column("speech_start_at", Moment),  # estimates, with their source beside them
    Column("greeting_end_at", Moment),
    Column("estimates_from", String(32)),
    Column("answer_within_seconds", Integer),  # the called party's regime: an agent or the message by then
    Column("judged_from", String(16)),  # since when it counts: pick-up | greeting-end
    Column("waiting_since", Moment),  # only while nobody is free for them
    Column("waiting_queue", String(64)),  # whose agents they wait for, or are joined to
    Column("joining_since", Moment),  # only while an agent is claimed and nobody has heard them meet
    Column("redirect_at", Moment),  # real time: when to send the carrier for a document that has changed
    Column("connected_at", Moment),
    Column("abandoned_at", Moment),
    Column("ended_at", Moment),
    Column("answered_by", String(16)),
    Column("error_code", Integer),
    Column("sip_code", Integer),
    Column("duration_seconds", Integer),
    Column("stir_status", String(1)),  # the attestation that the carrier gave the caller id: A, B or C
    Column("cause_asked_at", Moment),  # of what failed: when its cause was last asked for, or heeded
    Column("message_at", Moment),  # when a machine was begun to be left our message
    Column("followed_up", Boolean, nullable=False, server_default=text("false")),  # the enrollment has its next step
    Column("disposition", String(64)),  # the agent's last word on it, or the default; all of them are in dispositions
    Column("marked_outcome", String(16)),  # what the disposition says that it was
    Column("next_step", String(16)),
    Column("rest_seconds", Integer),
    Column("marked_machine", Boolean, nullable=False, server_default=text("false")),  # by the agent: no live answer
    Column("step", String(64)),  # of the strategy, by its name
    Column("segments", Integer),  # of a text
    Column("sealed_in", Integer),  # its position in the sealed log
    Column("erased_at", Moment),  # when name and number were taken out of it; the number's key stays
    Index("ix_attempts_contact", "contact_id", "planned_at"),
    Index("ix_attempts_number", "number_key", "planned_at"),
    Index("ix_attempts_enrollment", "enrollment_id"),
    Index("ix_attempts_sid", "sid"),
    Index("ix_attempts_sender", "from_address", "planned_at"),
    Index(
        "ix_attempts_unexplained",
        "ended_at",
        sqlite_where=text(UNEXPLAINED),
        postgresql_where=text(UNEXPLAINED),
    ),
    Index(
        "ix_attempts_failed_texts",
        "ended_at",
        sqlite_where=text(FAILED_TEXTS),
        postgresql_where=text(FAILED_TEXTS),
    ),
    Index(
        "ix_attempts_live",
        "campaign_id",
        "stage",
        sqlite_where=text("stage <> 'ended'"),
        postgresql_where=text("stage <> 'ended'"),
    ),
    Index(
        "ix_attempts_rescue",
        "rescue_at",
        sqlite_where=text("rescue_at IS NOT NULL"),
        postgresql_where=text("rescue_at IS NOT NULL"),
    ),
    Index(
        "ix_attempts_waiting",
        "waiting_since",
        sqlite_where=text("waiting_since IS NOT NULL"),
        postgresql_where=text("waiting_since IS NOT NULL"),
    ),
    Index(
        "ix_attempts_joining",
        "joining_since",
        sqlite_where=text("joining_since IS NOT NULL"),
        postgresql_where=text("joining_since IS NOT NULL"),
    ),
    Index(
        "ix_attempts_redirect",
        "redirect_at",
        sqlite_where=text("redirect_at IS NOT NULL"),
        postgresql_where=text("redirect_at IS NOT NULL"),
    ),
    Index(
        "ix_attempts_to_follow",
        "ended_at",
        sqlite_where=text("stage = 'ended' AND NOT followed_up"),
        postgresql_where=text("stage = 'ended' AND NOT followed_up"),
    ),
    Index(
        "ix_attempts_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
    postgresql_partition_by="RANGE (id)",
)

# Written out rather than bound: a partial index serves only where the planner sees its condition.
IS_LIVE = attempts.c.stage != literal_column("'ended'")
IS_ENDED = attempts.c.stage == literal_column("'ended'")
# Word for word as in their indexes, else SQLite does not use those: as a column each would be compared with 1.
UNFOLLOWED = text("NOT attempts.followed_up")
IS_UNEXPLAINED = text(f"({UNEXPLAINED})")
IS_FAILED_TEXT = text(f"({FAILED_TEXTS})")

# One live attempt a number and channel, over all campaigns and sellers: this row says so, not a check.
live_attempts = Table(
    "live_attempts",
    metadata,
    Column("number_key", NumberKey, primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("attempt_id", Uuid, nullable=False),
    Column("since", Moment, nullable=False),
)

# What must be taken back at the carrier, kept until it confirms.
cancellations = Table(
    "cancellations",
    metadata,
    Column("attempt_id", Uuid, primary_key=True),
    Column("reason", String(32), nullable=False),  # stop | window_over | paused | halted | machine
    Column("filed_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),  # real time
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("done_at", Moment),
    Column("result", Text),
    Index(
        "ix_cancellations_open",
        "due_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

# The gate's leave, asked with the call, to leave a message should a machine answer; and what became of it.
machine_messages = Table(
    "machine_messages",
    metadata,
    Column("attempt_id", Uuid, primary_key=True),
    Column("decision_id", Uuid, nullable=False),  # the gate's answer for a recording, beside the call's own
    Column("valid_until", Moment, nullable=False),  # the world's moment after which none may be left
    Column("asked_at", Moment),  # a machine has finished its greeting while an agent or a recording was on the line
    Column("due_at", Moment),  # real time: when the carrier is told to switch the call over
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("done_at", Moment),
    Column("result", Text),
    Index(
        "ix_machine_messages_open",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL AND done_at IS NULL"),
        postgresql_where=text("due_at IS NOT NULL AND done_at IS NULL"),
    ),
)

# Raw deliveries of the carrier, stored before they are acknowledged.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("attempt_id", Uuid),
    Column("event_sealed", Sealed, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("processed_at", Moment),
    Column("due_at", Moment),  # real time: a poisoned row waits an hour
    Column("error", Text),
    Index(
        "ix_inbox_open",
        "received_at",
        sqlite_where=text("processed_at IS NULL"),
        postgresql_where=text("processed_at IS NULL"),
    ),
    postgresql_partition_by="RANGE (id)",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),  # of the delivery's own identity
    Column("received_at", Moment, nullable=False),
)

inbound_contacts = Table(
    "inbound_contacts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("channel", String(8), nullable=False),
    Column("sid", String(40), nullable=False),
    Column("sender", String(40), nullable=False),
    Column("body_sealed", Sealed),
    Column("at", Moment, nullable=False),
    Column("agent_id", String(64)),
    Column("ended_at", Moment),
    Column("thread_id", Integer),
    Column("intent", String(8)),  # of a message: stop | start | help | unsure | other
    UniqueConstraint("sid"),
    Index("ix_inbound_contacts_number", "seller_id", "number_key"),
    Index("ix_inbound_contacts_thread", "thread_id"),
    Column("sealed_in", Integer),  # its position in the sealed log
    Index(
        "ix_inbound_contacts_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
)

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

# The generic cell rate algorithm's theoretical arrival time, one row a limit.
send_slots = Table(
    "send_slots",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("arrives_at", Moment, nullable=False),
)
