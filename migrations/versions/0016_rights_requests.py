"""Requests of people about their data, holds, and the journal of erasures"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("attempts", sa.Column("erased_at", MOMENT, nullable=True))
    _create_requests()
    _create_holds()
    _create_erasures()
    _create_kept_proofs()
    _create_carrier_erasures()


def _create_requests() -> None:
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("jurisdiction", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended_at", MOMENT, nullable=True),
        sa.Column("identity", sa.String(length=8), nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("alarmed_day", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("progress", STRUCTURE, nullable=False),
        sa.Column("report", STRUCTURE, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_rights_requests_seller_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_rights_requests_contact_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
    )
    op.create_index(
        "ix_rights_requests_open",
        "rights_requests",
        ["due_on"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "rights_numbers",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("number_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_requests.id"], name=op.f("fk_rights_numbers_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "number_key", name=op.f("pk_rights_numbers")),
    )
    op.create_index("ix_rights_numbers_number", "rights_numbers", ["number_key"], unique=False)
    op.create_table(
        "rights_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_requests.id"], name=op.f("fk_rights_steps_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_steps")),
    )
    op.create_index("ix_rights_steps_request", "rights_steps", ["request_id"], unique=False)


def _create_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_holds_seller_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_requests.id"], name=op.f("fk_holds_request_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_number", "holds", ["seller_id", "number_key"], unique=False)


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("subject_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("is_number", sa.Boolean(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("exported_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_erasures_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_subject", "erasures", ["seller_id", "subject_key"], unique=False)


def _create_kept_proofs() -> None:
    op.create_table(
        "kept_proofs",
        sa.Column("consent_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("number_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("proof_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_kept_proofs_seller_id")),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_kept_proofs")),
    )
    op.create_index("ix_kept_proofs_number", "kept_proofs", ["seller_id", "number_key"], unique=False)


def _create_carrier_erasures() -> None:
    op.create_table(
        "carrier_erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("sid", sa.String(length=40), nullable=True),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_carrier_erasures_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_erasures")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_carrier_erasures_attempt_id")),
        sa.UniqueConstraint("sid", name=op.f("uq_carrier_erasures_sid")),
    )
    op.create_index(
        "ix_carrier_erasures_open",
        "carrier_erasures",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("carrier_erasures")
    op.drop_table("kept_proofs")
    op.drop_table("erasures")
    op.drop_table("holds")
    op.drop_table("rights_steps")
    op.drop_table("rights_numbers")
    op.drop_table("rights_requests")
    with op.batch_alter_table("attempts") as batch:
        batch.drop_column("erased_at")
