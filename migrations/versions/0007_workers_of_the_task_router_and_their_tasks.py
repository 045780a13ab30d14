"""Workers of the task router, and the tasks that lay people before them"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_workers",
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("worker_sid", sa.String(length=40), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=True),
        sa.Column("free_capacity", sa.Integer(), nullable=True),
        sa.Column("news_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted", sa.String(length=16), nullable=True),
        sa.Column("bring_back", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_task_workers_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_task_workers")),
        sa.UniqueConstraint("worker_sid", name=op.f("uq_task_workers_worker_sid")),
    )
    op.create_table(
        "agent_tasks",
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("worker_sid", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("sid", sa.String(length=40), nullable=True),
        sa.Column("leg_sid", sa.String(length=40), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_agent_tasks_offer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_agent_tasks_agent_id")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_agent_tasks")),
    )
    open_tasks = sa.text("stage <> 'over'")
    op.create_index(
        "ix_agent_tasks_open", "agent_tasks", ["looked_at"], sqlite_where=open_tasks, postgresql_where=open_tasks
    )
    op.create_index("ix_agent_tasks_agent", "agent_tasks", ["agent_id"])


def downgrade() -> None:
    op.drop_index("ix_agent_tasks_agent", table_name="agent_tasks")
    op.drop_index("ix_agent_tasks_open", table_name="agent_tasks")
    op.drop_table("agent_tasks")
    op.drop_table("task_workers")
