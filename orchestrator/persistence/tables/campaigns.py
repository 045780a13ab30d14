"""Campaigns, the people in them, and what was decided about each."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
    text,
)

from orchestrator.persistence.tables.columns import Moment, NumberKey, Sealed, Structure, metadata

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_reason", Text),
    Column("priority", Integer, nullable=False),
    Column("plan", Structure, nullable=False),  # the whole campaign file as validated
    Column("created_at", Moment, nullable=False),
    Column("launched_at", Moment),
    Column("starts_at", Moment),
    Column("ends_at", Moment),
    Column("canary_left", Integer),  # contacts until the campaign pauses and shows what happened
    Column("errors", Integer, nullable=False, server_default=text("0")),  # in a row; too many pause it
    UniqueConstraint("seller_id", "name"),
)

enrollments = Table(
    "enrollments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("next_eligible_at", Moment, nullable=False),
    Column("lease_holder", String(64)),
    Column("lease_until", Moment),  # real time, by the database's clock
    Column("last_ordinal", Integer, nullable=False, server_default=text("0")),
    Column("held_by", Text),  # the rule that holds it, or 'rest'
    Column("blocked_by", Text),  # the rule that refuses
    Column("cure", String(16)),
    Column("cure_detail", String(64)),
    Column("done_reason", String(16)),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("campaign_id", "contact_id"),
    Index(
        "ix_enrollments_due",
        "campaign_id",
        "lane",
        "priority",
        "next_eligible_at",
        sqlite_where=text("stage = 'due'"),
        postgresql_where=text("stage = 'due'"),
    ),
    Index(
        "ix_enrollments_leased",
        "lease_until",
        sqlite_where=text("stage = 'claimed'"),
        postgresql_where=text("stage = 'claimed'"),
    ),
    Index(
        "ix_enrollments_blocked",
        "cure",
        "cure_detail",
        sqlite_where=text("stage = 'blocked'"),
        postgresql_where=text("stage = 'blocked'"),
    ),
    Index("ix_enrollments_contact", "contact_id"),
)

# Written out rather than bound: a partial index serves only where the planner sees its condition.
IS_DUE = enrollments.c.stage == literal_column("'due'")

rulebooks = Table(
    "rulebooks",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),  # every rule file, zlib-compressed JSON {name: text}
    Column("first_used_at", Moment, nullable=False),
)

# One row a question to the gate; the gate is pure, so every check's verdict can be recomputed from the facts.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seller_id", String(64), nullable=False),
    Column("campaign_id", Integer, nullable=False),
    Column("enrollment_id", Integer, nullable=False),
    Column("contact_id", Integer, nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("attempt_id", Uuid),
    Column("channel", String(8), nullable=False),
    Column("mode", String(16)),
    Column("verdict", String(8), nullable=False),
    Column("rules", Structure, nullable=False),  # ids of the deciding rules, strictest first
    Column("until", Moment),
    Column("rulebook", String(64), nullable=False),
    Column("facts_sealed", Sealed, nullable=False),
    Column("times", Integer, nullable=False, server_default=text("1")),  # the same hold again only counts
    Column("decided_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("sealed_in", Integer),  # its position in the sealed log
    Index("ix_decisions_enrollment", "enrollment_id"),
    Index("ix_decisions_contact", "contact_id"),
    Index(
        "ix_decisions_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
    postgresql_partition_by="RANGE (id)",
)

# Totals shown to people, written in the transaction of the fact that they count.
rollups = Table(
    "rollups",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("metric", String(120), primary_key=True),  # attempts|voice|predictive|reached, decisions|hold|us.hours …
    Column("value", Integer, nullable=False),
)

halts = Table(
    "halts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope", String(16), nullable=False),  # all | seller | jurisdiction | campaign
    Column("value", String(64), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("lifted_at", Moment),
    Column("by", Text, nullable=False),
)
