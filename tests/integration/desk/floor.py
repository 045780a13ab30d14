"""Calls that agents have, made as the worker and the callbacks make them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.config_files import load_dispositions
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.disposition import Disposition
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.events import CarrierEvent, EventKind, RoomChange
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.desk import dispositions, transfers
from orchestrator.pipeline import follow_up, settlement
from orchestrator.pipeline.reception import answering
from orchestrator.pipeline.reception.receiving import receive
from tests.world import CONFIG, World, numbers

DEFAULTS: dict[str, Disposition] = load_dispositions(CONFIG)
WRAP_UP = timedelta(seconds=15)


def talking(world: World, *lines: str, agent: str = "kim", campaign: int | None = None, **facts: Any) -> UUID:
    """An agent in conversation with a person who has these numbers; the attempt."""
    campaign = campaign or world.a_campaign()
    person = world.a_contact(list(lines) or numbers(1), **facts)
    world.enrol(campaign, person)
    assert world.dispatch(campaign) == 1
    return joined(world, agent)


def joined(world: World, agent: str = "kim") -> UUID:
    """The newest attempt is answered, and the agent is joined to it."""
    attempt = world.attempts()[-1]
    if agent_row(world, agent) is None:
        world.an_agent(agent)
    answered = an_event(EventKind.ANSWER, attempt)
    answering.answer(world.store, answered, world.now)
    entered = replace(an_event(EventKind.ROOM, attempt), agent_id=agent, room_change=RoomChange.ENTERED, reference=None)
    receive(world.store, entered, world.now, lambda _: "other")
    settlement.run_once(world.store, world.now)
    assert agent_row(world, agent).attempt_id == attempt.id  # type: ignore[union-attr]
    return UUID(str(attempt.id))


def over(world: World, attempt_id: UUID, status: CallStatus = CallStatus.COMPLETED) -> None:
    """The carrier says that the call has ended."""
    event = an_event(EventKind.CALL_STATUS, world.attempt(attempt_id), call_status=status)
    receive(world.store, event, world.now, lambda _: "other")
    settlement.run_once(world.store, world.now)


def wrapped_up(world: World) -> None:
    """The wrap-up passes, and the person gets their next step."""
    world.now += WRAP_UP
    follow_up.run_once(world.store, world.now)


def an_event(kind: EventKind, attempt: Record, **others: Any) -> CarrierEvent:
    key = f"{attempt.sid}:{kind}:{others.get('call_status')}"
    return CarrierEvent(kind=kind, key=key, sid=attempt.sid, to="", from_="", reference=attempt.id, **others)


def agent_row(world: World, agent_id: str = "kim") -> Record | None:
    with world.store.read() as tx:
        return tx.execute(select(agents).where(agents.c.id == agent_id)).one_or_none()


def words(world: World) -> list[tuple[str, str | None, bool]]:
    """Every word on record: disposition, who, and whether it is a default."""
    with world.store.read() as tx:
        rows = tx.execute(select(dispositions).order_by(dispositions.c.id)).all()
    return [(row.disposition, row.agent_id, row.is_default) for row in rows]


def due_again(world: World, campaign: int, lane: Lane = Lane.PREDICTIVE) -> int:
    """How many calls a dispatch of the lane plans now."""
    return world.dispatch(campaign, lane)


def at_work(world: World, carrier: InProcessCarrier, *others: str) -> tuple[UUID, str]:
    """Kim has somebody on the line, and others wait in their rooms: attempt and the person's sid."""
    attempt_id = talking(world)
    for name in ("kim", *others):
        if name != "kim":
            world.an_agent(name)
        with world.store.write() as tx:
            tx.execute(update(agents).where(agents.c.id == name).values(leg_sid=f"leg-{name}"))
        carrier.rooms.seat(f"leg-{name}", f"agent-{name}", ends_room=True)
    sid = str(world.attempt(attempt_id).sid)
    carrier.set_status(sid, CallStatus.IN_PROGRESS)
    carrier.rooms.seat(sid, "agent-kim")
    return attempt_id, sid


def states(world: World, *names: str) -> list[str]:
    return [agent_row(world, name).state for name in names]  # type: ignore[union-attr]


def transfer_states(world: World) -> list[str]:
    with world.store.read() as tx:
        return list(tx.execute(select(transfers.c.state).order_by(transfers.c.id)).scalars())
