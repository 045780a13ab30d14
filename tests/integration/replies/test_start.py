"""After START texts of that seller may come again, and nothing else may."""

from datetime import timedelta

from sqlalchemy import select

from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import contacts, senders
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.pipeline import stop_watch
from orchestrator.pipeline.reception.receiving import receive
from tests.world import SENDER, World, numbers

(ADA,) = numbers(1)


def write(world: World, intent: Intent) -> None:
    event = CarrierEvent(
        kind=EventKind.INBOUND_MESSAGE, key=f"in:{intent}", sid=f"SM{intent}", to=SENDER, from_=ADA, body=intent.upper()
    )  # fmt: skip
    receive(world.store, event, world.now, lambda _: intent)


def test_texts_pass_the_gate_again_and_calls_do_not(world: World) -> None:
    world.a_seller()
    with world.store.write() as tx:
        senders.register(tx, "acme", SENDER, None, world.now)
    write(world, Intent.STOP)
    world.now += timedelta(seconds=10)
    write(world, Intent.START)
    person = world.a_contact([ADA], line_type=LineType.MOBILE, texts=True, automated=True)
    calls, texts = world.a_campaign("Calls"), world.a_campaign("Texts", voice=False, sms=True)
    world.enrol(calls, person)
    world.enrol(texts, person, lane=Lane.SMS)
    assert (world.dispatch(calls), world.dispatch(texts, Lane.SMS)) == (0, 1)
    with world.store.write() as tx:
        assert stop_watch.sweep(tx, world.now) == 0, "a START so soon after the STOP leaves its texts alone"
        assert tx.execute(select(cancellations)).all() == []
        key = world.store.keyring.number_key(ADA)
        assert contacts.suppressed(tx, "acme", [key]) == {key: {"voice"}}
