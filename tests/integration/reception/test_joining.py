"""Whatever gets lost between a claimed agent and a person: the agent is free within seconds, the call counts once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import AgentCallOrder, AnsweredBy, CallStatus
from orchestrator.domain.enrollment import OfferState
from orchestrator.domain.errors import CarrierBusyError
from orchestrator.domain.events import EventKind, RoomChange
from orchestrator.persistence import agent_legs, offers
from orchestrator.persistence import agents as states
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.persistence.tables.campaigns import enrollments, rollups
from orchestrator.pipeline import agents, joining
from orchestrator.pipeline.reception.plans import Inform, Join, Wait
from tests.integration.reception.calls import a_call, after, asks, hear, left
from tests.integration.reception.world import (
    ACME,
    CALLER_ID,
    MESSAGE,
    NOW,
    a_ready_agent,
    agent_row,
    an_attempt,
    an_event,
    attempt_row,
    campaign_of,
    count,
    reserve,
)

Call = tuple[UUID, str]
ROOM = "agent-ada"


def an_agent_on_the_line(house: Store, carrier: InProcessCarrier, agent_id: str = "ada") -> str:
    """An agent who waits in their room; the sid of their leg."""
    order = AgentCallOrder(agent_id=agent_id, address=f"client:{agent_id}", from_=CALLER_ID, room=f"agent-{agent_id}")
    leg = carrier.call_agent(order).sid
    carrier.set_status(leg, CallStatus.IN_PROGRESS)
    a_ready_agent(house, agent_id, since=after(-60))
    with house.write() as tx:
        agent_legs.ask(tx, agent_id, after(-60))
        agent_legs.rung(tx, agent_id, leg)
    carrier.seated[f"agent-{agent_id}"] = frozenset({leg})
    return leg


def joined_call(house: Store, carrier: InProcessCarrier) -> tuple[Call, str]:
    """A person who has been sent to the agent's room, and the agent's leg; whether they got there is open."""
    leg = an_agent_on_the_line(house, carrier)
    call = a_call(house, carrier)
    assert asks(house, call, NOW) == Join(ROOM)
    return call, leg


def room(change: RoomChange, call: Call, number: int = 0) -> Any:
    return an_event(EventKind.ROOM, sid=call[1], key=f"{call[1]}:{number}", agent_id="ada", room_change=change)


def agent_hangs_up(house: Store, leg: str, at: Any) -> None:
    hear(house, an_event(EventKind.AGENT_STATUS, sid=leg, agent_id="ada", call_status=CallStatus.COMPLETED), at)


def agent_state(house: Store) -> AgentState:
    return AgentState(agent_row(house, "ada").state)


def counted(house: Store) -> dict[str, int]:
    with house.read() as tx:
        rows = tx.execute(select(rollups.c.metric, rollups.c.value)).all()
    return {row.metric.rpartition("|")[2]: row.value for row in rows if row.value}


def test_an_agent_talks_once_the_carrier_says_that_they_met(house: Store, carrier: InProcessCarrier) -> None:
    call, _ = joined_call(house, carrier)
    assert agent_state(house) is AgentState.CONNECTING
    hear(house, room(RoomChange.ENTERED, call), after(0.4))
    row = attempt_row(house, call[0])
    assert (row.stage, row.connected_at, row.joining_since) == ("connected", after(0.4), None)
    assert agent_state(house) is AgentState.TALKING
    assert left(house, call, after(30)).outcome == "reached"
    assert agent_state(house) is AgentState.WRAPPING


@pytest.mark.parametrize(("seconds", "state"), [(2.9, AgentState.CONNECTING), (3.0, AgentState.TALKING)])
def test_a_lost_word_that_they_met_is_asked_for_after_three_seconds(
    house: Store, carrier: InProcessCarrier, seconds: float, state: AgentState
) -> None:
    call, leg = joined_call(house, carrier)
    carrier.seated[ROOM] = frozenset({leg, call[1]})
    joining.ask_unheard(house, carrier, after(seconds))
    assert agent_state(house) is state
    assert left(house, call, after(30)).outcome == "reached"
    assert (agent_state(house), counted(house)) == (AgentState.WRAPPING, {"reached": 1})


@pytest.mark.parametrize(("seconds", "state"), [(2.9, AgentState.CONNECTING), (3.0, AgentState.READY)])
def test_an_agent_whom_the_person_never_reached_is_ready_after_three_seconds(
    house: Store, carrier: InProcessCarrier, seconds: float, state: AgentState
) -> None:
    call, _ = joined_call(house, carrier)
    joining.ask_unheard(house, carrier, after(seconds))
    assert agent_state(house) is state
    if state is AgentState.READY:
        joining.run_once(house, carrier, after(3.1))
        assert asks(house, call, after(3.2)) == Inform(MESSAGE)
        assert left(house, call, after(9)).outcome == "abandoned"
        assert (agent_state(house), counted(house)) == (AgentState.READY, {"abandoned": 1})


def test_while_the_carrier_does_not_say_nobody_else_is_sent_to_the_agent(
    house: Store, carrier: InProcessCarrier
) -> None:
    class Silent(InProcessCarrier):
        def people_in(self, *_: object) -> frozenset[str]:
            raise CarrierBusyError

    joined_call(house, carrier)
    silent = Silent(now=carrier.now, records=carrier.records)
    assert joining.ask_unheard(house, silent, after(4)) == 0
    assert agent_state(house) is AgentState.CONNECTING


def test_a_person_who_hangs_up_before_the_bridge_was_not_reached_and_the_agent_needs_no_wrap_up(
    house: Store, carrier: InProcessCarrier
) -> None:
    call, _ = joined_call(house, carrier)
    row = left(house, call, after(1.2))
    assert (row.outcome, row.connected_at, row.abandoned_at) == ("hung_up", None, None)
    assert (agent_state(house), counted(house)) == (AgentState.READY, {"hung_up": 1})


def test_a_hang_up_that_nobody_heard_of_frees_the_agent_too(house: Store, carrier: InProcessCarrier) -> None:
    call, _ = joined_call(house, carrier)
    carrier.set_status(call[1], CallStatus.COMPLETED, duration_seconds=1)
    joining.ask_unheard(house, carrier, after(3))
    assert attempt_row(house, call[0]).outcome == "hung_up"
    assert agent_state(house) is AgentState.READY
    assert left(house, call, after(5)).outcome == "hung_up"
    assert counted(house) == {"hung_up": 1}


@pytest.mark.parametrize("change", list(RoomChange))
def test_news_of_the_room_that_the_end_overtook_count_the_call_as_what_it_was(
    house: Store, carrier: InProcessCarrier, change: RoomChange
) -> None:
    call, _ = joined_call(house, carrier)
    assert left(house, call, after(2)).outcome == "hung_up"
    hear(house, room(change, call), after(9))
    row = attempt_row(house, call[0])
    assert (row.outcome, row.connected_at, counted(house)) == ("reached", NOW, {"reached": 1})
    assert agent_state(house) is AgentState.READY


def test_with_every_word_lost_a_long_call_was_a_conversation(house: Store, carrier: InProcessCarrier) -> None:
    call, _ = joined_call(house, carrier)
    row = left(house, call, after(40))
    assert (row.outcome, row.connected_at) == ("reached", NOW)
    assert agent_state(house) is AgentState.WRAPPING


def test_an_agent_whose_browser_dies_in_mid_call_is_away_and_the_call_counts_once(
    house: Store, carrier: InProcessCarrier
) -> None:
    call, leg = joined_call(house, carrier)
    hear(house, room(RoomChange.ENTERED, call), after(1))
    agent_hangs_up(house, leg, after(20))
    assert (agent_state(house), agent_row(house, "ada").attempt_id) == (AgentState.AWAY, None)
    hear(house, room(RoomChange.LEFT, call, 1), after(20.1))
    assert left(house, call, after(20.2)).outcome == "reached"
    assert (agent_state(house), counted(house)) == (AgentState.AWAY, {"reached": 1})


def test_a_person_on_their_way_to_an_agent_who_dies_gets_another_at_once(
    house: Store, carrier: InProcessCarrier
) -> None:
    call, leg = joined_call(house, carrier)
    an_agent_on_the_line(house, carrier, "bob")
    agent_hangs_up(house, leg, after(0.5))
    joining.ask_unheard(house, carrier, after(0.6))
    assert (agent_state(house), agent_row(house, "bob").attempt_id) == (AgentState.AWAY, call[0])
    joining.run_once(house, carrier, after(0.7))
    assert carrier.asked_again == [call[1]]
    assert asks(house, call, after(0.8)) == Join("agent-bob")


def test_an_agent_whose_death_nobody_heard_is_found_out_and_not_made_ready(
    house: Store, carrier: InProcessCarrier
) -> None:
    call, leg = joined_call(house, carrier)
    carrier.set_status(leg, CallStatus.COMPLETED)
    carrier.seated[ROOM] = frozenset({call[1]})
    joining.ask_unheard(house, carrier, after(3))
    assert agent_state(house) is AgentState.AWAY
    joining.run_once(house, carrier, after(3.1))
    assert asks(house, call, after(3.2)) == Inform(MESSAGE)


def test_a_conference_that_ends_early_frees_the_agent_before_the_call_is_over(
    house: Store, carrier: InProcessCarrier
) -> None:
    call, _ = joined_call(house, carrier)
    hear(house, room(RoomChange.ENTERED, call), after(1))
    hear(house, room(RoomChange.LEFT, call, 1), after(10))
    assert (agent_state(house), attempt_row(house, call[0]).stage) == (AgentState.WRAPPING, "connected")
    with house.write() as tx:
        assert states.ready(tx, "ada", after(12))
    assert left(house, call, after(14)).outcome == "reached"
    assert (agent_state(house), counted(house)) == (AgentState.READY, {"reached": 1})


@pytest.mark.parametrize("still_there", [True, False])
def test_an_old_word_that_they_met_is_checked_before_the_agent_talks_again(
    house: Store, carrier: InProcessCarrier, still_there: bool
) -> None:
    call, leg = joined_call(house, carrier)
    hear(house, room(RoomChange.LEFT, call, 1), after(1))
    hear(house, room(RoomChange.ENTERED, call), after(1.1))
    assert agent_state(house) is AgentState.WRAPPING
    carrier.seated[ROOM] = frozenset({leg, call[1]} if still_there else {leg})
    joining.ask_unheard(house, carrier, after(4))
    assert agent_state(house) is (AgentState.TALKING if still_there else AgentState.WRAPPING)
    assert attempt_row(house, call[0]).joining_since is None


@pytest.mark.parametrize(("known_over", "outcome"), [(True, "hung_up"), (False, None)])
def test_a_redirect_that_finds_nobody_on_the_line_frees_the_agent_at_once(
    house: Store, carrier: InProcessCarrier, known_over: bool, outcome: str | None
) -> None:
    class Over(InProcessCarrier):
        def fetch_call(self, sid: str) -> Any:
            return super().fetch_call(sid) if known_over else in_progress

    call = a_call(house, carrier)
    assert asks(house, call, NOW) == Wait()
    in_progress = carrier.fetch_call(call[1])
    carrier.set_status(call[1], CallStatus.COMPLETED, duration_seconds=1)
    an_agent_on_the_line(house, carrier)
    over = Over(now=carrier.now, records=carrier.records)
    report = joining.run_once(house, over, after(1.2))
    assert (report.served, report.redirected) == (1, 0)
    assert agent_state(house) is AgentState.READY
    assert attempt_row(house, call[0]).outcome == outcome
    assert left(house, call, after(5)).outcome == "hung_up"
    assert counted(house) == {"hung_up": 1}


@pytest.mark.parametrize("said", [AnsweredBy.MACHINE, AnsweredBy.HUMAN, AnsweredBy.UNKNOWN])
def test_a_verdict_after_the_hang_up_changes_nothing(house: Store, carrier: InProcessCarrier, said: AnsweredBy) -> None:
    call, _ = joined_call(house, carrier)
    before = left(house, call, after(1.2))
    hear(house, an_event(EventKind.DETECTION, reference=call[0], sid=call[1], answered_by=said), after(2))
    assert attempt_row(house, call[0]) == before
    assert (count(house, cancellations), counted(house)) == (0, {"hung_up": 1})
    assert agent_state(house) is AgentState.READY


def test_an_agent_who_goes_offline_while_reserved_is_away_and_the_call_finds_another(
    house: Store, carrier: InProcessCarrier
) -> None:
    leg = an_agent_on_the_line(house, carrier)
    attempt_id = an_attempt(house, mode="progressive", sid="CA9")
    reserve(house, "ada", attempt_id)
    agent_hangs_up(house, leg, NOW)
    assert agent_state(house) is AgentState.AWAY
    assert asks(house, (attempt_id, "CA9"), after(1)) == Wait()
    an_agent_on_the_line(house, carrier, "bob")
    assert asks(house, (attempt_id, "CA9"), after(1.5)) == Join("agent-bob")


@pytest.mark.parametrize(("seconds", "state"), [(14, AgentState.RESERVED), (15, AgentState.READY)])
def test_a_reservation_for_which_no_call_was_written_down_times_out(
    house: Store, carrier: InProcessCarrier, seconds: float, state: AgentState
) -> None:
    a_ready_agent(house, "ada")
    with house.write() as tx:
        states.reserve_ready(tx, "roof-sales", 1, NOW)
    agents.run_once(house, carrier, after(seconds), lambda _: None)
    assert agent_state(house) is state


def test_an_agent_before_whom_somebody_lies_keeps_their_reservation(house: Store, carrier: InProcessCarrier) -> None:
    a_ready_agent(house, "ada")
    an_attempt(house)  # with a person, whom the campaign may contact
    with house.write() as tx:
        campaign = campaign_of(tx, ACME)
        person = {"campaign_id": campaign, "contact_id": 1, "seller_id": ACME, "stage": "offered", "lane": "preview"}
        tx.execute(enrollments.insert().values(**person, priority=5, next_eligible_at=NOW, updated_at=NOW, id=1))
        states.reserve_ready(tx, "roof-sales", 1, NOW)
        offer = offers.make(tx, enrollment_id=1, campaign_id=campaign, agent_id="ada", number_key=b"k" * 32, now=NOW)
    agents.run_once(house, carrier, after(30), lambda _: None)
    assert agent_state(house) is AgentState.RESERVED
    with house.write() as tx:
        offers.change(tx, offer, OfferState.OFFERED, OfferState.SKIPPED, after(31))
    agents.run_once(house, carrier, after(32), lambda _: None)
    assert agent_state(house) is AgentState.READY


def test_an_agent_reserved_for_a_call_that_is_over_is_ready_after_three_seconds(
    house: Store, carrier: InProcessCarrier
) -> None:
    a_ready_agent(house, "ada")
    reserve(house, "ada", an_attempt(house, stage=Stage.ENDED))
    agents.run_once(house, carrier, NOW + timedelta(seconds=3), lambda _: None)
    assert agent_state(house) is AgentState.READY


def test_news_from_the_room_after_the_end_makes_no_person_of_a_machine(house: Store, carrier: InProcessCarrier) -> None:
    call, _ = joined_call(house, carrier)
    hear(house, room(RoomChange.ENTERED, call), after(0.4))
    verdict = an_event(EventKind.DETECTION, reference=call[0], sid=call[1], answered_by=AnsweredBy.MACHINE)
    hear(house, verdict, after(3.4))
    assert left(house, call, after(4)).outcome == "machine"
    hear(house, room(RoomChange.LEFT, call, 1), after(4))
    assert attempt_row(house, call[0]).outcome == "machine"
    assert counted(house) == {"machine": 1}


def test_words_that_the_database_cannot_hold_stop_no_other_news(house: Store, carrier: InProcessCarrier) -> None:
    leg = an_agent_on_the_line(house, carrier)
    status = {"sid": "CAodd", "agent_id": "a\x00da", "call_status": CallStatus.COMPLETED}
    hear(house, an_event(EventKind.AGENT_STATUS, key="odd", **status), NOW)
    agent_hangs_up(house, leg, after(1))
    assert agent_state(house) == AgentState.AWAY
