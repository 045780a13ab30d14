"""The step that stores a fact re-opens whoever waited for it; and what an agent sees before accepting."""

import pytest
from sqlalchemy import update

from orchestrator.domain.contact_request import LineType
from orchestrator.domain.decision import Cure
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import UserError
from orchestrator.persistence import sellers
from orchestrator.persistence.enrollment_cures import reopen, reopen_people
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.pipeline import offers
from orchestrator.pipeline.preview_card import card_for
from tests.world import World, numbers


def blocked(world: World, cure: Cure) -> int:
    """A person who waits for a fact."""
    campaign = world.a_campaign()
    person = world.a_contact(numbers(1))
    world.enrol(campaign, person)
    with world.store.write() as tx:
        tx.execute(update(enrollments).values(stage="blocked", cure=cure, cure_detail="us-national"))
    return person


@pytest.mark.parametrize("cure", [Cure.CONSENT, Cure.REGISTRATION, Cure.RULEBOOK])
def test_a_fact_that_came_makes_people_due(world: World, cure: Cure) -> None:
    person = blocked(world, cure)
    assert reopen(world.store, cure, None, world.now, "acme") == 1
    assert world.enrollment(person).stage == "due"


def test_whatever_held_a_person_up_something_new_opens_it(world: World) -> None:
    person = blocked(world, Cure.JURISDICTION)
    assert reopen_people(world.store, [person], world.now) == 1
    assert reopen_people(world.store, [person], world.now) == 0


def test_a_seller_is_added_once_and_gains_registrations(world: World) -> None:
    seller = world.a_seller("acme")
    with world.store.write() as tx:
        assert not sellers.add(tx, seller, world.now)
        assert sellers.register(tx, "acme", ["US-TX", "ca-dncl"]) == ["US-TX", "ca-dncl"]
        assert sellers.register(tx, "acme", ["US-TX"]) == ["US-TX", "ca-dncl"]


def test_the_card_says_who_where_when_and_what_they_agreed_to(world: World) -> None:
    campaign = world.a_campaign()
    person = world.a_contact(numbers(1), line_type=LineType.MOBILE, texts=True)
    world.enrol(campaign, person, lane=Lane.PREVIEW)
    world.an_agent()
    with pytest.raises(UserError, match="Nothing lies before agent 'kim'"):
        card_for(world.store, world.rulebook, "kim", world.now)
    offers.run_once(world.dispatcher, world.campaign(campaign))
    card = card_for(world.store, world.rulebook, "kim", world.now)
    assert card["name"] == "Ada"
    assert card["local_time"] == ["Monday 12:00 America/New_York"]
    assert card["numbers"] == [f"{numbers(1)[0]} (mobile)"]
    assert card["agreed_to"] == ["express written for sms, 2026-11-22"]
