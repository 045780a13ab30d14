"""Who read people's data, what staff changed, and which rows the law took away: what proves that nothing else was."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from orchestrator.persistence.tables.columns import Moment, NumberKey, Structure, metadata

# One reading of people's data: an export, a pack, an answer to a request, an inbox that was opened.
accesses = Table(
    "accesses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),  # cli:NAME, user:NAME, token:ID, step:NAME
    Column("action", String(32), nullable=False),
    Column("seller_id", ForeignKey("sellers.id")),  # None: over all of them
    Column("reason", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("sealed_in", Integer),  # its position in the sealed log
    Index("ix_accesses_at", "at"),
    Index("ix_accesses_actor_at", "actor", "at"),
    Index(
        "ix_accesses_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
)

# Whose data it was.
access_numbers = Table(
    "access_numbers",
    metadata,
    Column("access_id", ForeignKey("accesses.id", ondelete="CASCADE"), primary_key=True),
    Column("number_key", NumberKey, primary_key=True),
    Index("ix_access_numbers_number", "number_key"),
)

# Rows that were taken away or blanked by right, and by which: whoever verifies tells law from tampering by it.
removals = Table(
    "removals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("seller_id", ForeignKey("sellers.id")),  # None: a partition, which holds every seller's
    Column("cause", String(16), nullable=False),  # erasure | retention | closing | partition
    Column("relation", String(32), nullable=False),  # the table
    Column("how", String(8), nullable=False),  # deleted | blanked
    Column("rows", Structure, nullable=False),  # ids as text; of a partition its name
    Column("reason", Text, nullable=False),  # the request, the rule of retention
    Column("sealed_in", Integer),  # its position in the sealed log
    Index("ix_removals_relation", "relation"),
    Index(
        "ix_removals_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
)

# What was changed by whom, where the row itself keeps its last state alone: a campaign's moves, a seller's settings.
actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),  # cli:NAME, user:NAME, token:ID, step:NAME
    Column("action", String(32), nullable=False),
    Column("about", String(160), nullable=False),  # campaign 3, sender +1…; nobody on a list
    Column("seller_id", ForeignKey("sellers.id")),  # None: of the installation
    Column("detail", Structure, nullable=False),  # what it was and what it became; nothing of a person
    Column("reason", Text),  # in the words of whoever did it
    Column("sealed_in", Integer),  # its position in the sealed log
    Index("ix_actions_about", "about"),
    Index(
        "ix_actions_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
)
