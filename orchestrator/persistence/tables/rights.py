"""What people asked about their own data, what was done, what may not go yet, and who was erased."""

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

rights_requests = Table(
    "rights_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject_sealed", Sealed),  # JSON: named, and what the kind asks besides; None once the person is erased
    Column("contact_id", ForeignKey("contacts.id", ondelete="SET NULL")),
    Column("jurisdiction", String(16), nullable=False),
    Column("channel", String(16), nullable=False),  # how it came: letter, email, phone, text, web
    Column("received_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rule", String(64), nullable=False),  # which deadline of config/rights.toml
    Column("due_on", Date, nullable=False),
    Column("extended_at", Moment),  # when the person was told
    Column("identity", String(8)),  # needed | passed | failed; None: nobody doubted
    Column("paused_on", Date),  # since when the clock stands
    Column("alarmed_day", Integer, nullable=False, server_default=text("0")),  # the last alarm that was given
    Column("progress", Structure, nullable=False),  # of an erasure: what is finished; ids and names of tables alone
    Column("report", Structure, nullable=False),  # what was done and what was kept, in words without a person
    Column("closed_at", Moment),
    Index(
        "ix_rights_requests_open",
        "due_on",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

# Whose request it is, by every number of theirs. ``is_shared``: another person of the seller answers there as well.
rights_numbers = Table(
    "rights_numbers",
    metadata,
    Column("request_id", ForeignKey("rights_requests.id", ondelete="CASCADE"), primary_key=True),
    Column("number_key", NumberKey, primary_key=True),
    Column("is_shared", Boolean, nullable=False),
    Index("ix_rights_numbers_number", "number_key"),
)

# Append-only: who did what when, and why.
rights_steps = Table(
    "rights_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("rights_requests.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("step", String(24), nullable=False),
    Column("note_sealed", Sealed),  # JSON: reasons, what was there before
    Index("ix_rights_steps_request", "request_id"),
)

# What must not go while a complaint or a claim needs it: neither erasure nor retention takes rows of a held number.
holds = Table(
    "holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("request_id", ForeignKey("rights_requests.id", ondelete="SET NULL")),
    Column("reason_sealed", Sealed, nullable=False),
    Column("placed_at", Moment, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("released_at", Moment),
    Column("released_by", Text),
    Index("ix_holds_number", "seller_id", "number_key"),
)

# The journal: keys alone. It leaves with every backup, and a restored one replays it before anything starts.
erasures = Table(
    "erasures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("subject_key", NumberKey, nullable=False),
    Column("is_number", Boolean, nullable=False),  # else the key of the seller's own id for the person
    Column("contact_id", Integer),  # who of those that have the number, where several do
    Column("at", Moment, nullable=False),
    Column("request_id", Integer),
    Column("lifted_at", Moment),  # by a new yes of the person's own
    Column("exported_at", Moment),  # when it was written to the journal's file
    Index("ix_erasures_subject", "seller_id", "subject_key"),
)

# What proves a consent of somebody erased: the wording, its version and dates, and nothing that names them. The consent
# itself is append-only, and its proof was emptied.
kept_proofs = Table(
    "kept_proofs",
    metadata,
    Column("consent_id", Integer, primary_key=True, autoincrement=False),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("number_key", NumberKey, nullable=False),
    Column("proof_sealed", Sealed, nullable=False),
    Column("kept_at", Moment, nullable=False),
    Index("ix_kept_proofs_number", "seller_id", "number_key"),
)

# What the carrier must delete, tried until it confirms. ``sid`` None: it is asked for by the attempt's.
carrier_erasures = Table(
    "carrier_erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("request_id", Integer),
    Column("channel", String(8), nullable=False),  # voice: the call with its recordings; sms: the message
    Column("attempt_id", Uuid),
    Column("sid", String(40)),
    Column("filed_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),  # real time
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("done_at", Moment),
    Column("result", Text),  # deleted | redacted | gone | never sent, or why the last try failed
    UniqueConstraint("attempt_id"),
    UniqueConstraint("sid"),
    Index(
        "ix_carrier_erasures_open",
        "due_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)
