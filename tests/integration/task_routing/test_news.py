"""What the router tells may come twice, late, in any order, or never: the same facts stand in the end."""

from itertools import permutations

import pytest

from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.enrollment import OfferState
from orchestrator.domain.errors import DispatchUncertainError
from tests.integration.task_routing.conftest import ANN, LEG, Desk

PUT_AWAY = ("reservation.timeout", "task.canceled", "worker.activity.update")


@pytest.mark.parametrize("order", list(permutations(PUT_AWAY)))
def test_a_timeout_frees_person_and_agent_in_whatever_order_it_is_told(desk: Desk, order: tuple[str, ...]) -> None:
    desk.laid()
    for kind in (*order, *order):
        desk.tell(desk.news(kind))
    assert desk.offer_state()[0] == "timed_out"
    assert desk.world.enrollment(desk.person).stage == "due"
    assert desk.agent.state in {"away", "ready"}
    assert desk.offer().offered == 0, "what she does must be read before she is relied on"
    assert desk.worker.bring_back


def test_a_yes_told_twice_rings_the_agent_once(desk: Desk) -> None:
    desk.laid()
    desk.tell(desk.news("reservation.accepted"), desk.news("reservation.accepted"))
    desk.step()
    desk.tell(desk.news("reservation.accepted"))
    desk.step()
    [leg] = desk.router.legs
    assert (leg.address, leg.room, leg.offer_id) == ("client:ann", "agent-ann", 1)


def test_news_that_overtake_the_answer_to_the_order_name_the_task(desk: Desk) -> None:
    desk.read_workers()
    desk.offer()
    desk.router.next_errors.append(DispatchUncertainError())
    desk.step()
    [sid] = desk.router.tasks
    desk.tell(desk.news("reservation.accepted", task_sid=sid))
    assert (desk.task.sid, desk.task.stage) == (sid, "taken")


def test_another_tasks_news_are_not_ours(desk: Desk) -> None:
    desk.laid()
    desk.tell(desk.news("reservation.accepted", task_sid="WT" + "f" * 32))
    assert desk.task.stage == "placed"


def test_a_late_timeout_does_not_undo_a_yes(desk: Desk) -> None:
    desk.laid()
    desk.tell(desk.news("reservation.accepted"), desk.news("reservation.timeout"), desk.news("reservation.created"))
    assert desk.facts() == ("taken", "offered", "reserved", "offered")


def test_another_workers_news_of_our_task_change_nothing(desk: Desk) -> None:
    desk.laid()
    desk.tell(desk.news("reservation.accepted", worker_sid="WK" + "b" * 32))
    assert desk.task.stage == "placed"


@pytest.mark.parametrize("facts", [{"offer_id": "999"}, {"offer_id": ""}, {"offer_id": "x"}, {"task_sid": ""}])
def test_news_of_nothing_of_ours_change_nothing(desk: Desk, facts: dict[str, str]) -> None:
    desk.laid()
    desk.tell(desk.news("reservation.accepted", **facts), desk.news("task.completed", **facts))
    assert desk.facts() == ("placed", "offered", "reserved", "offered")


def test_a_yes_after_the_offer_ended_calls_nobody(desk: Desk) -> None:
    desk.laid()
    desk.pass_seconds(60)
    assert desk.offer().timed_out == 1
    desk.router.becomes(desk.task.sid, "assigned")
    desk.tell(desk.news("reservation.accepted"))
    desk.step()
    assert desk.router.legs == []
    ended = desk.router.fetch_task(desk.task.sid)
    assert (ended.status, ended.reason) == ("completed", "nobody answered the offer in time")
    assert desk.task.stage == "over"


def test_a_yes_in_the_last_second_leaves_time_to_be_joined(desk: Desk) -> None:
    desk.laid()
    desk.pass_seconds(59.9)
    desk.tell(desk.news("reservation.accepted"))
    desk.pass_seconds(44)
    assert desk.offer().timed_out == 0
    desk.pass_seconds(2)
    assert desk.offer().timed_out == 1


def test_the_legs_news_may_come_before_its_sid_is_known(desk: Desk) -> None:
    desk.laid()
    desk.tell(desk.news("reservation.accepted"), desk.leg(CallStatus.IN_PROGRESS))
    assert desk.facts() == ("joined", "accepted", "reserved", "offered")
    assert desk.agent.leg_sid == LEG
    desk.tell(desk.leg(CallStatus.RINGING), desk.leg(CallStatus.INITIATED), desk.leg(CallStatus.IN_PROGRESS))
    assert desk.facts() == ("joined", "accepted", "reserved", "offered")


def test_another_legs_end_is_none_of_this_offer(desk: Desk) -> None:
    desk.joined()
    desk.tell(desk.leg(CallStatus.COMPLETED, sid="CA" + "f" * 32))
    assert desk.facts()[0] == "joined"
    assert desk.offer_state() == (OfferState.ACCEPTED, None)


def test_an_agent_who_closes_the_task_in_flex_has_finished_wrapping_up(desk: Desk) -> None:
    sid = desk.joined()
    assert desk.offer().dialled == 1
    call = desk.talked()
    assert (call, desk.agent.state) == ("reached", "wrapping")
    desk.step()
    assert desk.router.fetch_task(sid).status == "wrapping"
    desk.tell(desk.news("task.completed"))
    assert desk.facts() == ("over", "dialled", "ready", "in_flight")
    assert (desk.worker.worker_sid, desk.agent.leg_sid) == (ANN, None)
