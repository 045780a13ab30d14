"""Pages on which people opt in, what they said there, and how often they were asked."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, Uuid, text

from orchestrator.persistence.tables.columns import Moment, NumberKey, Sealed, Structure, metadata

opt_in_pages = Table(
    "opt_in_pages",
    metadata,
    Column("id", String(64), primary_key=True),  # as its address names it
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("campaign_id", ForeignKey("campaigns.id"), nullable=False),  # whose texts its confirmations are
    Column("version", String(64), nullable=False),  # the one that is shown
    Column("sender", String(40), nullable=False),  # to which people answer, and send the keyword
    Column("keyword", String(64)),  # without case, accents and punctuation
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Index("ix_opt_in_pages_sender", "sender"),
)

# Append-only: what a version said stays readable as long as a consent rests on it.
opt_in_versions = Table(
    "opt_in_versions",
    metadata,
    Column("page_id", ForeignKey("opt_in_pages.id"), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("page", Structure, nullable=False),
    Column("since", Moment, nullable=False),
    Column("by", Text, nullable=False),
)

PENDING = "state = 'pending'"
DUE = "due_at IS NOT NULL"

# Kept outside of the consents until the person has said yes. What an opt-in came to stays; who asked does not.
opt_ins = Table(
    "opt_ins",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("page_id", ForeignKey("opt_in_pages.id"), nullable=False),
    Column("version", String(64), nullable=False),  # of the page, as it was shown
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("number_sealed", Sealed),  # E.164; None once it has ended
    Column("details_sealed", Sealed),  # JSON: name, ticks and the evidence of the request; None once it has ended
    Column("state", String(16), nullable=False),
    Column("source", String(16), nullable=False),  # form | keyword | renewal
    Column("language", String(16), nullable=False),
    Column("country", String(2), nullable=False),
    Column("record_id", Uuid, nullable=False),  # of the consent events
    Column("requested_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("attempt_id", Uuid),  # of the confirmation
    Column("due_at", Moment),  # when the worker looks next; None while the person is waited for
    Column("held_by", Text),  # why it waits, or why it could not be asked
    Column("ended_at", Moment),
    Index(
        "uq_opt_ins_pending",
        "seller_id",
        "number_key",
        unique=True,
        sqlite_where=text(PENDING),
        postgresql_where=text(PENDING),
    ),
    Index("ix_opt_ins_expiry", "expires_at", sqlite_where=text(PENDING), postgresql_where=text(PENDING)),
    Index("ix_opt_ins_due", "due_at", sqlite_where=text(DUE), postgresql_where=text(DUE)),
    Index("ix_opt_ins_page", "page_id", "state"),
)

# Requests of late, by keyed hashes of whom they came from and whom they named, so that nobody uses a form as a weapon.
opt_in_requests = Table(
    "opt_in_requests",
    metadata,
    Column("key", NumberKey, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("at", Moment, nullable=False),
    Index("ix_opt_in_requests_at", "at"),
)
