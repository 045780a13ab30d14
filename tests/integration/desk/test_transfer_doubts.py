"""A transfer of which nobody knows how far it got is settled within seconds, and nobody is left alone in a room."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import CarrierRecord
from orchestrator.domain.errors import AnswerLostError, CallOverError, CarrierBusyError, CarrierError, UserError
from orchestrator.pipeline.agent_desk import transfer_doubts, transferring
from orchestrator.pipeline.agent_desk.handing import Kind
from tests.integration.desk.floor import at_work, over, states, transfer_states
from tests.world import World

OUTSIDE = "+12125550199"
PATIENCE = transfer_doubts.NOT_MOVED_AFTER


def lose_answers(monkeypatch: pytest.MonkeyPatch, carrier: InProcessCarrier, name: str, *, done: bool) -> None:
    """The carrier does what it is asked, or does not; in neither case does its answer arrive."""
    real: Callable[..., None] = getattr(carrier.rooms, name)

    def lost(*who: str, **how: object) -> None:
        if done:
            real(*who, **how)
        raise AnswerLostError

    monkeypatch.setattr(carrier.rooms, name, lost)


def look(world: World, carrier: InProcessCarrier, after: timedelta = timedelta(0)) -> int:
    world.now += after
    return transfer_doubts.run_once(world.store, carrier, world.now)


def with_a_guest(world: World, carrier: InProcessCarrier) -> tuple[str, str]:
    """Kim, a person and a guest from outside in one room: the sids of the last two."""
    _, sid = at_work(world, carrier)
    transferring.start(world.store, carrier, "kim", OUTSIDE, Kind.WARM, world.now)
    [guest] = carrier.rooms.inside("agent-kim") - {"leg-kim", sid}
    return sid, guest


def failing_for(monkeypatch: pytest.MonkeyPatch, carrier: InProcessCarrier, whom: str, error: CarrierError) -> None:
    move = carrier.rooms.move

    def moves(sid: str, room: str, *, ends_room: bool) -> None:
        if sid == whom:
            raise error
        move(sid, room, ends_room=ends_room)

    monkeypatch.setattr(carrier.rooms, "move", moves)


def is_over(carrier: InProcessCarrier, sid: str) -> bool:
    return carrier.fetch_call(sid).status in {"completed", "canceled"}


@pytest.mark.parametrize(("to", "request_"), [("lee", "move"), (OUTSIDE, "hand_over")])
def test_an_agent_whose_person_was_handed_on_although_the_answer_got_lost_wraps_up(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch, to: str, request_: str
) -> None:
    attempt_id, _ = at_work(world, carrier, "lee")
    lose_answers(monkeypatch, carrier, request_, done=True)
    with pytest.raises(UserError, match="not known whether they have been handed on"):
        transferring.start(world.store, carrier, "kim", to, Kind.BLIND, world.now)
    assert states(world, "kim", "lee") == ["talking", "talking" if to == "lee" else "ready"]
    assert look(world, carrier) == 1
    assert states(world, "kim", "lee") == ["wrapping", "talking" if to == "lee" else "ready"]
    assert transfer_states(world) == ["done"]
    over(world, attempt_id)
    assert states(world, "lee") == ["wrapping" if to == "lee" else "ready"]


@pytest.mark.parametrize(("to", "request_"), [("lee", "move"), (OUTSIDE, "hand_over")])
def test_an_agent_whose_person_was_not_handed_on_has_them_as_before(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch, to: str, request_: str
) -> None:
    attempt_id, _ = at_work(world, carrier, "lee")
    lose_answers(monkeypatch, carrier, request_, done=False)
    with pytest.raises(UserError, match="not known"):
        transferring.start(world.store, carrier, "kim", to, Kind.BLIND, world.now)
    with pytest.raises(UserError, match="The worker is asking Twilio"):
        transferring.take_back(world.store, carrier, "kim", world.now)
    assert look(world, carrier, PATIENCE - timedelta(seconds=1)) == 0
    assert look(world, carrier, timedelta(seconds=1)) == 1
    assert states(world, "kim", "lee") == ["talking", "ready"]
    assert (world.attempt(attempt_id).agent_id, transfer_states(world)) == ("kim", ["failed"])


def test_while_the_carrier_does_not_say_where_they_are_nothing_is_settled(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work(world, carrier)
    lose_answers(monkeypatch, carrier, "hand_over", done=True)
    with pytest.raises(UserError, match="not known"):
        transferring.start(world.store, carrier, "kim", OUTSIDE, Kind.BLIND, world.now)

    def busy(_: str) -> frozenset[str]:
        raise CarrierBusyError

    with monkeypatch.context() as failing:
        failing.setattr(carrier, "people_in", busy)
        assert look(world, carrier, PATIENCE) == 0
    assert look(world, carrier) == 1
    assert states(world, "kim") == ["wrapping"]


def test_in_a_warm_transfer_the_agent_follows_once_it_is_known_that_the_person_went(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, sid = at_work(world, carrier, "lee")
    with monkeypatch.context() as losing:
        lose_answers(losing, carrier, "move", done=True)
        with pytest.raises(UserError, match="not known"):
            transferring.start(world.store, carrier, "kim", "lee", Kind.WARM, world.now)
    assert look(world, carrier) == 1
    assert carrier.rooms.inside("agent-lee") == {"leg-kim", "leg-lee", sid}
    transferring.complete(world.store, carrier, "kim", world.now)
    assert states(world, "kim", "lee") == ["wrapping", "talking"]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_command_that_was_killed_half_way_keeps_nobody(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    at_work(world, carrier, "lee")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(carrier.rooms, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        transferring.start(world.store, carrier, "kim", "lee", kind, world.now)
    assert states(world, "kim", "lee") == ["talking", "talking"]
    assert look(world, carrier, PATIENCE - timedelta(seconds=1)) == 0
    assert look(world, carrier, timedelta(seconds=1)) == 1
    assert states(world, "kim", "lee") == ["talking", "ready"]


@pytest.mark.parametrize(
    ("of_whom", "error", "said"),
    [
        ("person", CarrierBusyError(), "is still with you"),
        ("person", CallOverError(), "They have hung up"),
        ("guest", AnswerLostError(), "is still with you"),
    ],
)
def test_a_guest_whose_person_does_not_follow_is_not_left_alone(
    world: World,
    carrier: InProcessCarrier,
    monkeypatch: pytest.MonkeyPatch,
    of_whom: str,
    error: CarrierError,
    said: str,
) -> None:
    sid, guest = with_a_guest(world, carrier)
    failing_for(monkeypatch, carrier, sid if of_whom == "person" else guest, error)
    with pytest.raises(UserError, match=said):
        transferring.complete(world.store, carrier, "kim", world.now)
    assert is_over(carrier, guest)
    assert (states(world, "kim"), transfer_states(world)) == (["talking"], ["failed"])


def test_a_guest_who_cannot_be_let_go_at_once_is_let_go_by_the_worker(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    sid, guest = with_a_guest(world, carrier)
    failing_for(monkeypatch, carrier, sid, CarrierBusyError())

    def busy(_: str) -> CarrierRecord:
        raise CarrierBusyError

    with monkeypatch.context() as failing:
        failing.setattr(carrier, "hang_up", busy)
        with pytest.raises(UserError, match="is still with you"):
            transferring.complete(world.store, carrier, "kim", world.now)
        assert look(world, carrier) == 0
    assert look(world, carrier) == 1
    assert is_over(carrier, guest)
    assert transfer_states(world) == ["failed"]


def test_two_who_left_although_the_answer_got_lost_go_on_talking(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    sid, guest = with_a_guest(world, carrier)
    move = carrier.rooms.move

    def lost_for_the_person(who: str, room: str, *, ends_room: bool) -> None:
        move(who, room, ends_room=ends_room)
        if who == sid:
            raise AnswerLostError

    monkeypatch.setattr(carrier.rooms, "move", lost_for_the_person)
    with pytest.raises(UserError, match="not known whether both have left"):
        transferring.complete(world.store, carrier, "kim", world.now)
    assert look(world, carrier) == 1
    assert (states(world, "kim"), transfer_states(world)) == (["wrapping"], ["done"])
    assert not is_over(carrier, guest)


def test_a_guest_who_went_ahead_of_a_person_who_did_not_is_let_go(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    sid, guest = with_a_guest(world, carrier)
    world.now += timedelta(minutes=1)  # they have talked for a while
    failing_for(monkeypatch, carrier, sid, AnswerLostError())
    with pytest.raises(UserError, match="not known whether both have left"):
        transferring.complete(world.store, carrier, "kim", world.now)
    assert look(world, carrier, PATIENCE - timedelta(seconds=1)) == 0
    assert look(world, carrier, timedelta(seconds=1)) == 1
    assert is_over(carrier, guest)
    assert (states(world, "kim"), transfer_states(world)) == (["talking"], ["failed"])


def test_a_guest_who_has_not_picked_up_keeps_everybody_where_they_are(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, guest = with_a_guest(world, carrier)
    failing_for(monkeypatch, carrier, guest, CallOverError())
    with pytest.raises(UserError, match="They have not picked up"):
        transferring.complete(world.store, carrier, "kim", world.now)
    assert (states(world, "kim"), transfer_states(world)) == (["talking"], ["together"])
    assert look(world, carrier, PATIENCE) == 0
    transferring.take_back(world.store, carrier, "kim", world.now)
    assert transfer_states(world) == ["withdrawn"]
