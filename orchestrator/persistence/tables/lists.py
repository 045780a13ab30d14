"""Lists, what became of every uploaded row, and what the registries said."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from orchestrator.persistence.tables.columns import Moment, Structure, metadata

lists = Table(
    "lists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("seller_id", "name"),
)

# One import of one file into one list; the same file again finds its row here.
imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list_id", ForeignKey("lists.id"), nullable=False),
    Column("file_digest", String(64), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("reading", Structure, nullable=False),  # encoding, delimiter, header, mapping, country
    Column("state", String(16), nullable=False),  # running | finished
    Column("records_done", Integer, nullable=False),  # where to resume: records, not lines
    Column("counts", Structure, nullable=False),  # by verdict
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    UniqueConstraint("list_id", "file_digest"),
)

list_rows = Table(
    "list_rows",
    metadata,
    Column("import_id", ForeignKey("imports.id"), primary_key=True),
    Column("line", Integer, primary_key=True),  # where the record starts, 1-based, the header counted
    Column("list_id", ForeignKey("lists.id"), nullable=False),
    Column("contact_id", ForeignKey("contacts.id", ondelete="SET NULL")),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text),  # what was left out and why; never a number in clear
    Index("ix_list_rows_list_contact", "list_id", "contact_id"),
    Index("ix_list_rows_contact_id", "contact_id"),  # a contact that goes would else be looked for in every row
)

registry_snapshots = Table(
    "registry_snapshots",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("registry", String(32), nullable=False),
    Column("seller_id", ForeignKey("sellers.id")),  # None: the installation's
    Column("obtained_at", Moment, nullable=False),
    Column("imported_at", Moment, nullable=False),
    Column("source", Text, nullable=False),
    Column("numbers", Integer, nullable=False),
    Column("coverage", Structure, nullable=False),  # countries and area codes; outside them nothing is known
    Index("ix_registry_snapshots_registry", "registry", "obtained_at"),
)

scrubs = Table(
    "scrubs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("list_id", ForeignKey("lists.id")),
    Column("campaign_id", ForeignKey("campaigns.id")),
    Column("by", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("snapshots", Structure, nullable=False),  # registry -> digests, newest first
    Column("counts", Structure, nullable=False),
    Column("answers_digest", String(64)),  # over each number's key and answers: that they are the same when asked again
    Index("ix_scrubs_list_id", "list_id"),
    Index("ix_scrubs_campaign_id", "campaign_id"),
)
