"""Sellers, the people on their lists, and what those people allowed or forbade."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from orchestrator.persistence.tables.columns import Moment, NumberKey, Sealed, Structure, metadata

# One row: which keys made the number keys of this installation, and a proof that the right ones are here.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number_key_chain", Text, nullable=False),  # ids of keys, oldest first, joined by spaces
    Column("proof", NumberKey, nullable=False),
    Column("created_at", Moment, nullable=False),
)

sellers = Table(
    "sellers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("callback_number", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("registrations", Structure, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# What we send from: a number or a messaging service. Each belongs to one seller, so a STOP to it binds that seller.
senders = Table(
    "senders",
    metadata,
    Column("address", String(40), primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("stops_by", String(8)),  # who answers STOP: carrier | us; None: as is usual for its type
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("external_key", NumberKey),  # keyed HMAC of the seller's own id for the person
    Column("profile_sealed", Sealed, nullable=False),  # JSON: name, address, postal_code, external_id …
    Column("country", String(2), nullable=False),
    Column("region", String(8)),
    Column("time_zone", String(64)),
    Column("language", String(16)),
    Column("subscriber", String(16), nullable=False, server_default="consumer"),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("erased_at", Moment),
    UniqueConstraint("seller_id", "external_key"),
)

contact_points = Table(
    "contact_points",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("number_sealed", Sealed, nullable=False),  # E.164
    Column("country", String(2), nullable=False),  # of the number
    Column("position", Integer, nullable=False),  # as the list ordered them
    Column("label", String(32)),  # home, work, mobile … as the list named the column
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("contact_id", "number_key"),
    Index("ix_contact_points_seller_number", "seller_id", "number_key"),
)

# What is known of a number whoever holds it: its line type with the date it was looked up, and whether it is dead.
number_facts = Table(
    "number_facts",
    metadata,
    Column("number_key", NumberKey, primary_key=True),
    Column("line_type", String(16), nullable=False, server_default="unknown"),
    Column("line_type_at", Moment),
    Column("line_type_error", Integer),
    Column("dead_at", Moment),
    Column("dead_reason", Text),
)

# What the Reassigned Numbers Database said of a number, by the day that it was asked about.
reassigned_answers = Table(
    "reassigned_answers",
    metadata,
    Column("number_key", NumberKey, primary_key=True),
    Column("last_verified_on", Date, primary_key=True),
    Column("result", String(8)),  # yes | no | no_data; None: asked, and never answered
    Column("checked_at", Moment),  # when it was answered
    Column("asked_at", Moment, nullable=False),  # when it was asked last, answered or not
    Column("error", Integer),  # of the last time; an earlier answer stays
)

# Append-only, which triggers of the database see to: what becomes of a consent is a row of its own. The law alone may
# blank evidence or delete a row, and only one that a removal names.
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("contact_id", ForeignKey("contacts.id", ondelete="SET NULL")),
    Column("number_key", NumberKey, nullable=False),
    Column("event", String(16), nullable=False),  # requested | given | refused | withdrawn | expired | invalidated
    Column("channel", String(8), nullable=False),
    Column("level", String(24)),  # None for what gives nothing
    Column("automated", Boolean, nullable=False, server_default=text("false")),
    Column("happened_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("states_period", Boolean, nullable=False, server_default=text("false")),
    Column("source", String(32)),
    Column("subject", Text),
    Column("to_caller", Boolean, nullable=False, server_default=text("true")),
    Column("opt_out_offered", Boolean),
    Column("evidence_sealed", Sealed),  # None: unproven, which counts nowhere
    Column("record_id", Uuid),  # of the consent that the event tells of
    Column("purpose", String(24)),  # None: none was named
    Column("language", String(16)),
    Column("jurisdiction", String(8)),
    Column("collection", String(16)),  # web_form, paper, agent …
    Column("notice", Text),
    Column("notice_version", String(64)),
    Column("recorded_by", Text),
    Column("list_id", Integer),  # the list that brought it
    Column("terms_id", Integer),  # of consent_terms, as they were when it was recorded
    Index("ix_consents_seller_number", "seller_id", "number_key"),
    Index("ix_consents_record_id", "record_id"),
    Index("ix_consents_contact_id", "contact_id"),
    Column("sealed_in", Integer),  # its position in the sealed log
    Index(
        "ix_consents_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
)

# By number, so that it survives erasure; binds every campaign and channel that it covers.
suppressions = Table(
    "suppressions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("scope", String(16), nullable=False, server_default="all"),
    Column("campaign_id", Integer),  # where it was received
    Column("at", Moment, nullable=False),
    Column("source", Text, nullable=False),  # reply, keypress, import, console …
    Column("lifted_at", Moment),  # only by a new opt-in of the person
    Column("texts_again_at", Moment),  # START: texts may come again, and nothing else
    Column("news_filed_at", Moment),  # since when the carrier's own list is on its way to know; None: it is not
    Index("ix_suppressions_seller_number", "seller_id", "number_key"),
    Index(
        "ix_suppressions_news",
        "id",
        sqlite_where=text("news_filed_at IS NULL"),
        postgresql_where=text("news_filed_at IS NULL"),
    ),
    Column("sealed_in", Integer),  # its position in the sealed log
    Column("lift_sealed_in", Integer),  # where its lifting is
    Index(
        "ix_suppressions_unsealed",
        "id",
        sqlite_where=text("sealed_in IS NULL"),
        postgresql_where=text("sealed_in IS NULL"),
    ),
    Index(
        "ix_suppressions_lift_unsealed",
        "id",
        sqlite_where=text("lift_sealed_in IS NULL AND lifted_at IS NOT NULL"),
        postgresql_where=text("lift_sealed_in IS NULL AND lifted_at IS NOT NULL"),
    ),
    Index(
        "ix_suppressions_texts_again",
        "id",
        sqlite_where=text("texts_again_at IS NOT NULL"),
        postgresql_where=text("texts_again_at IS NOT NULL"),
    ),
)
