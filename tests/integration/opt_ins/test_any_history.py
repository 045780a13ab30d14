"""After any history of requests, answers, stops and time, nobody is on a list whose last word was not yes."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.opt_in import OptInPage
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import consents, contact_points
from tests.integration.opt_ins.pages import a_page, messages, open_page, serve, sign_up, write_to_us
from tests.world import World

EVENTS = ("form", "join", "yes", "no", "STOP", "what?", "wait a day", "work")
NUMBERS, SIDS = (f"+12125550{n}" for n in count(100)), count(1)


@pytest.fixture(scope="module")
def page() -> OptInPage:
    return a_page()


@pytest.fixture
def world(sqlite_store: Store, carrier: InProcessCarrier) -> Iterator[World]:
    made = World(sqlite_store, carrier)
    yield made
    made.close()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=some.lists(some.sampled_from(EVENTS), max_size=10))
def test_only_a_yes_to_a_question_puts_anybody_on_a_list(
    world: World, carrier: InProcessCarrier, page: OptInPage, history: list[str]
) -> None:
    open_page(world.store, page)
    number, asked, answered = next(NUMBERS), 0, False
    for event in history:
        sent = len([order for order in messages(carrier) if order.to == number])
        if event == "form":
            sign_up(world.store, page, world.now, number=number, address=number)
        elif event == "wait a day":
            world.now += timedelta(days=1)
        elif event != "work":
            write_to_us(world.store, event, f"SM{next(SIDS)}", world.now, number)
        answered = answered or (event == "yes" and sent > 0)
        serve(world)
        asked += len([order for order in messages(carrier) if order.to == number]) - sent
        assert given_to(world, number) <= asked, "one question gives one consent at most"
    requests = sum(event in {"form", "join"} for event in history)
    assert asked <= requests, "nobody is asked who did not ask"
    assert answered or not (given_to(world, number) or is_listed(world, number))


def given_to(world: World, number: str) -> int:
    key = world.store.keyring.number_key(number)
    with world.store.read() as tx:
        theirs = select(consents.c.id).where(consents.c.number_key == key, consents.c.event == "given")
        return len(tx.execute(theirs).all())


def is_listed(world: World, number: str) -> bool:
    key = world.store.keyring.number_key(number)
    with world.store.read() as tx:
        return tx.execute(select(contact_points.c.id).where(contact_points.c.number_key == key)).first() is not None
