"""Linking an agent to their TaskRouter worker, for the commands that do."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from orchestrator.domain.errors import CarrierError, UserError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from orchestrator.bootstrap import House
    from orchestrator.domain.task_routing import TaskRouter

WORKER_SID = re.compile(r"WK[0-9a-fA-F]{32}")


def worker_sid(house: "House", named: str | None) -> str | None:
    """The sid of the worker named so, by sid or by name; None for none. Raises UserError where there is no such one."""
    if named is None:
        return None
    with asking_workspace(house) as router:
        found = router.workers()
    wanted = named if WORKER_SID.fullmatch(named) else named.lower()
    match = next((one for one in found if wanted in {one.sid, one.name.lower()}), None)
    if match is None:
        raise UserError(
            f"The workspace has no worker '{named}'; `orchestrator agents workers` shows the {len(found)} that it has."
        )
    return match.sid


@contextmanager
def asking_workspace(house: "House") -> "Iterator[TaskRouter]":
    """The task router; raises UserError where none is set, or it does not answer."""
    router = house.task_router
    if router is None:
        raise UserError(
            "No workspace is set: name it in ORCHESTRATOR_TASKROUTER_WORKSPACE (WS…), and its workflow in "
            "ORCHESTRATOR_TASKROUTER_WORKFLOW (WW…)."
        )
    try:
        yield router
    except CarrierError as error:
        why = f"error {error.carrier_code}" if error.carrier_code else "no usable answer"
        raise UserError(
            f"The workspace could not be asked ({why}): check ORCHESTRATOR_TASKROUTER_WORKSPACE and the account's "
            "credentials, then ask again."
        ) from None


def print_workers(house: "House", *, as_json: bool) -> None:
    """A table of everybody, or one JSON object a line."""
    from rich.table import Table

    from orchestrator.cli.tables import print_table
    from orchestrator.persistence import task_workers

    with house.store.read() as tx:
        agents = {row.worker_sid: row.id for row in task_workers.all_linked(tx)}
    with asking_workspace(house) as router:
        rows = [
            {**asdict(one), "free_capacity": router.free_capacity(one.sid), "agent": agents.get(one.sid)}
            for one in router.workers()
        ]
    table = Table("worker", "name", "activity", "takes tasks", "free for calls", "agent")
    for row in rows:
        takes = "yes" if row["available"] else "no"
        table.add_row(row["sid"], row["name"], row["activity"], takes, str(row["free_capacity"]), row["agent"] or "")
    if not as_json:
        print_table(table)
        return
    for row in rows:
        typer.echo(json.dumps(row))


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
