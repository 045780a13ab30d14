"""Flex agents of a journey: a workspace of the sandbox, workers in it, and how they behave."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from twilio.rest import Client

from orchestrator.carrier.transport import Transport
from orchestrator.persistence import agents, task_workers
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.agents import offers
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.task_routing import agent_tasks
from tests.journeys.stage import ACCOUNT, TOKEN, Stage
from tests.world import NOON


class Floor:
    """A workspace made by the official SDK once the sandbox serves; the worker process is told of it."""

    def __init__(self, stage: Stage, *, reservation_seconds: int = 120) -> None:
        self.stage = stage
        client = Client(ACCOUNT, TOKEN, http_client=Transport(threads=2, base_url=stage.url))
        callbacks = stage.environment["ORCHESTRATOR_PUBLIC_URL"]
        made = client.taskrouter.v1.workspaces.create(
            friendly_name="Flex Task Assignment", event_callback_url=f"{callbacks}/tasks/events"
        )
        self.space = client.taskrouter.v1.workspaces(str(made.sid))
        self.space.activities.create(friendly_name="Outbound calls", available=False)
        self.activity = {str(one.friendly_name): str(one.sid) for one in self.space.activities.list()}
        queue = self.space.task_queues.create(friendly_name="Everyone", target_workers="1==1")
        rules = {"task_routing": {"default_filter": {"queue": queue.sid}}}
        workflow = self.space.workflows.create(
            friendly_name="Previews", configuration=json.dumps(rules), task_reservation_timeout=reservation_seconds
        )
        stage.environment["ORCHESTRATOR_TASKROUTER_WORKSPACE"] = str(made.sid)
        stage.environment["ORCHESTRATOR_TASKROUTER_WORKFLOW"] = str(workflow.sid)

    def agent(self, name: str, *deeds: str, available: bool = True, **manner: Any) -> str:
        """An agent who is a worker of that name and does these things, reservation by reservation; the worker's sid."""
        activity = self.activity["Available" if available else "Offline"]
        worker = self.space.workers.create(friendly_name=name, activity_sid=activity, attributes="{}")
        if deeds:
            self.behaves(str(worker.sid), *deeds, **manner)
        store = self.stage.store
        with store.write() as tx:
            facts = {"name": name, "queue": "sales", "address": f"client:{name}", "wrap_up_seconds": 5}
            agents.add(tx, store.keyring, name, **facts, now=NOON)  # type: ignore[arg-type]
            task_workers.link(tx, name, str(worker.sid), NOON)
        return str(worker.sid)

    def behaves(self, worker_sid: str, *deeds: str, **manner: Any) -> None:
        """From the next reservation on."""
        self.stage.control("workers", {"worker": worker_sid, "deeds": list(deeds), **manner})

    def goes(self, worker_sid: str, activity: str) -> None:
        """The worker changes their activity by themselves."""
        self.space.workers(worker_sid).update(activity_sid=self.activity[activity])

    def doing(self, worker_sid: str) -> str:
        """The worker's activity by name."""
        return str(self.space.workers(worker_sid).fetch().activity_name)

    def state(self, agent_id: str) -> str:
        """What the engine takes the agent to be doing."""
        with self.stage.store.read() as tx:
            return str(tx.execute(select(agents_table.c.state).where(agents_table.c.id == agent_id)).scalar_one())

    def queue(self, agent_id: str) -> str:
        """Where the agent stands."""
        with self.stage.store.read() as tx:
            return str(tx.execute(select(agents_table.c.queue).where(agents_table.c.id == agent_id)).scalar_one())

    def offers(self) -> Sequence[tuple[str, str]]:
        """Who was offered somebody, and what came of it."""
        with self.stage.store.read() as tx:
            return [(row.agent_id, row.state) for row in tx.execute(select(offers).order_by(offers.c.id))]

    def tasks(self) -> Sequence[Record]:
        """Every task of ours."""
        with self.stage.store.read() as tx:
            return tx.execute(select(agent_tasks).order_by(agent_tasks.c.offer_id)).all()

    def attempts(self) -> Sequence[Record]:
        """Every call to a person."""
        with self.stage.store.read() as tx:
            return tx.execute(select(attempts).order_by(attempts.c.planned_at)).all()

    def heard(self) -> list[dict[str, Any]]:
        """Calls to people, as the sandbox saw them."""
        return [call for call in self.stage.report()["calls"] if not call["is_agent"]]

    def now(self) -> datetime:
        """The world's moment."""
        return self.stage.clock.now()
