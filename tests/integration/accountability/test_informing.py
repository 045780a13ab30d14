"""People whose data came from somebody else must hear of it within a month, where the GDPR or the UK's applies."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.paper import Origin
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.people import contact_points
from orchestrator.pipeline import informing
from orchestrator.pipeline.informing import Nearness, ToInform
from orchestrator.pipeline.monthly import report as monthly
from tests.integration.consents.test_bought_lists import BOUGHT, on_list
from tests.integration.reception.world import an_attempt
from tests.integration.rights.people import LAW
from tests.world import NOON, World, numbers

BERLIN, PARIS, LONDON, NEW_YORK = numbers(4)


@pytest.fixture
def bought(store: Store, carrier: InProcessCarrier) -> Iterator[World]:
    """Two people in the EU, one in the United Kingdom and one in the United States, on a list bought on 1 November."""
    world = World(store, carrier)
    world.a_seller()
    for number, country in ((BERLIN, "DE"), (PARIS, "FR"), (LONDON, "GB"), (NEW_YORK, "US")):
        on_list(world, "leads", world.a_contact([number], country=country), BOUGHT)
    yield world
    world.close()


def due(world: World) -> list[ToInform]:
    with world.store.read() as tx:
        return informing.of_seller(tx, LAW, "acme")


def test_each_law_counts_its_own_people_from_the_day_on_which_the_list_was_obtained(bought: World) -> None:
    assert [(one.rule.ground.id, one.due_on, one.people, one.not_contacted) for one in due(bought)] == [
        ("eu.gdpr.inform", date(2026, 12, 1), 2, 2),
        ("gb.gdpr.inform", date(2026, 12, 1), 1, 1),
    ]


@pytest.mark.parametrize(
    ("obtained_on", "last"),
    [("2026-10-31", "2026-11-30"), ("2027-01-31", "2027-02-28"), ("2026-11-15", "2026-12-15")],
)
def test_a_month_ends_on_the_same_date_or_on_the_last_day(obtained_on: str, last: str) -> None:
    (rule, *_) = LAW.informing(date(2026, 11, 1))
    assert rule.due_on(date.fromisoformat(obtained_on)).isoformat() == last


@pytest.mark.parametrize(
    ("today", "state"),
    [("2026-11-20", "far"), ("2026-11-21", "near"), ("2026-12-01", "near"), ("2026-12-02", "over")],
)
def test_the_day_is_near_for_ten_days_and_over_on_the_next(today: str, state: str) -> None:
    (rule, *_) = LAW.informing(date(2026, 11, 1))
    facts: dict[str, Any] = {"list_id": 1, "list_name": "leads", "obtained_on": date(2026, 11, 1), "said": True}
    one = ToInform(**facts, rule=rule, people=2, not_contacted=1)
    assert one.nearness(date.fromisoformat(today)) == state


def test_whoever_was_spoken_with_is_not_left_and_nobody_left_is_no_warning(bought: World) -> None:
    attempt = an_attempt(bought.store, seller_id="acme", stage=Stage.ENDED, outcome=Outcome.NO_ANSWER.value)
    with bought.store.write() as tx:
        theirs = {"contact_id": contact_of(tx, bought, LONDON)}
        tx.execute(update(attempts).where(attempts.c.id == attempt).values(theirs))
    assert due(bought)[1].not_contacted == 1, "nobody picked up"
    with bought.store.write() as tx:
        tx.execute(update(attempts).where(attempts.c.id == attempt).values(outcome=Outcome.REACHED.value))
    (_, kingdom) = due(bought)
    assert (kingdom.people, kingdom.not_contacted) == (1, 0)
    assert kingdom.nearness(date(2027, 1, 1)) is Nearness.FAR


def contact_of(tx: Connection, world: World, number: str) -> int:
    key = world.store.keyring.number_key(number)
    found: int = tx.execute(select(contact_points.c.contact_id).where(contact_points.c.number_key == key)).scalar_one()
    return found


@pytest.mark.parametrize(("origin", "asked"), [(Origin.PUBLIC, 2), (Origin.PARTNER, 2), (Origin.OWN, 0)])
def test_whatever_was_not_from_the_person_counts(bought: World, origin: Origin, asked: int) -> None:
    on_list(bought, "leads", bought.a_contact([], country="US"), replace(BOUGHT, origin=origin))
    assert len(due(bought)) == asked


def test_where_nobody_said_when_it_was_obtained_the_import_counts(bought: World) -> None:
    on_list(bought, "leads", bought.a_contact([], country="US"), replace(BOUGHT, obtained_on=None))
    union = due(bought)[0]
    assert (union.due_on, union.said) == (date(2026, 12, 23), False)
    assert "counted from the import since nobody said" in union.told(NOON.date())


def of_month(world: World, text: str, now: datetime) -> list[dict[str, Any]]:
    report = monthly.report_form(monthly.report_of(world.store, world.rulebook, LAW, "acme", text, now))
    rows: list[dict[str, Any]] = report["sections"]["uninformed"]["rows"]
    return rows


def test_the_month_s_report_names_the_lists_whose_day_lies_in_it_or_is_over(bought: World) -> None:
    assert of_month(bought, "2026-11", NOON) == []
    (union, kingdom) = of_month(bought, "2026-12", NOON + timedelta(days=9))
    assert (union["list"], union["inform_by"], union["state"]) == ("leads", "2026-12-01", "over")
    assert kingdom["citation"].startswith("UK GDPR art. 14(3)")
    assert len(of_month(bought, "2027-01", NOON + timedelta(days=50))) == 2, "somebody is still left"
