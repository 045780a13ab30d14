"""Attempts, which of them are live, and what the carrier is still to be told of them."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
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

# The generic cell rate algorithm's theoretical arrival time, one row a limit.
send_slots = Table(
    "send_slots",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("arrives_at", Moment, nullable=False),
)
