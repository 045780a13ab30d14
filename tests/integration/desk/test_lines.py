"""Hold, mute, hang up and transfer: who is where, who is bound to the call, and nobody left behind."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.errors import CarrierBusyError, DispatchUncertainError, UserError
from orchestrator.domain.events import EventKind, RoomChange
from orchestrator.persistence import agents
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.attempts import cancellations
from orchestrator.pipeline import control, settlement
from orchestrator.pipeline.agent_desk import line_control, tidying, transferring
from orchestrator.pipeline.agent_desk.handing import Kind
from tests.integration.desk.floor import an_event, at_work, over, states, transfer_states
from tests.world import World

OUTSIDE = "+12125550199"


def test_the_person_is_held_and_taken_back(world: World, carrier: InProcessCarrier) -> None:
    _, sid = at_work(world, carrier)
    line_control.hold(world.store, carrier, "kim", held=True)
    assert carrier.rooms.seats[sid].held
    line_control.hold(world.store, carrier, "kim", held=False)
    assert not carrier.rooms.seats[sid].held


def test_an_agent_who_is_muted_is_heard_by_the_next_person(world: World, carrier: InProcessCarrier) -> None:
    attempt_id, _ = at_work(world, carrier)
    line_control.mute(world.store, carrier, "kim", muted=True)
    assert carrier.rooms.seats["leg-kim"].muted
    over(world, attempt_id)
    world.now += timedelta(seconds=15)
    with world.store.write() as tx:
        assert agents.finish_wrap_up(tx, world.now) == []  # nobody may be joined to an agent whom they cannot hear
        assert not agents.ready(tx, "kim", world.now)
    assert tidying.run_once(world.store, carrier, world.now) == 1
    assert {sid: seat.muted for sid, seat in carrier.rooms.seats.items()}["leg-kim"] is False
    with world.store.write() as tx:
        assert agents.finish_wrap_up(tx, world.now) == ["kim"]


def test_while_the_call_goes_on_nobody_unmutes_an_agent(world: World, carrier: InProcessCarrier) -> None:
    at_work(world, carrier)
    line_control.mute(world.store, carrier, "kim", muted=True)
    assert tidying.run_once(world.store, carrier, world.now) == 0
    line_control.mute(world.store, carrier, "kim", muted=False)
    with world.store.read() as tx:
        assert tx.execute(select(agents_table.c.muted)).scalars().all() == [False]


def test_hanging_up_is_filed_before_the_carrier_is_asked(world: World, carrier: InProcessCarrier) -> None:
    attempt_id, sid = at_work(world, carrier)
    real, asked = carrier.hang_up, []

    def fails(sid: str) -> object:
        asked.append(sid)
        raise CarrierBusyError

    carrier.hang_up = fails  # type: ignore[method-assign,assignment]
    line_control.hang_up(world.store, carrier, "kim", world.now)
    with world.store.read() as tx:
        assert tx.execute(select(cancellations.c.attempt_id)).scalars().all() == [attempt_id]
    assert asked == [sid]
    carrier.hang_up = real  # type: ignore[method-assign]
    control.run_once(world.store, carrier, world.now)
    assert carrier.fetch_call(sid).status == "completed"
    assert world.attempt(attempt_id).outcome == "reached"


@pytest.mark.parametrize("control_of", [line_control.hold, line_control.mute])
def test_without_anybody_on_the_line_there_is_nothing_to_control(world: World, control_of: object) -> None:
    world.an_agent()
    with pytest.raises(UserError, match="has nobody on the line: they are ready"):
        control_of(world.store, world.carrier, "kim", **{"held" if "hold" in str(control_of) else "muted": True})  # type: ignore[operator]


def test_a_blind_transfer_to_an_agent_frees_the_first_and_binds_the_second(
    world: World, carrier: InProcessCarrier
) -> None:
    attempt_id, sid = at_work(world, carrier, "lee")
    transferring.start(world.store, carrier, "kim", "lee", Kind.BLIND, world.now)
    assert carrier.rooms.inside("agent-lee") == {"leg-lee", sid}
    assert carrier.rooms.inside("agent-kim") == {"leg-kim"}
    assert states(world, "kim", "lee") == ["wrapping", "talking"]
    assert world.attempt(attempt_id).agent_id == "lee"
    over(world, attempt_id)
    assert states(world, "kim", "lee") == ["wrapping", "wrapping"]
    assert transfer_states(world) == ["done"]


def test_a_warm_transfer_to_an_agent_has_all_three_in_one_room_until_the_first_leaves(
    world: World, carrier: InProcessCarrier
) -> None:
    attempt_id, sid = at_work(world, carrier, "lee")
    transferring.start(world.store, carrier, "kim", "lee", Kind.WARM, world.now)
    assert carrier.rooms.inside("agent-lee") == {"leg-lee", "leg-kim", sid}
    line_control.hold(world.store, carrier, "kim", held=True)  # where the person is, not where they were
    assert carrier.rooms.seats[sid].held
    transferring.complete(world.store, carrier, "kim", world.now)
    assert carrier.rooms.inside("agent-lee") == {"leg-lee", sid}
    assert carrier.rooms.seats["leg-kim"].room == "agent-kim"
    assert carrier.rooms.seats["leg-kim"].ends_room
    assert states(world, "kim", "lee") == ["wrapping", "talking"]
    over(world, attempt_id)
    assert states(world, "kim", "lee") == ["wrapping", "wrapping"]


def test_a_warm_transfer_to_an_agent_can_be_taken_back(world: World, carrier: InProcessCarrier) -> None:
    attempt_id, sid = at_work(world, carrier, "lee")
    transferring.start(world.store, carrier, "kim", "lee", Kind.WARM, world.now)
    transferring.take_back(world.store, carrier, "kim", world.now)
    assert carrier.rooms.inside("agent-kim") == {"leg-kim", sid}
    assert states(world, "kim", "lee") == ["talking", "ready"]
    assert (world.attempt(attempt_id).agent_id, transfer_states(world)) == ("kim", ["withdrawn"])


def test_news_of_the_way_back_that_is_quicker_than_the_carriers_answer_frees_nobody(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id, sid = at_work(world, carrier, "lee")
    transferring.start(world.store, carrier, "kim", "lee", Kind.WARM, world.now)
    move = carrier.rooms.move

    def heard_at_once(who: str, room: str, *, ends_room: bool) -> None:
        move(who, room, ends_room=ends_room)
        if who == sid:
            for agent, change in (("lee", RoomChange.LEFT), ("kim", RoomChange.ENTERED)):
                moved = an_event(EventKind.ROOM, world.attempt(attempt_id), agent_id=agent, room_change=change)
                with world.store.write() as tx:
                    settlement.apply(tx, moved, world.now)

    monkeypatch.setattr(carrier.rooms, "move", heard_at_once)
    transferring.take_back(world.store, carrier, "kim", world.now)
    assert states(world, "kim", "lee") == ["talking", "ready"]


def test_a_pause_that_was_asked_for_during_a_transfer_holds_when_it_is_taken_back(
    world: World, carrier: InProcessCarrier
) -> None:
    at_work(world, carrier, "lee")
    transferring.start(world.store, carrier, "kim", "lee", Kind.WARM, world.now)
    with world.store.write() as tx:
        agents.ask_pause(tx, "lee", world.now)
    transferring.take_back(world.store, carrier, "kim", world.now)
    assert states(world, "kim", "lee") == ["talking", "away"]


def test_a_guest_from_outside_comes_in_and_goes_on_with_the_person(world: World, carrier: InProcessCarrier) -> None:
    attempt_id, sid = at_work(world, carrier)
    transferring.start(world.store, carrier, "kim", OUTSIDE, Kind.WARM, world.now)
    [guest] = carrier.rooms.inside("agent-kim") - {"leg-kim", sid}
    assert carrier.fetch_call(guest).to == OUTSIDE
    transferring.complete(world.store, carrier, "kim", world.now)
    assert carrier.rooms.inside(f"handed-on-{attempt_id}") == {guest, sid}
    assert states(world, "kim") == ["wrapping"]


def test_a_guest_from_outside_is_sent_away_again(world: World, carrier: InProcessCarrier) -> None:
    _, sid = at_work(world, carrier)
    transferring.start(world.store, carrier, "kim", OUTSIDE, Kind.WARM, world.now)
    transferring.take_back(world.store, carrier, "kim", world.now)
    assert carrier.rooms.inside("agent-kim") == {"leg-kim", sid}
    assert states(world, "kim") == ["talking"]


def test_a_blind_transfer_outside_leaves_the_agent_to_wrap_up(world: World, carrier: InProcessCarrier) -> None:
    _, sid = at_work(world, carrier)
    transferring.start(world.store, carrier, "kim", OUTSIDE, Kind.BLIND, world.now)
    assert carrier.rooms.handed_over == {sid: OUTSIDE}
    assert states(world, "kim") == ["wrapping"]


def test_whoever_is_not_free_is_handed_nobody(world: World, carrier: InProcessCarrier) -> None:
    _, sid = at_work(world, carrier, "lee")
    with world.store.write() as tx:
        agents.ask_pause(tx, "lee", world.now)
    with pytest.raises(UserError, match="'lee' is not free: they are away"):
        transferring.start(world.store, carrier, "kim", "lee", Kind.BLIND, world.now)
    with pytest.raises(UserError, match="'kim' is not free"):
        transferring.start(world.store, carrier, "kim", "kim", Kind.WARM, world.now)
    assert carrier.rooms.inside("agent-kim") == {"leg-kim", sid}
    assert transfer_states(world) == []


def test_where_the_carrier_refuses_everybody_is_as_before(world: World, carrier: InProcessCarrier) -> None:
    attempt_id, _ = at_work(world, carrier, "lee")
    carrier.rooms.fail_next(CarrierBusyError())
    with pytest.raises(CarrierBusyError):
        transferring.start(world.store, carrier, "kim", "lee", Kind.WARM, world.now)
    assert states(world, "kim", "lee") == ["talking", "ready"]
    assert (world.attempt(attempt_id).agent_id, transfer_states(world)) == ("kim", ["failed"])


def test_an_agent_whose_own_line_could_not_follow_may_take_the_person_back(
    world: World, carrier: InProcessCarrier
) -> None:
    _, sid = at_work(world, carrier, "lee")
    carrier.rooms.fail_next(CarrierBusyError(), after=1)
    with pytest.raises(UserError, match="The person is with lee, and your own line could not follow"):
        transferring.start(world.store, carrier, "kim", "lee", Kind.WARM, world.now)
    assert states(world, "kim", "lee") == ["talking", "talking"]  # nobody else is joined to lee meanwhile
    transferring.take_back(world.store, carrier, "kim", world.now)
    assert carrier.rooms.inside("agent-kim") == {"leg-kim", sid}
    assert states(world, "kim", "lee") == ["talking", "ready"]


@pytest.mark.parametrize("to", ["lee", OUTSIDE])
def test_a_person_who_hangs_up_in_a_warm_transfer_leaves_nobody_in_another_room(
    world: World, carrier: InProcessCarrier, to: str
) -> None:
    attempt_id, sid = at_work(world, carrier, "lee")
    transferring.start(world.store, carrier, "kim", to, Kind.WARM, world.now)
    del carrier.rooms.seats[sid]
    over(world, attempt_id)
    world.now += timedelta(seconds=15)
    with world.store.write() as tx:
        assert agents.finish_wrap_up(tx, world.now) == []  # their rooms are not fit for another call yet
    assert tidying.run_once(world.store, carrier, world.now) == 1
    assert carrier.rooms.inside("agent-kim") == {"leg-kim"}
    assert carrier.rooms.inside("agent-lee") == {"leg-lee"}
    with world.store.write() as tx:
        expected = ["kim", "lee"] if to == "lee" else ["kim"]
        assert sorted(agents.finish_wrap_up(tx, world.now)) == expected


def test_of_a_guest_who_may_be_ringing_unnamed_the_room_is_kept_clear(world: World, carrier: InProcessCarrier) -> None:
    attempt_id, sid = at_work(world, carrier)
    carrier.rooms.fail_next(DispatchUncertainError())
    with pytest.raises(UserError, match="It is not known whether they are being rung"):
        transferring.start(world.store, carrier, "kim", OUTSIDE, Kind.WARM, world.now)
    with pytest.raises(UserError, match="may still be ringing"):
        transferring.take_back(world.store, carrier, "kim", world.now)
    del carrier.rooms.seats[sid]
    over(world, attempt_id)
    assert tidying.run_once(world.store, carrier, world.now + timedelta(seconds=34)) == 0
    assert tidying.run_once(world.store, carrier, world.now + timedelta(seconds=35)) == 1


def test_one_transfer_at_a_time(world: World, carrier: InProcessCarrier) -> None:
    at_work(world, carrier, "lee")
    transferring.start(world.store, carrier, "kim", OUTSIDE, Kind.WARM, world.now)
    with pytest.raises(UserError, match="under way"):
        transferring.start(world.store, carrier, "kim", "lee", Kind.WARM, world.now)
    assert states(world, "lee") == ["ready"]
