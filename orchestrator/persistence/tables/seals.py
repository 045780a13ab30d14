"""The sealed logs: what was entered, the heads over it, and the keys that it is committed and signed with."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    text,
)

from orchestrator.persistence.tables.columns import Moment, Sealed, metadata

# One log a seller, and one of the installation ("*"). No foreign key: a log outlives the seller whom it speaks of.
seal_logs = Table(
    "seal_logs",
    metadata,
    Column("log", String(64), primary_key=True),
    Column("key_sealed", Sealed, nullable=False),  # 32 random bytes; without them no entry can be made or told
    Column("size", Integer, nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # what the next entry needs of the tree so far
    Column("mac", LargeBinary(32), nullable=False),  # over size and frontier
    Column("begun_at", Moment, nullable=False),
)

# One entry each: a keyed commitment, and nothing of the person. The salt is half of the entry's key: with it goes what
# the commitment could still tell.
seals = Table(
    "seals",
    metadata,
    Column("log", String(64), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("form", String(40), nullable=False),  # what of the row, and how it is written: attempts.ended/1
    Column("row_id", String(64), nullable=False),
    Column("salt", LargeBinary(16)),
    Column("commitment", LargeBinary(32), nullable=False),
    Column("removed_by", Integer),  # the removal that took the row away, or what this entry tells of it
    Index(
        "uq_seals_row",  # of removed rows the database may give the number again
        "form",
        "row_id",
        unique=True,
        sqlite_where=text("salt IS NOT NULL"),
        postgresql_where=text("salt IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

seal_heads = Table(
    "seal_heads",
    metadata,
    Column("log", String(64), primary_key=True),
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("complete", Boolean, nullable=False),  # nothing was left that could have been entered
    Column("mac", LargeBinary(32), nullable=False),
)

# One row: what heads are signed with when they leave the house.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("private_sealed", Sealed, nullable=False),
    Column("made_at", Moment, nullable=False),
)

# What an ended attempt was before a later word on it, where it was sealed by then.
rejudgements = Table(
    "rejudgements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("attempt_id", Uuid, nullable=False),
    Column("seller_id", String(64), nullable=False),
    Column("outcome", String(16)),
    Column("connected_at", Moment),
    Column("sid", String(40)),
    Column("at", Moment, nullable=False),  # real time, by the database's clock
    Column("sealed_in", Integer),
    Index("ix_rejudgements_attempt", "attempt_id"),
    Index(
        "ix_rejudgements_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
)
