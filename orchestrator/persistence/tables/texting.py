"""What texts are sent from: rates, caps, rests, and from which sender each person is texted."""

from sqlalchemy import Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text, text

from orchestrator.persistence.tables.columns import Moment, NumberKey, metadata

# What is known of a sender beside whose it is; one of which nothing is said sends at the rate of the settings.
text_senders = Table(
    "text_senders",
    metadata,
    Column("address", ForeignKey("senders.address"), primary_key=True),
    Column("type", String(24), nullable=False),
    Column("segments_per_second", Float),  # None: its type's
    Column("daily_segments", Integer),  # None: no cap
    Column("brand", String(64)),
    Column("service", String(40)),  # the messaging service that it is a member of
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

# A brand as the carriers registered it: some of them cap its day over all of its senders.
text_brands = Table(
    "text_brands",
    metadata,
    Column("seller_id", ForeignKey("sellers.id"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("daily_segments", Integer, nullable=False),
)

# One row a sender or brand and day; raised by the transaction that plans a text, which holds the row.
sender_days = Table(
    "sender_days",
    metadata,
    Column("key", String(160), primary_key=True),  # sender:ADDRESS, or brand:SELLER/NAME
    Column("on", Date, primary_key=True),
    Column("segments", Integer, nullable=False, server_default=text("0")),
)

# From which sender a person is texted: the latest row whose sender is in use and in the campaign's pool.
sender_bonds = Table(
    "sender_bonds",
    metadata,
    Column("seller_id", ForeignKey("sellers.id"), primary_key=True),
    Column("number_key", NumberKey, primary_key=True),
    Column("address", String(40), primary_key=True),
    Column("since", Moment, nullable=False),
)

# A rest is the alert as well: it stays on record, and at most one of a sender is open.
sender_rests = Table(
    "sender_rests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("ended_at", Moment),
    Column("by", Text, nullable=False),
    Index("ix_sender_rests_address", "address", "since"),
    Index(
        "uq_sender_rests_open",
        "address",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
