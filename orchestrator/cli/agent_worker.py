"""Linking an agent to their TaskRouter worker, for the commands that do."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from orchestrator.domain.errors import CarrierError, UserError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from orchestrator.bootstrap import House

WORKER_SID = re.compile(r"WK[0-9a-fA-F]{32}")


def worker_sid(house: "House", named: str | None) -> str | None:
    """The sid of the worker named so, by sid or by name; None for none. Raises UserError where there is no such one."""
    if named is None:
        return None
    router = house.task_router
    if router is None:
        raise UserError(
            "No workspace is set: name it in ORCHESTRATOR_TASKROUTER_WORKSPACE (WS…), and its workflow in "
            "ORCHESTRATOR_TASKROUTER_WORKFLOW (WW…)."
        )
    try:
        found = router.workers()
    except CarrierError as error:
        raise UserError(f"The workspace could not be asked (error {error.carrier_code}): {error}") from None
    wanted = named if WORKER_SID.fullmatch(named) else named.lower()
    match = next((one for one in found if wanted in {one.sid, one.name.lower()}), None)
    if match is None:
        raise UserError(f"The workspace has no worker '{named}' among {len(found)}; give a WK… sid or a worker's name.")
    return match.sid


def link_worker(tx: "Connection", agent_id: str, sid: str | None, now: datetime) -> None:
    """Link the two; raises UserError where either is linked to another."""
    from sqlalchemy import select

    from orchestrator.persistence import task_workers
    from orchestrator.persistence.tables.task_routing import task_workers as table

    if sid is None:
        return
    standing = tx.execute(select(table).where((table.c.agent_id == agent_id) | (table.c.worker_sid == sid))).first()
    if standing is not None and (standing.agent_id, standing.worker_sid) != (agent_id, sid):
        raise UserError(f"Agent '{standing.agent_id}' is linked to worker {standing.worker_sid} already.")
    if standing is None:
        task_workers.link(tx, agent_id, sid, now)
