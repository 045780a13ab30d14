"""Answers about reassigned numbers, and what makes a scrub provable"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reassigned_answers",
        sa.Column("number_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("last_verified_on", sa.Date(), nullable=False),
        sa.Column("result", sa.String(length=8), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number_key", "last_verified_on", name=op.f("pk_reassigned_answers")),
    )
    op.add_column("scrubs", sa.Column("answers_digest", sa.String(length=64), nullable=True))
    op.create_index("ix_scrubs_list_id", "scrubs", ["list_id"])
    op.create_index("ix_scrubs_campaign_id", "scrubs", ["campaign_id"])


def downgrade() -> None:
    op.drop_index("ix_scrubs_campaign_id", table_name="scrubs")
    op.drop_index("ix_scrubs_list_id", table_name="scrubs")
    with op.batch_alter_table("scrubs") as scrubs:
        scrubs.drop_column("answers_digest")
    op.drop_table("reassigned_answers")
