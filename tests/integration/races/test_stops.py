"""A person may say stop at any moment around the send; whatever had begun is taken back."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.carrier import CallStatus, CarrierRecord, MessageOrder
from orchestrator.domain.contact_request import Channel, LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import DispatchUncertainError
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import attempts
from orchestrator.persistence.tables.attempts import attempts as attempts_table
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.persistence.tables.people import contacts, senders
from orchestrator.pipeline import control, dispatch, follow_up, rescue
from orchestrator.pipeline.planning import Planned
from orchestrator.pipeline.reception import answering, receiving
from orchestrator.pipeline.reception.plans import HangUp
from tests.world import CALLER_ID, NOON, SENDER, World, numbers


class Moment(StrEnum):
    """When the person says it. The last four end with the worker's death."""

    BEFORE_THE_CLAIM = "before the claim"
    AFTER_THE_CLAIM = "after the claim"
    WHILE_THE_FACTS_ARE_READ = "while the facts are read"
    BEFORE_THE_ROW = "decided, and no row yet"
    BEFORE_THE_COMMIT = "written, and not committed"
    BEFORE_THE_HANDOVER = "committed, and nobody asked yet"
    BEFORE_THE_REQUEST = "looked for stops, and did not ask yet"
    BEFORE_THE_RECEIPT = "taken by the carrier, and no receipt yet"
    AFTER_THE_RECEIPT = "receipt written"
    AFTER_A_LOST_ANSWER = "taken by the carrier, and the answer lost"
    DEAD_BEFORE_THE_REQUEST = "committed, and dead"
    DEAD_BEFORE_THE_RECEIPT = "taken by the carrier, and dead"
    AFTER_A_DEATH = "taken by the carrier, dead, and only then"
    UNSEEN_BEFORE_A_DEATH = "while the facts are read, and the worker dies before it looks"


QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)  # an explanation takes minutes
PROGRESS = (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS)
TAKEN_BACK = {"canceled", "completed"}


@dataclass
class Person:
    """Somebody with two numbers who says stop from one of them, and waits for nothing."""

    world: World
    numbers: Sequence[str]
    speaks_from: int
    late_seconds: int  # from the stamp of the stop to its commit

    def say_stop(self) -> None:
        """As the carrier delivers it, by the callbacks server."""
        number = self.numbers[self.speaks_from]
        event = CarrierEvent(
            kind=EventKind.INBOUND_MESSAGE, key=f"in:{number}", sid=f"SM{number[1:]}", to=SENDER, from_=number,
            body="STOP",
        )  # fmt: skip
        heard_at = self.world.now - timedelta(seconds=self.late_seconds)
        receiving.receive(self.world.store, event, heard_at, lambda _: Intent.STOP)

    def say_stop_meanwhile(self) -> threading.Thread:
        """While a worker's transaction is open: on SQLite the stop waits for it, on PostgreSQL it does not."""
        thread = threading.Thread(target=self.say_stop)
        thread.start()
        if not self.world.store.is_sqlite:
            thread.join(30)
        return thread


class Hooks:
    """Where the moments are."""

    def __init__(self, person: Person, patch: pytest.MonkeyPatch) -> None:
        self.person, self.patch, self.world = person, patch, person.world
        self.threads: list[threading.Thread] = []

    def arm(self, moment: Moment) -> None:
        """Let the person speak at this moment."""
        world, say, meanwhile = self.world, self.person.say_stop, self._meanwhile
        arms: dict[Moment, Callable[[], None]] = {
            Moment.BEFORE_THE_CLAIM: say,
            Moment.AFTER_THE_CLAIM: lambda: self._before(dispatch.Dispatcher, "decide", say),
            Moment.WHILE_THE_FACTS_ARE_READ: lambda: self._after(dispatch, "people_of", meanwhile),
            Moment.BEFORE_THE_ROW: lambda: self._before(attempts, "open_all", meanwhile),
            Moment.BEFORE_THE_COMMIT: lambda: self._after(attempts, "open_all", meanwhile),
            Moment.BEFORE_THE_HANDOVER: lambda: self._before(world.placer, "submit", say),
            Moment.BEFORE_THE_REQUEST: lambda: self._at_the_carrier(self._before, say),
            Moment.BEFORE_THE_RECEIPT: lambda: self._at_the_carrier(self._after, say),
            Moment.AFTER_A_LOST_ANSWER: self._lose_the_answer,
            Moment.DEAD_BEFORE_THE_REQUEST: lambda: self._die(say, asks=False),
            Moment.DEAD_BEFORE_THE_RECEIPT: lambda: self._die(say, asks=True),
            Moment.AFTER_A_DEATH: lambda: self._die(lambda: None, asks=True),
            Moment.UNSEEN_BEFORE_A_DEATH: self._die_after_a_stop_that_nobody_saw,
        }
        arms.get(moment, lambda: None)()

    def _meanwhile(self) -> None:
        self.threads.append(self.person.say_stop_meanwhile())

    def _before(self, where: Any, name: str, say: Callable[[], None]) -> None:
        original = getattr(where, name)

        def hooked(*given: Any, **named: Any) -> Any:
            say()
            return original(*given, **named)

        self.patch.setattr(where, name, hooked)

    def _after(self, where: Any, name: str, say: Callable[[], None]) -> None:
        original = getattr(where, name)

        def hooked(*given: Any, **named: Any) -> Any:
            result = original(*given, **named)
            say()
            return result

        self.patch.setattr(where, name, hooked)

    def _at_the_carrier(self, hook: Callable[..., None], say: Callable[[], None]) -> None:
        for name in ("place_call", "send_message"):
            hook(self.world.carrier, name, say)

    def _lose_the_answer(self) -> None:
        carrier = self.world.carrier
        assert isinstance(carrier, InProcessCarrier)
        carrier.lose_next_answer(DispatchUncertainError("reset"))

    def _die_after_a_stop_that_nobody_saw(self) -> None:
        self._after(dispatch, "people_of", self._meanwhile)
        self._die(lambda: None, asks=True)

    def _die(self, say: Callable[[], None], *, asks: bool) -> None:
        carrier = self.world.carrier

        def submit(planned: Sequence[Planned]) -> None:
            for order in (one.order for one in planned if asks):
                _ = carrier.send_message(order) if isinstance(order, MessageOrder) else carrier.place_call(order)
            say()

        self.patch.setattr(self.world.placer, "submit", submit)


@contextmanager
def stopping(person: Person, moment: Moment) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        hooks = Hooks(person, patch)
        hooks.arm(moment)
        yield
        for thread in hooks.threads:
            thread.join(30)
    if moment in {Moment.AFTER_THE_RECEIPT, Moment.AFTER_A_LOST_ANSWER, Moment.AFTER_A_DEATH}:
        person.say_stop()


def go_on(world: World, carrier: InProcessCarrier, records: Sequence[CarrierRecord], progress: CallStatus) -> None:
    """Calls ring, or are answered, before the carrier has heard of the stop."""
    for record in records:
        if record.channel is Channel.VOICE:
            carrier.set_status(record.sid, progress)
            if progress is CallStatus.IN_PROGRESS:
                pick_up(world, record)


def pick_up(world: World, record: CarrierRecord) -> None:
    """The person who said stop picks up, and hears nothing."""
    order = world.carrier.orders[record.sid]  # type: ignore[attr-defined]
    event = CarrierEvent(
        kind=EventKind.ANSWER, key=f"answer:{record.sid}", sid=record.sid, to=record.to, from_=CALLER_ID,
        reference=order.reference,
    )  # fmt: skip
    assert isinstance(answering.answer(world.store, event, world.now), HangUp)
    world.carrier.set_status(record.sid, CallStatus.COMPLETED)  # type: ignore[attr-defined]


def settle(world: World) -> None:
    """The worker, or the next one after its lease, asks and takes back until nothing is left to do."""
    with world.store.write() as tx:
        tx.execute(update(attempts_table).values(lease_until=NOON - timedelta(days=30)))
    for _ in range(3 + rescue.LOOKS_BEFORE_NEVER):
        rescue.run_once(world.store, world.carrier, world.now, world.waits)
        control.run_once(world.store, world.carrier, world.now)
        follow_up.run_once(world.store, world.now)


@pytest.fixture
def open_world(world: World) -> World:
    """A campaign of calls and one of texts, whose senders are the seller's own."""
    world.a_campaign("Calls")
    world.a_campaign("Texts", voice=False, sms=True)
    with world.store.write() as tx:
        tx.execute(
            insert(senders), [{"address": a, "seller_id": "acme", "created_at": NOON} for a in (CALLER_ID, SENDER)]
        )
    return world


CAMPAIGNS = {Lane.PREDICTIVE: 1, Lane.SMS: 2}


@dataclass(frozen=True)
class Situation:
    """When the stop is said, from which number, how late it is committed, and how far the call has come by then."""

    moment: Moment
    speaks_from: int
    late_seconds: int
    progress: CallStatus


SITUATIONS = st.builds(
    Situation,
    moment=st.sampled_from(Moment),
    speaks_from=st.integers(0, 1),
    late_seconds=st.sampled_from([0, 3]),
    progress=st.sampled_from(PROGRESS),
)


@pytest.mark.parametrize("lane", CAMPAIGNS)
@given(SITUATIONS)
@settings(max_examples=80, deadline=None, phases=QUICKLY, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(Situation(Moment.UNSEEN_BEFORE_A_DEATH, 1, 3, CallStatus.QUEUED))
@example(Situation(Moment.UNSEEN_BEFORE_A_DEATH, 1, 3, CallStatus.IN_PROGRESS))
def test_a_stop_at_any_moment_is_honoured(
    open_world: World, carrier: InProcessCarrier, lane: Lane, situation: Situation
) -> None:
    world, already, texts = open_world, set(carrier.records), lane is Lane.SMS
    mine = numbers(2, start=2 * world.count(contacts))
    person = Person(world, mine, situation.speaks_from, situation.late_seconds)
    contact = world.a_contact(mine, line_type=LineType.MOBILE if texts else LineType.LANDLINE, texts=texts)
    world.enrol(CAMPAIGNS[lane], contact, lane=lane)
    with stopping(person, situation.moment):
        world.dispatch(CAMPAIGNS[lane], lane)
    placed = [record for sid, record in carrier.records.items() if sid not in already]
    assert all(record.to in mine for record in placed)
    go_on(world, carrier, placed, situation.progress)
    settle(world)
    assert {carrier.records[record.sid].status for record in placed} <= TAKEN_BACK
    with world.store.read() as tx:
        stages = tx.execute(select(attempts_table.c.stage).where(attempts_table.c.contact_id == contact)).scalars()
        waiting = tx.execute(select(cancellations).where(cancellations.c.done_at.is_(None))).all()
    assert set(stages) <= {"ended"}
    assert waiting == []
    assert world.dispatch(CAMPAIGNS[lane], lane) == 0
