"""Find the few stops after which somebody wrote START without reading all stops at each sealing"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

AGAIN = sa.text("texts_again_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_suppressions_texts_again", "suppressions", ["id"], sqlite_where=AGAIN, postgresql_where=AGAIN)


def downgrade() -> None:
    op.drop_index("ix_suppressions_texts_again", table_name="suppressions")
