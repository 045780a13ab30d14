"""People who answered and wait for an agent, and by when the law wants one"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = (
    ("answer_within_seconds", sa.Integer()),
    ("judged_from", sa.String(16)),
    ("waiting_since", sa.DateTime(timezone=True)),
    ("waiting_queue", sa.String(64)),
    ("joining_since", sa.DateTime(timezone=True)),
    ("redirect_at", sa.DateTime(timezone=True)),
)
INDEXES = (
    ("ix_attempts_waiting", "waiting_since"),
    ("ix_attempts_joining", "joining_since"),
    ("ix_attempts_redirect", "redirect_at"),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("attempts", sa.Column(name, kind, nullable=True))
    for name, column in INDEXES:
        only = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "attempts", [column], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for name, _ in INDEXES:
        op.drop_index(name, table_name="attempts")
    for name, _ in reversed(COLUMNS):
        op.drop_column("attempts", name)
