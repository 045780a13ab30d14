"""What an agent says of a call decides about the person, the number and the counts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.disposition import AfterCall, Disposition
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import UserError
from orchestrator.domain.events import EventKind
from orchestrator.persistence import agent_legs, call_counts, rollups
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.persistence.tables.people import consents, contact_points, suppressions
from orchestrator.pipeline import follow_up
from orchestrator.pipeline.agent_desk.disposing import dispose
from orchestrator.pipeline.call_tally import totals
from orchestrator.pipeline.explain import Told, explain
from orchestrator.pipeline.reception import answering
from tests.integration.desk.floor import DEFAULTS, WRAP_UP, agent_row, an_event, over, talking, words, wrapped_up
from tests.world import World, numbers


def test_a_disposition_is_kept_with_who_and_when_and_ends_the_person(world: World) -> None:
    attempt_id = talking(world)
    over(world, attempt_id)
    dispose(world.store, DEFAULTS, "kim", "agreed", world.now, note="wants the blue one")
    wrapped_up(world)
    attempt = world.attempt(attempt_id)
    assert (attempt.disposition, attempt.outcome, attempt.marked_machine) == ("agreed", "reached", False)
    assert words(world) == [("agreed", "kim", False)]
    assert world.enrollment(attempt.contact_id).done_reason == "reached"


def test_the_persons_story_tells_who_said_what_and_where_nobody_did(world: World) -> None:
    attempt_id = talking(world)
    over(world, attempt_id)
    dispose(world.store, DEFAULTS, "kim", "not_now", world.now, note="in the car")
    wrapped_up(world)
    other = talking(world, numbers(2)[1], campaign=world.attempt(attempt_id).campaign_id, agent="lee")
    over(world, other)
    wrapped_up(world)
    told = [event.sentence for number in numbers(2) for event in story(world, number) if event.kind == "disposition"]
    assert told == [
        "Agent kim said what the call came to: not_now; next: retry. They noted “in the car”.",
        "By the end of the wrap-up nobody had said what the call came to; the default applies: none_given; next: done.",
    ]


def story(world: World, number: str) -> Sequence[Told]:
    [found] = explain(world.store, world.rulebook, number, world.now)
    return found.events


@pytest.mark.parametrize("before_the_end", [True, False])
def test_a_machine_leaves_the_live_count_whenever_it_is_said(world: World, before_the_end: bool) -> None:
    attempt_id = talking(world)
    attempt = world.attempt(attempt_id)
    assert live_answered(world) == 1
    if before_the_end:
        dispose(world.store, DEFAULTS, "kim", "machine", world.now)
        over(world, attempt_id)
    else:
        over(world, attempt_id)
        dispose(world.store, DEFAULTS, "kim", "machine", world.now)
    attempt = world.attempt(attempt_id)
    assert (attempt.outcome, attempt.marked_machine) == ("machine", True)
    assert live_answered(world) == 0
    with world.store.read() as tx:
        counted = rollups.totals(tx, attempt.campaign_id, "attempts|")
    assert {name: value for name, value in counted.items() if value} == {"attempts|voice|predictive|machine": 1}


def live_answered(world: World) -> int:
    campaign = world.attempts()[-1].campaign_id
    with world.store.read() as tx:
        yesterday = world.now - timedelta(days=1)
        ended, going_on = (count(tx, campaign, yesterday) for count in (call_counts.since, call_counts.in_flight))
        counted = totals([*ended, *going_on])
    return counted.human - counted.machine_disposition


def test_a_machine_is_tried_again_by_the_cadence(world: World) -> None:
    campaign = world.a_campaign()
    attempt_id = talking(world, campaign=campaign)
    dispose(world.store, DEFAULTS, "kim", "machine", world.now)
    over(world, attempt_id)
    wrapped_up(world)
    world.now += timedelta(minutes=2)  # [demo] between
    assert world.dispatch(campaign) == 0
    ended_at = world.attempt(attempt_id).ended_at
    contact = world.attempt(attempt_id).contact_id
    assert world.enrollment(contact).next_eligible_at == ended_at + timedelta(minutes=10)  # [demo.rests] machine


def test_a_rest_of_its_own_replaces_the_cadences_for_every_number_of_the_person(world: World) -> None:
    campaign = world.a_campaign()
    attempt_id = talking(world, *numbers(2), campaign=campaign)
    over(world, attempt_id)
    dispose(world.store, DEFAULTS, "kim", "not_now", world.now)
    wrapped_up(world)
    assert world.dispatch(campaign) == 0
    row = world.attempt(attempt_id)
    assert world.enrollment(row.contact_id).next_eligible_at == row.ended_at + timedelta(hours=24)


def test_until_the_second_before_the_end_of_the_wrap_up_a_word_may_be_changed(world: World) -> None:
    attempt_id = talking(world)
    over(world, attempt_id)
    dispose(world.store, DEFAULTS, "kim", "hung_up", world.now)
    assert world.attempt(attempt_id).outcome == "hung_up"
    world.now += WRAP_UP - timedelta(seconds=1)
    follow_up.run_once(world.store, world.now)
    dispose(world.store, DEFAULTS, "kim", "agreed", world.now)
    assert world.attempt(attempt_id).outcome == "reached"
    world.now += timedelta(seconds=1)
    follow_up.run_once(world.store, world.now)
    with pytest.raises(UserError, match="'agreed' is on record"):
        dispose(world.store, DEFAULTS, "kim", "machine", world.now)
    assert words(world) == [("hung_up", "kim", False), ("agreed", "kim", False)]


def test_where_nothing_is_said_a_default_applies_and_the_record_says_so(world: World) -> None:
    attempt_id = talking(world)
    over(world, attempt_id)
    assert words(world) == []
    wrapped_up(world)
    assert words(world) == [("none_given", None, True)]
    assert world.enrollment(world.attempt(attempt_id).contact_id).done_reason == "reached"


def test_a_campaigns_own_default_applies_where_nothing_is_said(world: World) -> None:
    unclear = Disposition(
        id="unclear",
        label="Unclear",
        next_step=AfterCall.RETRY,
        outcome=Outcome.HUNG_UP,
        rest_seconds=7200,
        default=True,
    )
    campaign = world.a_campaign(dispositions={"unclear": unclear})
    attempt_id = talking(world, campaign=campaign)
    over(world, attempt_id)
    wrapped_up(world)
    assert words(world) == [("unclear", None, True)]
    attempt = world.attempt(attempt_id)
    assert (attempt.outcome, world.enrollment(attempt.contact_id).stage) == ("hung_up", "due")


def test_a_campaigns_table_replaces_a_default_of_the_same_name(world: World) -> None:
    other = {"agreed": replace(DEFAULTS["agreed"], next_step=AfterCall.RETRY, rest_seconds=3600)}
    attempt_id = talking(world, campaign=world.a_campaign(dispositions=other))
    over(world, attempt_id)
    assert dispose(world.store, DEFAULTS, "kim", "agreed", world.now).disposition.next_step is AfterCall.RETRY
    wrapped_up(world)
    assert world.enrollment(world.attempt(attempt_id).contact_id).stage == "due"


def test_the_next_number_is_tried_and_this_one_no_more(world: World) -> None:
    campaign = world.a_campaign()
    first, second = numbers(2)
    attempt_id = talking(world, first, second, campaign=campaign)
    over(world, attempt_id)
    dispose(world.store, DEFAULTS, "kim", "other_number", world.now)
    wrapped_up(world)
    world.now += timedelta(minutes=2)  # [demo] between
    assert world.dispatch(campaign) == 1
    assert world.attempts()[-1].number_key == world.store.keyring.number_key(second)


def test_a_wrong_number_leaves_the_person_its_consents_end_and_it_stays_suppressed(world: World) -> None:
    campaign = world.a_campaign()
    first, second = numbers(2)
    attempt_id = talking(world, first, second, campaign=campaign, automated=True, texts=True)
    over(world, attempt_id)
    said = dispose(world.store, DEFAULTS, "kim", "wrong_number", world.now)
    assert said.stop is not None
    key = world.store.keyring.number_key(first)
    with world.store.read() as tx:
        theirs = tx.execute(select(contact_points.c.number_key)).scalars().all()
        ended = tx.execute(select(consents.c.number_key, consents.c.channel).where(consents.c.event == "invalidated"))
        assert [tuple(row) for row in ended] == [(key, "any")]
        stop = tx.execute(select(suppressions)).one()
    assert theirs == [world.store.keyring.number_key(second)]
    assert (stop.number_key, stop.channel, stop.lifted_at) == (key, "any", None)
    wrapped_up(world)
    world.now += timedelta(minutes=2)
    assert world.dispatch(campaign) == 1
    assert world.attempts()[-1].number_key == world.store.keyring.number_key(second)


def test_whose_only_number_was_wrong_is_done(world: World) -> None:
    campaign = world.a_campaign()
    attempt_id = talking(world, campaign=campaign)
    over(world, attempt_id)
    dispose(world.store, DEFAULTS, "kim", "wrong_number", world.now)
    wrapped_up(world)
    world.dispatch(campaign)
    assert world.enrollment(world.attempt(attempt_id).contact_id).done_reason == "no_number"


def test_do_not_call_suppresses_and_ends_the_call_with_one_word(world: World) -> None:
    campaign = world.a_campaign(sms=True)
    attempt_id = talking(world, campaign=campaign)
    texted = world.a_contact([numbers(1)[0]], texts=True)  # the same number, under another name
    world.enrol(campaign, texted, lane=Lane.SMS)
    dispose(world.store, DEFAULTS, "kim", "do_not_call", world.now)
    with world.store.read() as tx:
        assert tx.execute(select(suppressions.c.channel)).scalars().all() == ["any"]
        assert tx.execute(select(cancellations.c.attempt_id)).scalars().all() == [attempt_id]
    assert world.enrollment(texted).done_reason == "suppressed"
    over(world, attempt_id)
    wrapped_up(world)
    assert world.enrollment(world.attempt(attempt_id).contact_id).done_reason == "suppressed"


def test_ready_ends_the_wrap_up_and_what_was_said_holds(world: World) -> None:
    attempt_id = talking(world)
    over(world, attempt_id)
    said = dispose(world.store, DEFAULTS, "kim", "agreed", world.now, ready=True)
    assert not said.ready  # nobody holds a line to an agent who has no call of their own
    assert agent_row(world).state == "wrapping"  # type: ignore[union-attr]


def test_a_word_nobody_knows_is_answered_with_the_nearest(world: World) -> None:
    talking(world)
    with pytest.raises(UserError, match="did you mean 'agreed'"):
        dispose(world.store, DEFAULTS, "kim", "agree", world.now)


def test_an_agent_without_a_call_has_nothing_to_dispose_of(world: World) -> None:
    world.an_agent()
    with pytest.raises(UserError, match="has had no call"):
        dispose(world.store, DEFAULTS, "kim", "agreed", world.now)
    with pytest.raises(UserError, match="There is no agent 'nobody'"):
        dispose(world.store, DEFAULTS, "nobody", "agreed", world.now)


def test_a_no_is_taken_down_before_the_carrier_says_that_they_met(world: World) -> None:
    world.an_agent("kim")
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    assert world.dispatch(campaign) == 1
    [attempt] = world.attempts()
    answering.answer(world.store, an_event(EventKind.ANSWER, attempt), world.now)
    assert (row := agent_row(world)) is not None
    assert row.state == "connecting"
    with pytest.raises(UserError, match="joined with nobody"):
        dispose(world.store, DEFAULTS, "kim", "agreed", world.now)
    dispose(world.store, DEFAULTS, "kim", "do_not_call", world.now)
    assert world.count(suppressions) == 1
    assert world.count(cancellations) == 1


def test_an_agent_whose_line_broke_can_still_say_what_that_call_came_to(world: World) -> None:
    second = talking(world)
    with world.store.write() as tx:
        agent_legs.rung(tx, "kim", "CAleg")
        agent_legs.leg_down(tx, "kim", "CAleg", world.now)
    over(world, second)
    follow_up.run_once(world.store, world.now)
    dispose(world.store, DEFAULTS, "kim", "do_not_call", world.now)
    assert (row := agent_row(world)) is not None
    assert row.state == "away"
    assert world.attempt(second).disposition == "do_not_call"
    wrapped_up(world)
    assert world.attempt(second).followed_up
