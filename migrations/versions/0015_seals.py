"""Sealed logs, their heads and keys, and a mark on every row that is entered in one"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UNSEALED = "sealed_in IS NULL"
LIFT_UNSEALED = "lift_sealed_in IS NULL AND lifted_at IS NOT NULL"
MARKED = (
    "attempts",
    "inbound_contacts",
    "decisions",
    "consents",
    "suppressions",
    "dispositions",
    "accesses",
    "removals",
)


def upgrade() -> None:
    _create_logs()
    _create_rejudgements()
    for table in MARKED:
        op.add_column(table, sa.Column("sealed_in", sa.Integer(), nullable=True))
        _index(f"ix_{table}_unsealed", table, UNSEALED)
    op.add_column("suppressions", sa.Column("lift_sealed_in", sa.Integer(), nullable=True))
    _index("ix_suppressions_lift_unsealed", "suppressions", LIFT_UNSEALED)


def _index(name: str, table: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, ["id"], sqlite_where=where, postgresql_where=where)


def _create_logs() -> None:
    op.create_table(
        "seal_logs",
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_seal_logs")),
    )
    op.create_table(
        "seals",
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=True),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("removed_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("log", "position", name=op.f("pk_seals")),
        sqlite_with_rowid=False,
    )
    there = sa.text("salt IS NOT NULL")
    op.create_index(
        "uq_seals_row", "seals", ["form", "row_id"], unique=True, sqlite_where=there, postgresql_where=there
    )
    op.create_table(
        "seal_heads",
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("log", "size", name=op.f("pk_seal_heads")),
    )
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )


def _create_rejudgements() -> None:
    op.create_table(
        "rejudgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sid", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_in", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejudgements")),
    )
    op.create_index("ix_rejudgements_attempt", "rejudgements", ["attempt_id"])
    _index("ix_rejudgements_unsealed", "rejudgements", UNSEALED)


def downgrade() -> None:
    op.drop_index("ix_suppressions_lift_unsealed", table_name="suppressions")
    op.drop_column("suppressions", "lift_sealed_in")
    for table in MARKED:
        op.drop_index(f"ix_{table}_unsealed", table_name=table)
        op.drop_column(table, "sealed_in")
    for table in ("rejudgements", "signing_keys", "seal_heads", "seals", "seal_logs"):
        op.drop_table(table)
