"""The numbers that calls show: their caps, their days, and their rests."""

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, text

from orchestrator.persistence.tables.columns import Moment, metadata

caller_ids = Table(
    "caller_ids",
    metadata,
    Column("address", String(40), primary_key=True),
    Column("daily_cap", Integer),  # instead of the one of config/caller_ids.toml
    Column("called_back_at", Moment),  # when the carrier last said that a call to it reaches us
)

# One row a number and day of the number's own zone. ``placed`` is raised by the transaction that plans a call, which
# holds the row; all of it is recounted from the attempts while the day lasts.
caller_days = Table(
    "caller_days",
    metadata,
    Column("address", String(40), primary_key=True),
    Column("on", Date, primary_key=True),
    Column("placed", Integer, nullable=False, server_default=text("0")),
    Column("ended", Integer, nullable=False, server_default=text("0")),
    Column("answered", Integer, nullable=False, server_default=text("0")),
    Column("stir_a", Integer, nullable=False, server_default=text("0")),
    Column("stir_b", Integer, nullable=False, server_default=text("0")),
    Column("stir_c", Integer, nullable=False, server_default=text("0")),
)

# A rest is the alert as well: it stays on record, and at most one of a number is open.
caller_rests = Table(
    "caller_rests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("ended_at", Moment),
    Column("by", Text, nullable=False),
    Index("ix_caller_rests_address", "address", "since"),
    Index(
        "uq_caller_rests_open",
        "address",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
