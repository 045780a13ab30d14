"""Every family of tables, imported so that the metadata knows them all."""

from orchestrator.persistence.tables import (
    account,
    accountability,
    agents,
    attempts,
    callers,
    campaigns,
    consenting,
    conversations,
    deliveries,
    desk,
    documents,
    law,
    lists,
    opting_in,
    pacing,
    people,
    proof,
    retention,
    rights,
    seals,
    task_routing,
    texting,
)
from orchestrator.persistence.tables.columns import metadata

__all__ = ["FAMILIES", "metadata"]

FAMILIES = (
    account,
    accountability,
    agents,
    attempts,
    callers,
    campaigns,
    consenting,
    conversations,
    deliveries,
    desk,
    documents,
    law,
    lists,
    opting_in,
    pacing,
    people,
    proof,
    retention,
    rights,
    seals,
    task_routing,
    texting,
)
