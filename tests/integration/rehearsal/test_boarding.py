"""Who takes part: everybody listed of a draft, whoever is due of a launched campaign, and the others are told of."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import UserError
from orchestrator.persistence import campaigns
from orchestrator.persistence.tables.campaigns import campaigns as campaigns_table
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from tests.integration.rehearsal.conftest import Staged, Theatre
from tests.world import World, a_plan, numbers


def a_draft(world: World, people: int) -> Theatre:
    """A campaign that nobody has launched, with a list on which somebody was rejected."""
    world.a_seller()
    ids = [world.a_contact([number]) for number in numbers(people)]
    plan = replace(a_plan("Draft", voice=True, sms=False), lists=("all",))
    with world.store.write() as tx:
        made = insert(lists).values(seller_id="acme", name="all", created_at=world.now).returning(lists.c.id)
        list_id = tx.execute(made).scalar_one()
        facts = {"file_digest": "d", "file_name": "f", "reading": {}, "state": "finished", "records_done": people}
        tx.execute(insert(imports).values(id=1, list_id=list_id, counts={}, started_at=world.now, **facts))
        rows = [
            {"import_id": 1, "line": line, "list_id": list_id, "contact_id": contact_id, "verdict": "accepted"}
            for line, contact_id in enumerate(ids, 2)
        ]
        rows[0]["verdict"] = "suppressed"
        tx.execute(insert(list_rows), rows)
        campaign_id = campaigns.create(tx, plan, world.now)
    return Theatre(world, campaign_id)


def test_everybody_on_the_lists_of_a_draft_takes_part_as_if_it_were_launched(world: World) -> None:
    theatre = a_draft(world, people=5)
    report = theatre.rehearse()
    assert report.due == 4, "who is suppressed is not enrolled by a launch either"
    assert report.contacted == 4
    with world.store.read() as tx:
        assert campaigns.fetch(tx, theatre.campaign_id).state is CampaignState.DRAFT


def test_who_is_not_due_stays_behind_and_is_told_of_with_the_reason(staged: Staged) -> None:
    theatre = staged(people=6)
    world = theatre.world
    tomorrow = world.now + timedelta(days=1)
    stays: dict[int, dict[str, Any]] = {
        1: {"stage": "blocked", "blocked_by": "test.registry", "cure": "registry"},
        2: {"stage": "done", "done_reason": "reached"},
        3: {"stage": "in_flight"},
        4: {"next_eligible_at": tomorrow, "held_by": "test.hours"},
    }
    with world.store.write() as tx:
        for contact_id, values in stays.items():
            tx.execute(update(enrollments).where(enrollments.c.contact_id == contact_id).values(values))
    report = theatre.rehearse()
    left = {(entry.stage, entry.rule, entry.cure, entry.last_at) for entry in report.not_contacted}
    assert report.due == report.contacted == 2
    assert left == {
        ("blocked", "test.registry", "registry", None),
        ("done", "reached", None, None),
        ("under_way", "", None, None),
        ("waiting", "test.hours", None, tomorrow),
    }


def test_a_paused_campaign_is_rehearsed_as_if_it_were_resumed(staged: Staged) -> None:
    theatre = staged(people=2)
    with theatre.world.store.write() as tx:
        tx.execute(update(campaigns_table).values(state=CampaignState.PAUSED))
    assert theatre.rehearse().contacted == 2


def test_of_more_people_than_it_holds_every_third_is_played_and_all_are_told_of(staged: Staged) -> None:
    theatre = staged(people=30)
    seven = theatre.world.now + timedelta(hours=19)  # in New York, where the window opens at eight
    report = theatre.rehearse(most_people=10, lasts=timedelta(minutes=6), start=seven)
    assert (report.due, report.people, report.factor) == (30, 10, 3)
    assert [(entry.rule, entry.people) for entry in report.not_contacted] == [("test.hours", 30)]


def test_agents_of_the_queue_are_used_and_filled_up_to_the_number_asked_for(staged: Staged) -> None:
    theatre = staged(people=2)
    for name in ("ana", "ben"):
        theatre.world.an_agent(name)
    assert theatre.rehearse(agents=None).agents == 2
    assert theatre.rehearse(agents=5).agents == 5


def test_a_campaign_that_is_over_is_refused(staged: Staged) -> None:
    theatre = staged(people=1)
    with theatre.world.store.write() as tx:
        campaigns.change_state(tx, theatre.campaign_id, {CampaignState.RUNNING}, CampaignState.CANCELLED, None)
    with pytest.raises(UserError, match="nobody in it is due"):
        theatre.rehearse()
