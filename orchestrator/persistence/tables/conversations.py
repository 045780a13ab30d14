"""Threads with people who write to us, what staff answered, doubts that a person decides, and news for the carrier."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid, text

from orchestrator.persistence.tables.columns import Moment, NumberKey, Sealed, metadata

# One for each person, sender and seller. What they wrote is in inbound_contacts, which attempts answered it in answers.
threads = Table(
    "threads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("sender", String(40), nullable=False),
    Column("number_sealed", Sealed, nullable=False),  # E.164
    Column("assigned_to", Text),
    Column("unread", Integer, nullable=False, server_default=text("0")),  # replies that nobody has opened; no opt-outs
    Column("last_reply_at", Moment),  # None: nothing but opt-outs came
    Column("last_opt_out_at", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("seller_id", "number_key", "sender"),
)

# Which attempts staff wrote by hand, in which thread; their words and what became of them are the attempt's.
answers = Table(
    "answers",
    metadata,
    Column("id", Uuid, primary_key=True),  # the attempt's
    Column("thread_id", ForeignKey("threads.id", ondelete="CASCADE"), nullable=False),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("sealed_in", Integer),  # its position in the sealed log
    Index("ix_answers_thread", "thread_id"),
    Index(
        "ix_answers_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
)

canned_answers = Table(
    "canned_answers",
    metadata,
    Column("seller_id", ForeignKey("sellers.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("written_at", Moment, nullable=False),
)

# A message that may be a refusal: its stop is provisional until a person has read it.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("sid", String(40), nullable=False),  # of the message
    Column("suppression_id", Integer, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("decision", String(8)),  # stop | other
    Column("sealed_in", Integer),  # its position in the sealed log
    Column("decision_sealed_in", Integer),  # where what was decided is
    Index(
        "ix_reviews_open",
        "asked_at",
        sqlite_where=text("decided_at IS NULL"),
        postgresql_where=text("decided_at IS NULL"),
    ),
    Index("ix_reviews_number", "seller_id", "number_key"),
    Index(
        "ix_reviews_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
    Index(
        "ix_reviews_decision_unsealed",
        "id",
        sqlite_where=text("decision_sealed_in IS NULL AND decided_at IS NOT NULL"),
        postgresql_where=text("decision_sealed_in IS NULL AND decided_at IS NOT NULL"),
    ),
)

# Days of the carriers' list of numbers that were given up.
deactivation_days = Table(
    "deactivation_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("read_at", Moment, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("known", Integer, nullable=False),  # of these, numbers on our lists
    Column("by", Text, nullable=False),
)

# What the carrier's own list of consents is still to be told, where that is switched on.
consent_outbox = Table(
    "consent_outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("correlation_id", String(32), nullable=False),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("number_sealed", Sealed, nullable=False),
    Column("sender", String(40), nullable=False),
    Column("status", String(8), nullable=False),  # opt-in | opt-out
    Column("source", String(24), nullable=False),
    Column("said_at", Moment, nullable=False),
    Column("due_at", Moment),  # real time; None: told, or given up
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("told_at", Moment),
    Column("error_code", Integer),
    UniqueConstraint("correlation_id"),
    Index(
        "ix_consent_outbox_open",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
)
