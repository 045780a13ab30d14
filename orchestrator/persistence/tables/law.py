"""Which rulebook is in force and who accepted it, and where an emergency is declared."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from orchestrator.persistence.tables.columns import Moment, Structure, metadata

# What somebody was shown before they accepted: the token that `rules accept` asks for.
rulebook_reviews = Table(
    "rulebook_reviews",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("digest", ForeignKey("rulebooks.digest"), nullable=False),
    Column("against", String(64), nullable=False),  # the digest in force when it was shown
    Column("diff_hash", String(64), nullable=False),
    Column("replay_hash", String(64), nullable=False),
    Column("campaigns", Structure, nullable=False),  # ids of those that were replayed
    Column("reviewed_at", Moment, nullable=False),
    Column("reviewed_by", Text, nullable=False),
    Column("acceptance", Integer),  # its number then; a digest can come into force twice, an acceptance cannot
)

# Append-only; the row with the highest number is in force. Numbers have no gaps: a primary key decides a race.
rulebook_acceptances = Table(
    "rulebook_acceptances",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", ForeignKey("rulebooks.digest"), nullable=False),
    Column("content_digest", String(64), nullable=False),  # of the files alone
    Column("versions", Structure, nullable=False),  # of the tables beside them, by library; empty where not known
    Column("previous", String(64)),
    Column("how", String(16), nullable=False),  # first | in_use | reviewed
    Column("review_id", ForeignKey("rulebook_reviews.id")),
    Column("diff_hash", String(64)),
    Column("replay_hash", String(64)),
    Column("accepted_at", Moment, nullable=False),
    Column("accepted_by", Text, nullable=False),
    Column("role", String(32)),
    Column("note", Text, nullable=False),
    Column("taken_up_at", Moment),  # when a worker had re-opened whoever the rulebook before had blocked
)

# A declared emergency lasts until it is ended or its time is over; rows are ended, never changed.
emergencies = Table(
    "emergencies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("jurisdiction", String(16), nullable=False),
    Column("area", Structure, nullable=False),  # postal_codes, area_codes, counties; empty: all of it
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("source", Text, nullable=False),
    Column("citation", Text, nullable=False),
    Column("origin", String(16), nullable=False),  # feed | command
    Column("declared_by", Text, nullable=False),
    Column("declared_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Text),
    Column("reopened_at", Moment),  # when whoever it had blocked was due again
    Index(
        "ix_emergencies_open",
        "jurisdiction",
        sqlite_where=text("reopened_at IS NULL"),
        postgresql_where=text("reopened_at IS NULL"),
    ),
)
