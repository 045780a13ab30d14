"""Nobody is free when somebody picks up: they wait two seconds at most, the oldest first, and hear who called."""

import pytest
from sqlalchemy import insert

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.agent import AgentState
from orchestrator.domain.carrier import AmdMode, AnsweredBy
from orchestrator.domain.errors import CarrierBusyError
from orchestrator.domain.events import EventKind
from orchestrator.persistence import agents as agent_states
from orchestrator.persistence import call_counts
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.persistence.tables.columns import real_now
from orchestrator.pipeline import agents, joining
from orchestrator.pipeline.call_tally import totals
from orchestrator.pipeline.reception.plans import AnswerPlan, HangUp, Inform, Join, Wait
from tests.integration.reception.calls import a_call, after, asks, hear, left
from tests.integration.reception.world import (
    MESSAGE,
    NOW,
    a_ready_agent,
    agent_row,
    an_event,
    attempt_row,
)


@pytest.mark.parametrize(("seconds", "plan"), [(0, Wait()), (1.1, Wait()), (1.69, Wait()), (1.71, Inform(MESSAGE))])
def test_they_wait_until_the_message_must_begin_to_be_heard_within_two_seconds(
    house: Store, carrier: InProcessCarrier, seconds: float, plan: AnswerPlan
) -> None:
    call = a_call(house, carrier)
    assert asks(house, call, NOW) == Wait()
    assert asks(house, call, after(seconds)) == plan
    row = attempt_row(house, call[0])
    waits = plan == Wait()
    assert (row.waiting_since, row.abandoned_at) == (NOW if waits else None, None if waits else after(seconds))
    assert row.answered_at == NOW


def test_an_agent_who_becomes_free_is_claimed_when_they_ask_again(house: Store, carrier: InProcessCarrier) -> None:
    call = a_call(house, carrier)
    asks(house, call, NOW)
    a_ready_agent(house, "ada")
    assert [asks(house, call, after(1)), asks(house, call, after(5))] == [Join("agent-ada")] * 2
    assert (attempt_row(house, call[0]).waiting_since, attempt_row(house, call[0]).redirect_at) == (None, None)


def test_the_step_that_frees_an_agent_claims_them_for_whoever_waits_longest_and_the_carrier_is_told(
    house: Store, carrier: InProcessCarrier
) -> None:
    a_ready_agent(house, "ada", since=after(-60))
    with house.write() as tx:
        agent_states.change(tx, "ada", {AgentState.READY}, AgentState.WRAPPING, after(-14.5))
    younger, older = a_call(house, carrier, 1), a_call(house, carrier, 2)
    asks(house, older, NOW)
    asks(house, younger, after(0.1))
    agents.run_once(house, carrier, after(0.5), lambda _: None)
    assert agent_row(house, "ada").attempt_id == older[0]
    report = joining.run_once(house, carrier, after(0.6))
    assert (report.redirected, carrier.asked_again) == (1, [older[1]])
    assert asks(house, older, after(0.7)) == Join("agent-ada")
    assert asks(house, younger, after(1.2)) == Wait()
    joining.run_once(house, carrier, after(1.3))
    assert carrier.asked_again == [older[1]], "who got their document is not sent for it again"


def test_a_person_who_has_just_answered_does_not_overtake_who_waits(house: Store, carrier: InProcessCarrier) -> None:
    older, newer = a_call(house, carrier, 1), a_call(house, carrier, 2)
    asks(house, older, NOW)
    a_ready_agent(house, "ada")
    assert asks(house, newer, after(0.5)) == Wait()
    assert asks(house, older, after(0.6)) == Join("agent-ada")


def test_nobody_of_another_queue_is_given_the_agent(house: Store, carrier: InProcessCarrier) -> None:
    asks(house, a_call(house, carrier), NOW)
    a_ready_agent(house, "ada", queue="other")
    assert joining.run_once(house, carrier, after(1)).served == 0


@pytest.mark.parametrize(("seconds", "given_up"), [(1.6, 0), (1.8, 1)])
def test_who_does_not_ask_again_in_time_is_sent_for_the_message(
    house: Store, carrier: InProcessCarrier, seconds: float, given_up: int
) -> None:
    call = a_call(house, carrier)
    asks(house, call, NOW)
    assert joining.run_once(house, carrier, after(seconds)).given_up == given_up
    assert carrier.asked_again == [call[1]] * given_up
    assert asks(house, call, after(seconds)) == (Inform(MESSAGE) if given_up else Wait())


def test_a_carrier_that_cannot_be_told_is_told_again(house: Store, carrier: InProcessCarrier) -> None:
    class Busy(InProcessCarrier):
        def ask_again(self, *_: object) -> None:
            raise CarrierBusyError

    call = a_call(house, carrier)
    asks(house, call, NOW)
    busy = Busy(now=carrier.now, records=carrier.records)
    assert joining.run_once(house, busy, after(1.8)).redirected == 0
    row = attempt_row(house, call[0])
    assert row.abandoned_at == after(1.8)
    with house.read() as tx:
        soon = tx.execute(real_now(0.5).select()).scalar_one()
    assert row.redirect_at < soon, "within the half second"


def test_where_the_clock_starts_later_an_estimate_of_detection_lengthens_the_wait(
    house: Store, carrier: InProcessCarrier
) -> None:
    patient = a_call(house, carrier, 1, judged_from="greeting-end", amd=AmdMode.CONNECT_FIRST)
    strict = a_call(house, carrier, 2, judged_from="pick-up", amd=AmdMode.CONNECT_FIRST)
    for call in (patient, strict):
        asks(house, call, NOW)
        verdict = {"answered_by": AnsweredBy.HUMAN, "detection_seconds": 1.6}
        hear(house, an_event(EventKind.DETECTION, reference=call[0], sid=call[1], **verdict), after(1.65))
    assert asks(house, patient, after(1.8)) == Wait()
    assert asks(house, strict, after(1.8)) == Inform(MESSAGE)
    assert asks(house, patient, after(2.2)) == Inform(MESSAGE)
    row = attempt_row(house, patient[0])
    assert (row.speech_start_at, row.greeting_end_at, row.estimates_from) == (NOW, after(0.4), "detection")


def test_where_the_verdict_comes_first_the_greeting_is_reckoned_from_it(
    house: Store, carrier: InProcessCarrier
) -> None:
    call = a_call(house, carrier, answered_at=NOW, judged_from="greeting-end", amd=AmdMode.VERDICT_FIRST)
    assert asks(house, call, after(2.2), answered_by=AnsweredBy.HUMAN) == Wait()
    assert attempt_row(house, call[0]).greeting_end_at == after(1)
    assert asks(house, call, after(2.8), answered_by=AnsweredBy.HUMAN) == Inform(MESSAGE)


def test_who_hangs_up_while_they_wait_is_neither_abandoned_nor_connected(
    house: Store, carrier: InProcessCarrier
) -> None:
    call = a_call(house, carrier)
    asks(house, call, NOW)
    row = left(house, call, after(1.2))
    assert (row.outcome, row.abandoned_at, row.connected_at, row.waiting_since) == ("hung_up", None, None, None)
    with house.read() as tx:
        counted = totals(call_counts.since(tx, row.campaign_id, after(-1800)))
    assert (counted.human, counted.abandoned, counted.connected) == (0, 0, 0)


@pytest.mark.parametrize(("seconds", "outcome"), [(1.9, "hung_up"), (4, "abandoned")])
def test_who_never_heard_the_message_was_abandoned_only_if_they_stayed_for_it(
    house: Store, carrier: InProcessCarrier, seconds: float, outcome: str
) -> None:
    call = a_call(house, carrier)
    asks(house, call, NOW)
    joining.run_once(house, carrier, after(1.8))
    row = left(house, call, after(seconds))
    assert (row.outcome, row.abandoned_at) == (outcome, after(1.8) if outcome == "abandoned" else None)


def test_who_heard_the_message_was_abandoned_however_soon_they_left(house: Store, carrier: InProcessCarrier) -> None:
    call = a_call(house, carrier)
    asks(house, call, NOW)
    assert asks(house, call, after(1.8)) == Inform(MESSAGE)
    assert left(house, call, after(1.9)).outcome == "abandoned"


def test_a_stop_that_comes_while_they_wait_ends_the_call(house: Store, carrier: InProcessCarrier) -> None:
    call = a_call(house, carrier)
    asks(house, call, NOW)
    with house.write() as tx:
        row = {"attempt_id": call[0], "reason": "stop", "filed_at": NOW}
        tx.execute(insert(cancellations).values(**row, due_at=real_now()))
    assert isinstance(asks(house, call, after(1)), HangUp)
    a_ready_agent(house, "ada")
    assert joining.run_once(house, carrier, after(1.2)).served == 0
    assert isinstance(asks(house, call, after(1.5)), HangUp)


def test_a_machine_that_was_taken_for_a_person_at_first_gets_no_agent_and_is_not_abandoned(
    house: Store, carrier: InProcessCarrier
) -> None:
    call = a_call(house, carrier, amd=AmdMode.CONNECT_FIRST)
    asks(house, call, NOW)
    verdict = an_event(EventKind.DETECTION, reference=call[0], sid=call[1], answered_by=AnsweredBy.MACHINE)
    hear(house, verdict, after(1))
    a_ready_agent(house, "ada")
    report = joining.run_once(house, carrier, after(1.8))
    assert (report.served, report.given_up) == (0, 0)
    assert isinstance(asks(house, call, after(1.9)), HangUp)
    assert left(house, call, after(2)).outcome == "machine"
