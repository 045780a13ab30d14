"""Every family of tables, imported so that the metadata knows them all."""

from orchestrator.persistence.tables import (
    account,
    accountability,
    attempts,
    callers,
    campaigns,
    desk,
    law,
    lists,
    pacing,
    people,
    proof,
    task_routing,
)
from orchestrator.persistence.tables.columns import metadata

__all__ = ["FAMILIES", "metadata"]

FAMILIES = (
    account,
    accountability,
    attempts,
    callers,
    campaigns,
    desk,
    law,
    lists,
    pacing,
    people,
    proof,
    task_routing,
)
