"""What the carrier delivered, and whom it brought: people who called or wrote by themselves."""

from sqlalchemy import (
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
    text,
)

from orchestrator.persistence.tables.columns import Moment, NumberKey, Sealed, metadata

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
