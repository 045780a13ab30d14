"""What stands around the consent ledger: the terms that consent is asked on."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from orchestrator.persistence.tables.columns import Moment, Structure, metadata

# Append-only: who is the controller, who receives the data, how long it is kept, how a consent is withdrawn. The newest
# of a seller's are named by every consent event from then on, so that a receipt says what was true then.
consent_terms = Table(
    "consent_terms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("content", Structure, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Index("ix_consent_terms_seller", "seller_id", "id"),
)
