"""A campaign lives as its states allow, and enrols each person once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from orchestrator.domain.attempt import Stage
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.campaign_file import parse_campaign
from orchestrator.domain.errors import UserError
from orchestrator.persistence import campaigns as stored
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.persistence.tables.campaigns import campaigns as campaigns_table
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.lists import list_rows, scrubs
from orchestrator.persistence.tables.people import contacts, senders
from orchestrator.pipeline import campaign_drafts, campaigns, launching
from orchestrator.registries.shelf import Shelf
from tests.integration.campaigns.builders import (
    CADENCES,
    NOW,
    SCRUBBER,
    STRATEGIES,
    a_campaign,
    a_list,
    a_seller,
    an_attempt,
    launched,
)
from tests.unit.campaigns.files import CALLS_ONLY, EVERY_FIELD
from tests.unit.strategies.builders import TIERED

VERDICTS = ["accepted", "listed", "merged", "duplicate", "suppressed", "no_jurisdiction"]


@pytest.fixture
def seller(store: Store) -> str:
    return a_seller(store)


def fresh(store: Store, campaign: Campaign) -> Campaign:
    with store.read() as tx:
        return stored.fetch(tx, campaign.id)


def in_state(store: Store, state: CampaignState) -> Campaign:
    campaign = a_campaign(store)
    with store.write() as tx:
        tx.execute(update(campaigns_table).values(state=state))
    return fresh(store, campaign)


def enrolled(store: Store) -> list[int]:
    with store.read() as tx:
        return list(tx.execute(select(enrollments.c.contact_id).order_by(enrollments.c.contact_id)).scalars())


def test_a_created_campaign_is_a_draft_with_its_whole_plan(store: Store, seller: str) -> None:
    plan = parse_campaign(EVERY_FIELD)
    campaign = campaign_drafts.create(store, plan, NOW, STRATEGIES, CADENCES, "cli:ops")
    assert (campaign.state, campaign.plan, campaign.canary_left) == (CampaignState.DRAFT, plan, 50)
    with store.read() as tx:
        assert stored.find(tx, "Spring roof offer") == campaign
        assert stored.find(tx, str(campaign.id)) == campaign


def test_creating_binds_every_sender_to_the_seller(store: Store, seller: str) -> None:
    campaign_drafts.create(store, parse_campaign(EVERY_FIELD), NOW, STRATEGIES, CADENCES, "cli:ops")
    with store.read() as tx:
        bound = dict(tx.execute(select(senders.c.address, senders.c.seller_id)).all())
    assert bound == dict.fromkeys(("+12125550100", "+13055550101", "MG00000000000000000000000000000000"), seller)


def test_a_sender_of_another_seller_is_refused_and_nothing_is_stored(store: Store, seller: str) -> None:
    a_campaign(store)
    a_seller(store, "other")
    with pytest.raises(UserError, match=r"\+12125550100 belongs to another seller than 'other'"):
        a_campaign(store, seller="other", name="Theirs")
    with store.read() as tx:
        assert [campaign.name for campaign in stored.every(tx)] == ["Autumn calls"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seller": "acme"}, "There is no seller 'acme'; add it with"),
        ({"strategy": "consent-teared"}, "no strategy 'consent-teared'; did you mean 'consent-tiered'"),
        ({"attempts": {"cadence": "defualt"}}, "no cadence 'defualt'; did you mean 'default'"),
    ],
)
def test_a_campaign_of_unknown_things_is_refused(
    store: Store, seller: str, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        a_campaign(store, **fields)


def test_a_seller_names_each_campaign_once(store: Store, seller: str) -> None:
    a_campaign(store)
    with pytest.raises(UserError, match="has a campaign 'Autumn calls' already"):
        a_campaign(store)


def test_a_draft_is_replaced_by_one_of_its_name(store: Store, seller: str) -> None:
    draft = a_campaign(store, lists=["autum"])
    plan = parse_campaign(CALLS_ONLY)
    replaced = campaign_drafts.replace_draft(store, plan, NOW, STRATEGIES, CADENCES, "cli:ops")
    assert replaced == fresh(store, draft)
    assert (replaced.id, replaced.plan, replaced.state) == (draft.id, plan, CampaignState.DRAFT)


def test_only_a_draft_of_that_name_is_replaced(store: Store, seller: str) -> None:
    running = in_state(store, CampaignState.RUNNING)
    plan = parse_campaign(CALLS_ONLY, {"priority": 1})
    assert campaign_drafts.replace_draft(store, plan, NOW, STRATEGIES, CADENCES, "cli:ops") is None
    assert fresh(store, running) == running


def test_a_draft_whose_launch_was_begun_is_not_replaced(store: Store, seller: str) -> None:
    a_list(store, VERDICTS)
    campaign = a_campaign(store)
    launching.enrol(store, campaign, NOW, TIERED)
    with pytest.raises(UserError, match="The launch of 'Autumn calls' was begun"):
        campaign_drafts.replace_draft(
            store, parse_campaign(CALLS_ONLY, {"priority": 1}), NOW, STRATEGIES, CADENCES, "cli:ops"
        )
    assert fresh(store, campaign) == campaign


def test_a_launch_enrols_nobody_by_a_plan_that_was_replaced_meanwhile(store: Store, seller: str) -> None:
    a_list(store, VERDICTS)
    campaign = a_campaign(store)
    campaign_drafts.replace_draft(
        store, parse_campaign(CALLS_ONLY, {"priority": 1}), NOW, STRATEGIES, CADENCES, "cli:ops"
    )
    with pytest.raises(UserError, match="was created anew by somebody else"):
        launched(store, campaign)
    assert enrolled(store) == []


def test_what_is_done_already_is_said(store: Store, seller: str) -> None:
    paused = in_state(store, CampaignState.PAUSED)
    with pytest.raises(UserError, match="'Autumn calls' is already paused; you can resume or stop it"):
        campaigns.pause(store, paused, NOW, "cli:ops")


def test_a_name_that_two_sellers_use_must_be_given_by_number(store: Store, seller: str) -> None:
    a_campaign(store)
    a_seller(store, "other")
    voice = {"caller_ids": ["+13055550101"], "queue": "sales", "information_message": "This is Other."}
    a_campaign(store, seller="other", voice=voice)
    with store.read() as tx, pytest.raises(UserError, match="name it by its number, 1 or 2"):
        stored.find(tx, "Autumn calls")


def test_launching_enrols_who_may_be_contacted_and_opens_the_campaign(store: Store, seller: str) -> None:
    people = a_list(store, VERDICTS)
    campaign = a_campaign(store)
    done = launched(store, campaign)
    assert (done.state, done.enrolled, [scrub.list_id for scrub in done.scrubs]) == (CampaignState.RUNNING, 4, [1])
    assert enrolled(store) == people[:4]
    with store.read() as tx:
        row = tx.execute(select(enrollments)).first()
    assert row is not None
    assert (row.stage, row.lane, row.priority, row.next_eligible_at) == ("due", "predictive", 5, NOW)
    assert fresh(store, campaign).launched_at == NOW


def test_a_person_on_two_lists_is_enrolled_once(store: Store, seller: str) -> None:
    people = a_list(store, ["accepted", "accepted"])
    a_list(store, ["accepted"], name="winter")
    with store.write() as tx:
        tx.execute(update(list_rows).where(list_rows.c.contact_id == people[1] + 1).values(contact_id=people[0]))
    assert launched(store, a_campaign(store, lists=["autumn", "winter"])).enrolled == 2


def test_lists_are_served_in_the_order_in_which_the_campaign_names_them(store: Store, seller: str) -> None:
    autumn, winter = a_list(store, ["accepted"] * 2), a_list(store, ["accepted"] * 2, name="winter")
    assert launched(store, a_campaign(store, lists=["winter", "autumn"])).enrolled == 4
    with store.read() as tx:
        order = tx.execute(select(enrollments.c.contact_id).order_by(enrollments.c.id)).scalars().all()
    assert order == [*winter, *autumn]


def test_enrolling_again_adds_only_who_is_new(store: Store, seller: str) -> None:
    a_list(store, ["accepted"] * 3)
    campaign = a_campaign(store)
    assert [launching.enrol(store, campaign, NOW, TIERED) for _ in range(2)] == [3, 0]


def test_more_people_than_one_transaction_holds_are_enrolled(sqlite_store: Store) -> None:
    a_seller(sqlite_store)
    a_list(sqlite_store, ["accepted"] * (2 * sqlite_store.bulk_rows + 1))
    seen: list[int] = []
    campaign = a_campaign(sqlite_store)
    assert launching.enrol(sqlite_store, campaign, NOW, TIERED, seen.append) == 201
    assert seen == [100, 100, 1]


def test_an_erased_person_is_not_enrolled(store: Store, seller: str) -> None:
    people = a_list(store, ["accepted", "accepted"])
    with store.write() as tx:
        tx.execute(update(contacts).where(contacts.c.id == people[0]).values(erased_at=NOW))
    assert launched(store, a_campaign(store)).enrolled == 1


def test_launches_that_race_enrol_once_and_one_opens_the_campaign(store: Store, seller: str) -> None:
    a_list(store, ["accepted"] * 5)
    campaign = a_campaign(store)

    def attempt(_: int) -> bool:
        try:
            launched(store, campaign)
        except UserError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]
    assert len(enrolled(store)) == 5


def test_a_list_that_cannot_be_scrubbed_stops_the_launch(store: Store, seller: str) -> None:
    a_list(store, ["accepted"])
    campaign = a_campaign(store)

    class Damaged(Shelf):
        def digests(self, seller_id: str | None) -> dict[str, list[str]]:
            raise UserError(f"No registry for {seller_id}.")

    with pytest.raises(UserError, match="No registry"):
        launching.launch(store, campaign, NOW, campaigns.Scrubber(Damaged(Path(), ()), "tests"), TIERED)
    assert fresh(store, campaign).state is CampaignState.DRAFT
    assert enrolled(store) == []


def test_every_list_is_scrubbed_before_anybody_is_enrolled(store: Store, seller: str) -> None:
    a_list(store, ["accepted"])
    a_list(store, ["accepted"], name="winter")
    enrolled_meanwhile: list[int] = []

    class Watched(Shelf):
        def digests(self, seller_id: str | None) -> dict[str, list[str]]:
            enrolled_meanwhile.append(len(enrolled(store)))
            return super().digests(seller_id)

    scrubber = campaigns.Scrubber(Watched(Path(), ()), "tests")
    launching.launch(store, a_campaign(store, lists=["autumn", "winter"]), NOW, scrubber, TIERED)
    with store.read() as tx:
        rows = tx.execute(select(scrubs.c.seller_id, scrubs.c.list_id, scrubs.c.by, scrubs.c.finished_at)).all()
    assert rows == [(seller, 1, "tests", NOW), (seller, 2, "tests", NOW)]
    assert set(enrolled_meanwhile) == {0}


def test_what_is_looked_up_is_looked_up_before_the_scrub(store: Store, seller: str) -> None:
    a_list(store, ["accepted"])
    seen: list[tuple[list[int], int]] = []

    def look_up(list_ids: Sequence[int]) -> None:
        with store.read() as tx:
            seen.append((list(list_ids), len(tx.execute(select(scrubs)).all())))

    launching.launch(store, a_campaign(store), NOW, SCRUBBER, TIERED, look_up=look_up)
    assert seen == [([1], 0)]


@pytest.mark.parametrize(("hours", "scrubbed"), [(24, 0), (24.01, 1)])
def test_a_campaign_that_rested_for_over_a_day_is_scrubbed_before_it_resumes(
    store: Store, seller: str, hours: float, scrubbed: int
) -> None:
    a_list(store, ["accepted"])
    campaign = a_campaign(store)
    launched(store, campaign)
    campaigns.pause(store, fresh(store, campaign), NOW, "cli:ops")
    campaigns.resume(store, fresh(store, campaign), NOW + timedelta(hours=hours), SCRUBBER)
    with store.read() as tx:
        found = tx.execute(select(scrubs.c.finished_at).where(scrubs.c.campaign_id == campaign.id)).all()
    assert len(found) == scrubbed


def test_a_list_of_another_seller_is_no_list_of_ours(store: Store, seller: str) -> None:
    a_list(store, ["accepted"], seller=a_seller(store, "other"))
    campaign = a_campaign(store)
    assert launching.missing_lists(store, campaign) == ["autumn"]
    with pytest.raises(UserError, match="Seller 'acme-roofing' has no list 'autumn'; import it with"):
        launched(store, campaign)


def test_a_campaign_that_starts_later_is_scheduled_and_nobody_is_due_before(store: Store, seller: str) -> None:
    a_list(store, ["accepted"])
    starts_at = NOW + timedelta(days=1)
    campaign = a_campaign(store, starts_at=starts_at)
    assert launched(store, campaign).state is CampaignState.SCHEDULED
    with store.read() as tx:
        assert tx.execute(select(enrollments.c.next_eligible_at)).scalar_one() == starts_at


def test_a_campaign_that_is_over_cannot_be_launched(store: Store, seller: str) -> None:
    a_list(store, ["accepted"])
    with pytest.raises(UserError, match="ended at 2026-03-02 17:00 UTC; give it a later ends_at"):
        launched(store, a_campaign(store, ends_at=NOW))


@pytest.mark.parametrize(
    ("stage", "taken_back"),
    [
        (Stage.PLANNED, 1),
        (Stage.IN_DOUBT, 1),
        (Stage.SUBMITTED, 1),
        (Stage.QUEUED, 1),
        (Stage.RINGING, 1),
        (Stage.ANSWERED, 0),
        (Stage.CONNECTED, 0),
        (Stage.ENDED, 0),
    ],
)
@pytest.mark.parametrize("end", [campaigns.pause, campaigns.stop])
def test_pausing_and_stopping_take_back_what_nobody_has_answered(
    store: Store, seller: str, end: Callable[..., int], stage: Stage, taken_back: int
) -> None:
    campaign = in_state(store, CampaignState.RUNNING)
    attempt = an_attempt(store, campaign, stage)
    assert end(store, campaign, NOW, "cli:ops") == taken_back
    with store.read() as tx:
        rows = tx.execute(select(cancellations.c.attempt_id, cancellations.c.reason)).all()
    assert rows == [(attempt, "paused")] * taken_back


def test_a_pause_takes_back_nothing_of_other_campaigns(store: Store, seller: str) -> None:
    other = a_campaign(store, name="Other")
    an_attempt(store, other, Stage.QUEUED)
    with store.write() as tx:
        stored.change_state(tx, other.id, {CampaignState.DRAFT}, CampaignState.RUNNING, None)
    campaign = a_campaign(store)
    with store.write() as tx:
        stored.change_state(tx, campaign.id, {CampaignState.DRAFT}, CampaignState.RUNNING, None)
    assert campaigns.pause(store, fresh(store, campaign), NOW, "cli:ops") == 0


def test_a_pause_says_why_and_a_resumed_campaign_starts_afresh(store: Store, seller: str) -> None:
    campaign = in_state(store, CampaignState.RUNNING)
    with store.write() as tx:
        assert [stored.count_error(tx, campaign.id) for _ in range(3)] == [1, 2, 3]
    campaigns.pause(store, campaign, NOW, "cli:ops", "complaints")
    paused = fresh(store, campaign)
    assert (paused.state, paused.state_reason, paused.errors) == (CampaignState.PAUSED, "complaints", 3)
    assert campaigns.resume(store, paused, NOW, SCRUBBER) is CampaignState.RUNNING
    resumed = fresh(store, campaign)
    assert (resumed.state, resumed.state_reason, resumed.errors) == (CampaignState.RUNNING, None, 0)


def test_a_campaign_paused_before_its_start_is_scheduled_again(store: Store, seller: str) -> None:
    a_list(store, ["accepted"])
    campaign = a_campaign(store, starts_at=NOW + timedelta(days=1))
    launched(store, campaign)
    campaigns.pause(store, fresh(store, campaign), NOW, "cli:ops")
    assert campaigns.resume(store, fresh(store, campaign), NOW, SCRUBBER) is CampaignState.SCHEDULED


def test_a_stopped_campaign_lets_everybody_go(store: Store, seller: str) -> None:
    a_list(store, ["accepted"] * 3)
    campaign = a_campaign(store)
    launched(store, campaign)
    campaigns.stop(store, fresh(store, campaign), NOW, "cli:ops")
    with store.read() as tx:
        assert stored.done_by_reason(tx, campaign.id) == {"campaign_over": 3}
    assert fresh(store, campaign).state is CampaignState.CANCELLED


DO: dict[str, Callable[[Store, Campaign], object]] = {
    "launch": launched,
    "pause": lambda store, campaign: campaigns.pause(store, campaign, NOW, "cli:ops"),
    "resume": lambda store, campaign: campaigns.resume(store, campaign, NOW, SCRUBBER),
    "stop": lambda store, campaign: campaigns.stop(store, campaign, NOW, "cli:ops"),
    "archive": lambda store, campaign: campaigns.archive(store, campaign, NOW, "cli:ops"),
}
MAY = {
    CampaignState.DRAFT: {"launch": CampaignState.RUNNING, "stop": CampaignState.CANCELLED},
    CampaignState.SCHEDULED: {"pause": CampaignState.PAUSED, "stop": CampaignState.CANCELLED},
    CampaignState.RUNNING: {"pause": CampaignState.PAUSED, "stop": CampaignState.CANCELLED},
    CampaignState.PAUSED: {"resume": CampaignState.RUNNING, "stop": CampaignState.CANCELLED},
    CampaignState.COMPLETED: {"archive": CampaignState.ARCHIVED},
    CampaignState.CANCELLED: {"archive": CampaignState.ARCHIVED},
    CampaignState.ARCHIVED: {},
}


@pytest.mark.parametrize("state", list(CampaignState))
@pytest.mark.parametrize("verb", list(DO))
def test_a_campaign_changes_only_as_its_state_allows(sqlite_store: Store, state: CampaignState, verb: str) -> None:
    a_seller(sqlite_store)
    a_list(sqlite_store, ["accepted"])
    campaign = in_state(sqlite_store, state)
    if verb in MAY[state]:
        DO[verb](sqlite_store, campaign)
        assert fresh(sqlite_store, campaign).state is MAY[state][verb]
        return
    with pytest.raises(UserError, match=f"'Autumn calls' is (already {state}|{state} and cannot be .*); you can "):
        DO[verb](sqlite_store, campaign)
    assert fresh(sqlite_store, campaign).state is state


def test_a_change_that_somebody_else_made_first_is_said(store: Store, seller: str) -> None:
    campaign = in_state(store, CampaignState.RUNNING)
    campaigns.pause(store, campaign, NOW, "cli:ops")
    with pytest.raises(UserError, match="changed by somebody else at this moment, so it was not paused"):
        campaigns.pause(store, campaign, NOW, "cli:ops")
