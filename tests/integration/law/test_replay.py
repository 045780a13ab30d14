"""What a changed rulebook would have done: both answers, by rule, and nothing written."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from orchestrator.compliance.rulebook import digest_of
from orchestrator.domain.decision import Verdict
from orchestrator.persistence import campaigns, rulebooks
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.pipeline import halts, replay_past
from orchestrator.pipeline.deciding import FACTS
from orchestrator.pipeline.replay import Replay, replay, replay_form, replay_lines
from tests.integration.law.conftest import LATER_HOURS
from tests.world import NOON, THREE_RULES, World, files_of, numbers, rulebook_of

EARLIER_HOURS = THREE_RULES.replace('["08:00", "21:00"]', '["06:00", "21:00"]')


def replayed(world: World, campaign_id: int, text: str, limit: int = 2) -> Replay:
    with world.store.read() as tx:
        campaign = campaigns.fetch(tx, campaign_id)
    return replay(world.engine, campaign, rulebook_of(text), world.now, limit, lambda _: None)


def a_campaign_of(world: World, people: int) -> int:
    campaign = world.a_campaign()
    world.enrol(campaign, *(world.a_contact([number]) for number in numbers(people)))
    return campaign


def test_the_same_rulebook_treats_nobody_otherwise(world: World) -> None:
    campaign = a_campaign_of(world, 3)
    world.dispatch(campaign, lines=2)
    found = replayed(world, campaign, THREE_RULES)
    assert (found.past.asked, found.planned.asked, found.otherwise) == (2, 1, 0)


def test_calls_that_a_later_opening_would_have_held_are_told_with_both_answers(world: World) -> None:
    campaign = a_campaign_of(world, 4)
    world.dispatch(campaign, lines=3)
    found = replayed(world, campaign, LATER_HOURS)
    [group] = found.past.by_size
    assert (group.rule, group.was, group.would_be) == ("test.hours", Verdict.ALLOW, Verdict.HOLD)
    assert (group.times, group.attempts, len(group.contacts), len(group.examples)) == (3, 3, 3, 2)
    assert group.examples[0].was.sentence == "Allowed: no rule objects."
    assert group.examples[0].would_be.sentence.startswith(
        "Held until 2026-11-23 18:00:00 UTC by test.hours: until 13:00"
    )
    [waiting] = found.planned.by_size
    assert (waiting.rule, waiting.times) == ("test.hours", 1)
    assert "    and 1 more" in replay_lines(found)


def test_what_was_held_and_would_open_earlier_is_under_the_rule_that_yields(world: World) -> None:
    world.now = NOON - timedelta(hours=5)  # seven in New York
    campaign = a_campaign_of(world, 1)
    world.dispatch(campaign)
    found = replayed(world, campaign, EARLIER_HOURS)
    [group], [waiting] = found.past.by_size, found.planned.by_size
    assert (group.rule, group.was, group.would_be) == ("test.hours", Verdict.HOLD, Verdict.ALLOW)
    assert (waiting.was, waiting.would_be) == (Verdict.HOLD, Verdict.ALLOW)


def test_a_hold_of_another_length_is_another_answer(world: World) -> None:
    world.now = NOON - timedelta(hours=8)
    campaign = a_campaign_of(world, 1)
    world.dispatch(campaign)
    found = replayed(world, campaign, LATER_HOURS)
    [group] = found.past.by_size
    assert (group.was, group.would_be) == (Verdict.HOLD, Verdict.HOLD)


def test_who_waits_is_asked_about_at_the_moment_when_they_are_due(world: World) -> None:
    """At noon both rulebooks allow; at the moment of the enrollment, seven in the evening, one of them does not."""
    campaign = a_campaign_of(world, 1)
    with world.store.write() as tx:
        tx.execute(update(enrollments).values(next_eligible_at=NOON + timedelta(hours=7)))
    found = replayed(world, campaign, THREE_RULES.replace('"21:00"', '"18:00"'))
    [group] = found.planned.by_size
    assert [example.at for example in group.examples] == [NOON + timedelta(hours=7)]


def test_a_stop_by_hand_would_have_held_under_any_rulebook(world: World) -> None:
    with world.store.write() as tx:
        halts.declare(tx, halts.Halt("jurisdiction", "US", None, "kim"), NOON)
    campaign = a_campaign_of(world, 1)
    world.dispatch(campaign)
    assert replayed(world, campaign, EARLIER_HOURS).past.otherwise == 0


def test_a_stop_that_began_as_a_call_left_is_no_difference_of_rulebooks(world: World) -> None:
    campaign = a_campaign_of(world, 1)
    assert world.dispatch(campaign) == 1
    with world.store.write() as tx:
        halts.declare(tx, halts.Halt("jurisdiction", "US", None, "kim"), world.now)
    assert replayed(world, campaign, THREE_RULES).past.otherwise == 0
    [group] = replayed(world, campaign, LATER_HOURS).past.by_size
    assert (group.rule, group.was, group.would_be) == ("test.hours", Verdict.ALLOW, Verdict.HOLD)


def test_what_cannot_be_asked_again_is_said_with_its_count(world: World) -> None:
    campaign = a_campaign_of(world, 2)
    world.dispatch(campaign)
    sealed = world.store.keyring.seal('{"of": "another version"}', FACTS)
    with world.store.write() as tx:
        tx.execute(update(decisions).values(facts_sealed=sealed))
    found = replayed(world, campaign, LATER_HOURS)
    assert found.past.notes == {replay_past.UNREADABLE: 2}
    assert found.past.otherwise == 0


def test_without_the_rules_of_that_day_the_answer_is_the_one_that_was_written_down(world: World) -> None:
    campaign = a_campaign_of(world, 1)
    world.dispatch(campaign)
    with world.store.write() as tx:
        tx.execute(update(decisions).values(rulebook="e" * 64))
    found = replayed(world, campaign, LATER_HOURS)
    [group] = found.past.by_size
    assert group.examples[0].was.sentence == "Allowed, as it was written down."
    assert any("is not stored" in note for note in found.past.notes)


def test_decisions_under_an_older_rulebook_are_told_in_its_own_words(world: World) -> None:
    world.now = NOON - timedelta(hours=5)
    campaign = a_campaign_of(world, 1)
    world.dispatch(campaign)
    older = files_of(THREE_RULES + "\n# as it was\n")
    rulebooks.remember(world.store, digest_of(older), older, NOON)
    with world.store.write() as tx:
        tx.execute(update(decisions).values(rulebook=digest_of(older)))
    [group] = replayed(world, campaign, EARLIER_HOURS).past.by_size
    assert "allows contact from 08:00" in group.examples[0].was.sentence


def test_pages_are_put_together_and_nothing_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = a_campaign_of(world, 7)
    world.dispatch(campaign, lines=7)
    monkeypatch.setattr(replay_past, "PAGE", 2)
    before = [world.count(table) for table in (decisions, attempts, enrollments)]
    found = replayed(world, campaign, LATER_HOURS, limit=0)
    assert (found.past.asked, found.past.otherwise) == (7, 7)
    assert replay_form(found)["past"]["by_rule"][0]["examples"] == []
    assert [world.count(table) for table in (decisions, attempts, enrollments)] == before


def test_another_campaigns_decisions_are_left_out(world: World) -> None:
    campaign, other = a_campaign_of(world, 2), world.a_campaign("Other")
    world.dispatch(campaign)
    assert replayed(world, other, LATER_HOURS).past.asked == 0
