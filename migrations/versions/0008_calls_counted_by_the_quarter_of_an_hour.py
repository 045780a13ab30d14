"""Calls counted by the quarter of an hour, pacers' states and reasons, and tests of the detection"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    _create_counts()
    _create_pacing()
    _create_tests()


def _create_counts() -> None:
    op.create_table(
        "call_counts",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("quarter_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("human", sa.Integer(), nullable=False),
        sa.Column("connected", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.Column("marked", sa.Integer(), nullable=False),
        sa.Column("detected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_call_counts_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "quarter_at", "country", "mode", "outcome", name=op.f("pk_call_counts")),
    )


def _create_pacing() -> None:
    op.create_table(
        "pacer_states",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("shift_began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.Column("state", STRUCTURE, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_pacer_states_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_pacer_states")),
    )
    op.create_table(
        "pacing_reasons",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.Column("ringing", sa.Integer(), nullable=False),
        sa.Column("detecting", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=True),
        sa.Column("allowed", sa.Float(), nullable=True),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("limited_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_pacing_reasons_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "at", name=op.f("pk_pacing_reasons")),
    )


def _create_tests() -> None:
    op.create_table(
        "detection_tests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("amd", sa.String(length=16), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("tested_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_detection_tests_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detection_tests")),
    )
    op.create_index("ix_detection_tests_seller", "detection_tests", ["seller_id", "country"])


def downgrade() -> None:
    for table in ("detection_tests", "pacing_reasons", "pacer_states", "call_counts"):
        op.drop_table(table)
