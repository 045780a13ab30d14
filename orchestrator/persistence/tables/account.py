"""The carrier's account held against our own books, and what we made in it."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint, Uuid, text

from orchestrator.persistence.tables.columns import Moment, Sealed, Structure, metadata

# Each time that a day was held against the carrier's list of it; one that was cut off has no end.
reconciliations = Table(
    "reconciliations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Date, nullable=False),  # UTC, as the carrier counts days
    Column("by", Text, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("tally", Structure),  # how many of each sort
    Index("ix_reconciliations_day", "day"),
)

# A call or message on one side's books alone; open until it is found on the other's, or a person says what it was.
carrier_alarms = Table(
    "carrier_alarms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(24), nullable=False),  # undecided | unrecorded | not_at_carrier
    Column("sid", String(40), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("day", Date, nullable=False),
    Column("direction", String(24), nullable=False),
    Column("status", String(24), nullable=False),  # the carrier's word, or our stage
    Column("happened_at", Moment),
    Column("attempt_id", Uuid),
    Column("ends_sealed", Sealed, nullable=False),  # JSON: to, from
    Column("found_at", Moment, nullable=False),
    Column("cleared_at", Moment),
    Column("cleared_by", Text),  # "reconcile" where a later look found it, else who said what it was
    Column("note", Text),
    UniqueConstraint("sid", "kind"),
    Index(
        "ix_carrier_alarms_open",
        "day",
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
)

# What `twilio provision` made or was told to adopt; a row without a sid says that making it was begun.
provisions = Table(
    "provisions",
    metadata,
    Column("account", String(34), primary_key=True),
    Column("kind", String(24), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("sid", String(40)),
    Column("adopted", Boolean, nullable=False, server_default=text("false")),
    Column("begun_at", Moment, nullable=False),
    Column("made_at", Moment),
)
