"""Agents who are workers of the carrier's task router, and the tasks that lay people before them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from orchestrator.persistence.tables.columns import Moment, metadata

task_workers = Table(
    "task_workers",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("worker_sid", String(40), nullable=False, unique=True),
    Column("available", Boolean),  # as last read from the router; null: never read
    Column("free_capacity", Integer),
    Column("news_at", Moment),  # the world's moment of news that has not been read up on yet
    Column("read_at", Moment),
    Column("posted", String(16)),  # where we put them last: a Post
    Column("bring_back", Boolean, nullable=False, server_default=text("false")),  # a reservation timed out on them
)

agent_tasks = Table(
    "agent_tasks",
    metadata,
    Column("offer_id", ForeignKey("offers.id", ondelete="CASCADE"), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("worker_sid", String(40), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("sid", String(40)),
    Column("leg_sid", String(40)),
    Column("planned_at", Moment, nullable=False),
    Column("looked_at", Moment, nullable=False),  # the world's moment of the last question or order about it
    Column("reason", Text),  # why it ended, as the router was told
    Index(
        "ix_agent_tasks_open",
        "looked_at",
        sqlite_where=text("stage <> 'over'"),
        postgresql_where=text("stage <> 'over'"),
    ),
    Index("ix_agent_tasks_agent", "agent_id"),
)
