"""A preview as a task, step by step: what the router and the carrier are asked, and what stands after each failure."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.contact_request import ConsentChannel, SuppressionKind
from orchestrator.domain.errors import CarrierBusyError, CarrierError, DispatchUncertainError
from orchestrator.domain.task_routing import Post
from orchestrator.persistence import agent_legs, agents, suppressions, task_workers
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.attempts import cancellations
from tests.integration.task_routing.conftest import ANN, Desk
from tests.world import numbers


def test_only_a_worker_whom_the_router_calls_free_is_offered_anybody(desk: Desk) -> None:
    assert desk.offer().offered == 0
    desk.router.capacity[ANN] = 0
    desk.read_workers()
    assert (desk.agent.state, desk.offer().offered) == ("away", 0)
    desk.router.capacity[ANN] = 1
    with desk.world.store.write() as tx:
        assert task_workers.heard_of(tx, ANN, desk.world.now)
    desk.read_workers()
    assert (desk.agent.state, desk.agent.queue, desk.offer().offered) == ("ready", "task:sales", 1)


def test_a_worker_of_whom_there_is_unread_news_is_not_relied_on(desk: Desk) -> None:
    desk.read_workers()
    with desk.world.store.write() as tx:
        task_workers.heard_of(tx, ANN, desk.world.now)
    assert desk.offer().offered == 0
    assert desk.agent.state == "ready"


def test_no_dialled_call_is_ever_joined_to_a_worker_who_takes_tasks(desk: Desk) -> None:
    desk.read_workers()
    assert desk.agent.state == "ready"
    with desk.world.store.write() as tx:
        assert agents.reserve_ready(tx, "sales", 5, desk.world.now) == []
        assert agents.claim_longest_ready(tx, "sales", UUID(int=1), desk.world.now) is None


def test_a_task_shows_who_and_when_and_no_number(desk: Desk) -> None:
    sid = desk.laid()
    order = desk.router.orders[sid]
    assert (order.worker_sid, order.lasts_seconds) == (ANN, 60)
    assert order.card["campaign"] == "Spring"
    assert order.card["local_time"] == ["Monday 12:00 America/New_York"]
    assert not {"numbers", "agreed_to", "earlier"} & order.card.keys()
    assert numbers(1)[0][-4:] not in str(order.card)


def test_a_task_in_doubt_is_looked_for_before_another_is_made(desk: Desk) -> None:
    desk.read_workers()
    desk.offer()
    desk.router.next_errors.append(DispatchUncertainError())
    desk.step()
    assert (desk.task.stage, desk.task.sid) == ("planned", None)
    desk.pass_seconds(9.9)
    desk.step()
    assert desk.task.stage == "planned"
    desk.pass_seconds(0.1)
    desk.step()
    assert (desk.task.stage, len(desk.router.tasks)) == ("placed", 1)


def test_a_task_that_was_refused_is_asked_for_again(desk: Desk) -> None:
    desk.read_workers()
    desk.offer()
    desk.router.next_errors.append(CarrierBusyError())
    desk.step()
    desk.router.tasks.clear()  # a busy router made nothing
    desk.router.orders.clear()
    desk.pass_seconds(10)
    desk.step()
    assert (desk.task.stage, len(desk.router.tasks)) == ("placed", 1)
    assert next(iter(desk.router.orders.values())).lasts_seconds == 50, "it ends with its offer"


def test_a_yes_that_nobody_told_is_asked_for(desk: Desk) -> None:
    sid = desk.laid()
    desk.router.becomes(sid, "assigned")
    desk.pass_seconds(9.9)
    desk.step()
    assert desk.task.stage == "placed"
    desk.pass_seconds(0.1)
    desk.step()
    assert desk.task.stage == "taken"


def test_a_task_that_vanished_has_timed_out(desk: Desk) -> None:
    del desk.router.tasks[desk.laid()]
    desk.pass_seconds(10)
    desk.step()
    assert desk.facts() == ("over", "timed_out", "ready", "due")


def test_a_leg_of_which_nothing_is_heard_is_asked_about(desk: Desk) -> None:
    sid = desk.laid()
    desk.router.becomes(sid, "assigned")
    desk.tell(desk.news("reservation.accepted"))
    desk.step()
    desk.carrier_says(CallStatus.IN_PROGRESS)
    desk.pass_seconds(10)
    desk.step()
    assert desk.facts()[:2] == ("joined", "accepted")


def test_the_gate_is_asked_again_after_the_yes_and_its_no_is_shown(desk: Desk) -> None:
    sid = desk.joined()
    key = desk.world.store.keyring.number_key(numbers(1)[0])
    with desk.world.store.write() as tx:
        suppressions.add(
            tx, seller_id="acme", number_key=key, kind=SuppressionKind.DO_NOT_CALL, channel=ConsentChannel.VOICE,
            at=desk.world.now, source="test",
        )  # fmt: skip
    report = desk.offer()
    assert (report.dialled, report.withdrawn) == (0, 1)
    desk.step()
    ended = desk.router.fetch_task(sid)
    assert (ended.status, ended.reason) == ("completed", "not called: test.no-means-no")
    assert desk.router.notes[sid]["not_called"] == "not called: test.no-means-no"
    assert desk.facts() == ("over", "withdrawn", "ready", "done")
    assert desk.world.attempts() == []


def test_an_agent_who_leaves_while_it_rings_is_joined_with_nobody(desk: Desk) -> None:
    desk.joined()
    assert desk.offer().dialled == 1
    [attempt] = desk.world.attempts()
    desk.tell(desk.leg(CallStatus.COMPLETED))
    assert desk.agent.state == "away"
    assert desk.world.count(cancellations) == 1
    with desk.world.store.write() as tx:
        assert not agents.take_reserved(tx, "ann", attempt.id, desk.world.now)


def test_a_worker_who_goes_offline_while_reserved_frees_the_person_at_once(desk: Desk) -> None:
    desk.laid()
    desk.router.has(ANN, available=False)
    desk.tell(desk.news("worker.activity.update", task_sid=""))
    desk.read_workers()
    assert desk.offer_state() == ("timed_out", "the worker went away")
    assert desk.facts()[2:] == ("away", "due")
    desk.step()
    assert desk.router.fetch_task(desk.task.sid).reason == "the worker went away"


def test_whom_a_timeout_put_away_is_brought_back_once(desk: Desk) -> None:
    desk.laid()
    desk.router.has(ANN, available=False)
    desk.tell(desk.news("reservation.timeout"))
    desk.read_workers()
    assert desk.router.posts == [(ANN, Post.AVAILABLE)]
    assert desk.agent.state == "ready"
    desk.router.has(ANN, available=False)  # this time she left by herself
    desk.tell(desk.news("worker.activity.update", task_sid=""))
    desk.read_workers()
    assert (len(desk.router.posts), desk.agent.state) == (1, "away")


def test_a_bringing_back_that_failed_is_tried_again(desk: Desk) -> None:
    desk.laid()
    desk.router.has(ANN, available=False)
    desk.tell(desk.news("reservation.timeout"))
    desk.router.next_errors.append(CarrierBusyError())
    desk.read_workers()
    assert desk.router.posts == []
    desk.read_workers()
    assert desk.router.posts == [(ANN, Post.AVAILABLE)]


def test_everybody_is_read_every_minute_since_news_may_be_lost(desk: Desk) -> None:
    desk.read_workers()
    desk.router.has(ANN, available=False)
    desk.pass_seconds(59.9)
    desk.read_workers()
    assert desk.agent.state == "ready"
    desk.pass_seconds(0.1)
    desk.read_workers()
    assert desk.agent.state == "away"


def test_a_worker_who_was_deleted_is_away(desk: Desk) -> None:
    desk.read_workers()
    desk.router.crew.clear()
    desk.pass_seconds(60)
    desk.read_workers()
    assert desk.agent.state == "away"


def test_who_signs_in_by_phone_stands_where_no_tasks_come_until_they_leave(desk: Desk) -> None:
    desk.read_workers()
    with desk.world.store.write() as tx:
        assert task_workers.leave_tasks(tx, "ann", desk.world.now)
        assert agent_legs.ask(tx, "ann", desk.world.now)
    desk.read_workers()
    assert desk.router.posts == [(ANN, Post.OUTBOUND)]
    assert (desk.agent.state, desk.agent.queue) == ("away", "sales")
    with desk.world.store.write() as tx:
        tx.execute(update(agents_table).values(leg_asked_at=None))
    desk.read_workers()
    assert desk.router.posts[-1] == (ANN, Post.AVAILABLE)
    assert (desk.agent.state, desk.agent.queue) == ("ready", "task:sales")


def test_nobody_signs_in_by_phone_while_a_task_lies_before_them(desk: Desk) -> None:
    desk.laid()
    with desk.world.store.write() as tx:
        assert not task_workers.leave_tasks(tx, "ann", desk.world.now)
    assert desk.agent.queue == "task:sales"


def test_a_refusal_of_the_router_stops_no_other_step(desk: Desk) -> None:
    sid = desk.laid()
    desk.world.now += timedelta(seconds=60)
    desk.offer()
    desk.router.next_errors.append(CarrierError(carrier_code=20500))
    desk.step()
    assert desk.task.stage == "placed"
    desk.step()
    assert (desk.task.stage, desk.router.fetch_task(sid).status) == ("over", "canceled")
