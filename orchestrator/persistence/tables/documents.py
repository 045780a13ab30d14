"""Papers on file per seller, list and agent, which of them a seller needs, and where each list came from."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text

from orchestrator.persistence.tables.columns import Moment, Sealed, metadata

# Nothing of a document changes but that it is retired; a new version is a row of its own.
documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("title", Text, nullable=False),
    Column("version", String(64)),
    Column("party", Text),  # the other side of a contract: a vendor, a processor
    Column("list_id", ForeignKey("lists.id")),  # None: for every list
    Column("agent_id", String(64)),  # whom a training is of
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),  # the last day; None: until it is retired
    Column("sha256", String(64), nullable=False),
    Column("place", Text),  # where the original lies, where it is not kept here
    Column("file_name", Text),
    Column("content_sealed", Sealed),
    Column("added_at", Moment, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("retired_at", Moment),
    Column("retired_by", Text),
    Column("retired_because", Text),
    Index("ix_documents_seller_kind", "seller_id", "kind"),
)

# What must be on file, in force, before a campaign of the seller is launched or an agent is ready for one.
required_documents = Table(
    "required_documents",
    metadata,
    Column("seller_id", ForeignKey("sellers.id"), primary_key=True),
    Column("kind", String(24), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("required_by", Text, nullable=False),
)

# The newest row of a list says where it came from; a list without one is the seller's own.
list_provenance = Table(
    "list_provenance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list_id", ForeignKey("lists.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # own | purchased | rented | partner | public
    Column("vendor", Text),
    Column("obtained_on", Date),
    Column("source", Text),  # where the vendor got the people's data: they are told at the first contact
    Column("chain", Text),  # through whose hands it went
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Index("ix_list_provenance_list", "list_id", "id"),
)
