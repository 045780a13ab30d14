"""What a called person waits for, as they lived it: neither flattered nor punished by the speed of the clock."""

import threading
import time
from dataclasses import dataclass, field

import pytest

from tests.sandbox.conftest import NUMBER, PERSON, Here, MakeSandbox
from tests.sandbox.receiver import Answer, Receiver, eventually
from tests.sandbox.test_conferences import INTO_ROOM, agent_waits

SPEEDS = pytest.mark.parametrize("speed", [1.0, 12.0])
SLOW_SECONDS = 0.5  # of life: what the application takes for a document
MARGIN_SECONDS = 0.4  # of life: a busy machine
WAIT = "<Response><Pause length='1'/><Redirect method='POST'>/then</Redirect></Response>"
MESSAGE = "<Response><Say>This is Sample Ltd.</Say></Response>"


@dataclass
class Slow:
    """An answer that takes its time in life; ``seconds`` tells how long it really took."""

    receiver: Receiver
    path: str
    body: str
    released: threading.Event = field(default_factory=threading.Event)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.receiver.answers(self.path, Answer(body=self.body, hold=self.released))

    def release(self) -> None:
        """Wait until the document is asked for, and answer after the slow seconds."""
        self.receiver.wait_for(self.path)
        asked_at = time.monotonic()
        threading.Event().wait(SLOW_SECONDS)
        self.seconds = time.monotonic() - asked_at
        self.released.set()


def a_person(here: Here, receiver: Receiver, **pins: object) -> str:
    """Somebody who picks up at once, greets for 0.2 s and waits as long as it takes."""
    here.pin(PERSON, outcomes=["human"], ring_seconds=0.1, greeting_seconds=0.2, talk_seconds=600, **pins)
    return str(here.client.calls.create(to=PERSON, from_=NUMBER, url=f"{receiver.url}/answer").sid)


def measured(here: Here, sid: str, name: str = "two_seconds") -> float:
    eventually(lambda: here.row(sid)[name] is not None)
    return float(here.row(sid)[name])


@SPEEDS
def test_a_slow_document_counts_by_its_real_seconds(
    make_sandbox: MakeSandbox, receiver: Receiver, speed: float
) -> None:
    here = make_sandbox(speed=speed)
    agent_waits(here)
    slow = Slow(receiver, "/answer", INTO_ROOM)
    sid = a_person(here, receiver)
    slow.release()
    assert slow.seconds - 0.2 <= measured(here, sid) + 0.01 <= slow.seconds - 0.2 + MARGIN_SECONDS


@SPEEDS
def test_a_pause_counts_by_the_worlds_seconds(make_sandbox: MakeSandbox, receiver: Receiver, speed: float) -> None:
    here = make_sandbox(speed=speed)
    agent_waits(here)
    receiver.answers("/answer", Answer(body=WAIT))
    slow = Slow(receiver, "/then", INTO_ROOM)
    sid = a_person(here, receiver)
    slow.release()
    expected = 1.0 + slow.seconds - 0.2
    # The agenda rings a little late, and late by real seconds: at x12 that is a little of the world.
    assert expected <= measured(here, sid) + 0.01 <= expected + MARGIN_SECONDS + 0.05 * speed


@SPEEDS
def test_the_message_of_an_abandoned_call_is_measured_alike(
    make_sandbox: MakeSandbox, receiver: Receiver, speed: float
) -> None:
    here = make_sandbox(speed=speed)
    slow = Slow(receiver, "/answer", MESSAGE)
    sid = a_person(here, receiver)
    slow.release()
    waited = measured(here, sid, "message_after_seconds")
    assert slow.seconds - 0.2 <= waited + 0.01 <= slow.seconds - 0.2 + MARGIN_SECONDS
    assert here.row(sid)["two_seconds"] is None, "no agent was heard"


@SPEEDS
def test_a_redirect_that_overtakes_a_document_ends_its_exchange(
    make_sandbox: MakeSandbox, receiver: Receiver, speed: float
) -> None:
    here = make_sandbox(speed=speed)
    agent_waits(here)
    never = Slow(receiver, "/answer", MESSAGE)
    then = Slow(receiver, "/then", INTO_ROOM)
    sid = a_person(here, receiver)
    receiver.wait_for("/answer")
    began = time.monotonic()
    here.client.calls(sid).update(url=f"{receiver.url}/then", method="POST")
    then.release()
    never.released.set()
    in_life = time.monotonic() - began
    assert then.seconds - 0.2 <= measured(here, sid) + 0.01 <= in_life - 0.2 + MARGIN_SECONDS
    assert here.row(sid)["message_after_seconds"] is None


def test_an_agent_who_is_there_before_the_greeting_is_over_is_no_wait(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    here = make_sandbox(speed=12.0)
    agent_waits(here)
    receiver.answers("/answer", Answer(body=INTO_ROOM))
    here.pin(PERSON, outcomes=["human"], ring_seconds=0.1, greeting_seconds=60, talk_seconds=600)
    sid = str(here.client.calls.create(to=PERSON, from_=NUMBER, url=f"{receiver.url}/answer").sid)
    assert measured(here, sid) == 0


def test_an_agents_own_leg_waits_for_nobody(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    here = make_sandbox(speed=12.0)
    leg = agent_waits(here)
    receiver.answers("/answer", Answer(body=INTO_ROOM))
    measured(here, a_person(here, receiver))
    assert (here.row(leg)["two_seconds"], here.row(leg)["message_after_seconds"]) == (None, None)
