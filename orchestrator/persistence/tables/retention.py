"""What retention did, and what must be remembered of rows once they are gone."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from orchestrator.persistence.tables.columns import Moment, NumberKey, Structure, metadata

# One run each; one that was cut off has no end, and the next does what it left.
retention_runs = Table(
    "retention_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("judged_at", Moment, nullable=False),  # the moment by which periods were over
    Column("began_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("by", Text, nullable=False),
    Column("seller_id", String(64)),  # None: every seller's
    Column("law", String(64), nullable=False),  # the digest of the periods that were kept
    Column("gone", Structure, nullable=False),  # a list of class, jurisdiction, table, rows, oldest and newest
    Column("stayed", Structure, nullable=False),  # a list of class, jurisdiction, table, why and rows
    Index("ix_retention_runs_began_at", "began_at"),
)

# When a number was contacted last, kept when the attempts go: the time of a consent's proof runs from there.
last_uses = Table(
    "last_uses",
    metadata,
    Column("seller_id", ForeignKey("sellers.id"), primary_key=True),
    Column("number_key", NumberKey, primary_key=True),
    Column("used_at", Moment, nullable=False),
    Column("country", String(2), nullable=False),  # of the number
)
