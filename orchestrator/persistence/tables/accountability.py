"""What a controller answers for: who protects each seller's data, breaches and who was told, sellers that left."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from orchestrator.persistence.tables.columns import Moment, Sealed, Structure, metadata

# What the law wants named of a seller; a later word replaces an earlier one.
seller_protection = Table(
    "seller_protection",
    metadata,
    Column("seller_id", ForeignKey("sellers.id"), primary_key=True),
    Column("contacts_sealed", Sealed, nullable=False),  # JSON: officer, address, eu_representative, uk_representative
    Column("time_zone", String(64)),  # in which its months are counted
    Column("language", String(16)),  # of notices to the people whose country is not known
    Column("is_another_firm", Boolean),  # we contact people as its processor; None: nobody has said
    Column("updated_at", Moment, nullable=False),
    Column("updated_by", Text, nullable=False),
)

# A register of every breach, also of those that nobody had to be told of.
breaches = Table(
    "breaches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("aware_at", Moment, nullable=False),  # the clocks begin here
    Column("opened_at", Moment, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("actor", Text, nullable=False),  # the account or token in the wrong hands; * for all of them
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("what_happened", Text, nullable=False),
    Column("found", Structure, nullable=False),  # by seller: people, numbers by country, categories, readings
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Column("closed_because", Text),
)

# Append-only: who was told, or why nobody had to be.
breach_steps = Table(
    "breach_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("breach_id", ForeignKey("breaches.id"), nullable=False),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("whom", String(16), nullable=False),  # authority | people | controller
    Column("was_told", Boolean, nullable=False),  # False: they need not be, and the note says why
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_breach_steps_breach", "breach_id", "seller_id"),
)

# The end of a seller: how far it is, and what was given back, taken away and kept.
closings = Table(
    "closings",
    metadata,
    Column("seller_id", ForeignKey("sellers.id"), primary_key=True),
    Column("way", String(8), nullable=False),  # return | delete
    Column("keeps_suppressions", Boolean, nullable=False),
    Column("because", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("state", String(16), nullable=False),  # stopping | returning | deleting | closed
    Column("returned", Structure),  # file, sha256, rows by table
    Column("deleted", Structure, nullable=False),  # rows by table
    Column("certificate", Structure),
    Column("closed_at", Moment),
)
