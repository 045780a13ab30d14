"""One worker, one person whom only a preview may reach, and every step of a task taken by hand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import CallStatus, CarrierRecord
from orchestrator.domain.contact_request import Channel, LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.events import CarrierEvent, EventKind, RoomChange
from orchestrator.persistence import agents, task_workers
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.agents import offers as offers_table
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.task_routing import agent_tasks
from orchestrator.persistence.tables.task_routing import task_workers as workers_table
from orchestrator.pipeline import offers, settlement
from orchestrator.pipeline.reception.answering import answer
from orchestrator.pipeline.reception.plans import Join
from orchestrator.pipeline.task_routing import tasks, workers
from orchestrator.pipeline.task_routing.desk import TaskDesk
from tests.integration.task_routing.router import RouterInMemory
from tests.world import World, numbers

ANN = "WK" + "a" * 32
LEG = "CA" + f"{1:032d}"


class Desk:
    """The engine's side, and what the router says to it."""

    def __init__(self, world: World, carrier: InProcessCarrier) -> None:
        self.world, self.carrier, self.router = world, carrier, RouterInMemory()
        self.campaign = world.a_campaign()
        self.person = world.a_contact(numbers(1), line_type=LineType.MOBILE)
        world.enrol(self.campaign, self.person, lane=Lane.PREVIEW)
        self.router.has(ANN)
        with world.store.write() as tx:
            facts = {"name": "Ann", "queue": "sales", "address": "client:ann", "wrap_up_seconds": 15}
            agents.add(tx, world.store.keyring, "ann", **facts, now=world.now)  # type: ignore[arg-type]
            task_workers.link(tx, "ann", ANN, world.now)

    def read_workers(self) -> workers.WorkersReport:
        return workers.run_once(self.world.store, self.router, self.world.now)

    def offer(self) -> offers.OffersReport:
        report = offers.run_once(self.world.dispatcher, self.world.campaign(self.campaign))
        assert self.world.placer.drain(30)
        return report

    def step(self) -> tasks.TasksReport:
        desk = TaskDesk(store=self.world.store, router=self.router, carrier=self.carrier, rulebook=self.world.rulebook)
        return tasks.run_once(desk, self.world.now)

    def laid(self) -> str:
        """A person lies before Ann as a task; its sid."""
        self.read_workers()
        assert self.offer().offered == 1
        self.step()
        return str(self.task.sid)

    def joined(self) -> str:
        """Ann said yes, and waits in her conference."""
        sid = self.laid()
        self.router.becomes(sid, "assigned")
        self.tell(self.news("reservation.accepted"))
        self.step()
        self.tell(self.leg(CallStatus.IN_PROGRESS))
        return sid

    def talked(self) -> str | None:
        """The person answers, talks with Ann, and hangs up; the call's outcome."""
        [attempt] = self.world.attempts()
        event = CarrierEvent(
            kind=EventKind.ANSWER, key="answer", sid=attempt.sid, to="", from_="", reference=attempt.id
        )
        assert isinstance(answer(self.world.store, event, self.world.now), Join)
        entered = replace(event, kind=EventKind.ROOM, key="room", agent_id="ann", room_change=RoomChange.ENTERED)
        self.tell(entered)
        over = replace(event, kind=EventKind.CALL_STATUS, key="over", call_status=CallStatus.COMPLETED)
        self.tell(over)
        outcome: str | None = self.world.attempt(attempt.id).outcome
        return outcome

    def carrier_says(self, status: CallStatus) -> None:
        """A fetch of Ann's leg says so from now on."""
        self.carrier.records[LEG] = CarrierRecord(
            sid=LEG, channel=Channel.VOICE, to="client:ann", from_="", status=status.value, created_at=None
        )

    def pass_seconds(self, seconds: float) -> None:
        self.world.now += timedelta(seconds=seconds)

    def tell(self, *events: CarrierEvent) -> None:
        for event in events:
            with self.world.store.write() as tx:
                settlement.apply(tx, event, self.world.now)

    def news(self, kind: str, **facts: str) -> CarrierEvent:
        sid = self.task.sid if self.tasks() else ""
        about = {"type": kind, "task_sid": sid, "worker_sid": ANN, "offer_id": "1", **facts}
        return CarrierEvent(kind=EventKind.TASK_NEWS, key=kind, sid="EV1", to="", from_="", facts=about)

    def leg(self, status: CallStatus, sid: str = LEG) -> CarrierEvent:
        return CarrierEvent(
            kind=EventKind.TASK_LEG, key=f"{sid}{status}", sid=sid, to="client:ann", from_="", call_status=status,
            facts={"offer_id": "1"},
        )  # fmt: skip

    def tasks(self) -> list[Record]:
        with self.world.store.read() as tx:
            return list(tx.execute(select(agent_tasks).order_by(agent_tasks.c.offer_id)))

    @property
    def task(self) -> Record:
        return self.tasks()[-1]

    @property
    def agent(self) -> Record:
        with self.world.store.read() as tx:
            return tx.execute(select(agents_table).where(agents_table.c.id == "ann")).one()

    @property
    def worker(self) -> Record:
        with self.world.store.read() as tx:
            return tx.execute(select(workers_table)).one()

    def offer_state(self) -> tuple[str, str | None]:
        with self.world.store.read() as tx:
            row = tx.execute(select(offers_table).order_by(offers_table.c.id.desc())).first()
        assert row is not None
        return row.state, row.reason

    def facts(self) -> tuple[Any, ...]:
        """All that matters of where things stand."""
        enrollment = self.world.enrollment(self.person)
        return self.task.stage, self.offer_state()[0], self.agent.state, enrollment.stage


@pytest.fixture
def desk(world: World, carrier: InProcessCarrier) -> Desk:
    return Desk(world, carrier)
