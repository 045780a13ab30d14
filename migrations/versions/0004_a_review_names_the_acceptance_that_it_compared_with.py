"""A review names the acceptance that it compared with"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rulebook_reviews", sa.Column("acceptance", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rulebook_reviews") as reviews:
        reviews.drop_column("acceptance")
