"""<Dial>: the leg is joined to a conference, or to another leg that is rung for it."""

from functools import partial
from xml.etree.ElementTree import Element

from sandbox.callbacks import duration_seconds
from sandbox.conferences import join, open_room
from sandbox.dialling import dial as ring
from sandbox.errors import TwilioError
from sandbox.legs import hang_up, hears, step_out
from sandbox.records import Call, CallOrders, Participant
from sandbox.script import Turn
from sandbox.twiml import is_true, number_in
from sandbox.world import World

DEFAULT_TIMEOUT_SECONDS = 30.0
_PREFIXES = {"Client": "client:", "Sip": "", "Number": ""}


def dial(turn: Turn) -> None:
    """Join the leg to what stands inside; the first noun counts."""
    nouns = [noun for noun in turn.verb if noun.tag in {"Conference", *_PREFIXES}]
    if nouns and nouns[0].tag == "Conference":
        _into_conference(turn, nouns[0])
        return
    address = _address(nouns[0]) if nouns else (turn.verb.text or "").strip()
    if not address:
        turn.world.warn(f"13214: {turn.call.sid} has a <Dial> of nobody")
        turn.resume()
        return
    _to_another_leg(turn, address, nouns[0] if nouns else turn.verb)


def _address(noun: Element) -> str:
    text = (noun.text or "").strip()
    prefix = _PREFIXES[noun.tag]
    return text if text.startswith(prefix) else prefix + text


def _into_conference(turn: Turn, noun: Element) -> None:
    world, call = turn.world, turn.call
    room = open_room(world, (noun.text or "").strip())
    if room.status_callback is None:
        room.status_callback = noun.get("statusCallback")
        room.status_callback_method = noun.get("statusCallbackMethod", "POST")
        room.events = frozenset(noun.get("statusCallbackEvent", "").split())
    who = Participant(
        call=call,
        joined_at=world.now(),
        resume=partial(_conference_over, turn),
        label=noun.get("participantLabel"),
        muted=is_true(noun, "muted", default=False),
        start_on_enter=is_true(noun, "startConferenceOnEnter", default=True),
        end_on_exit=is_true(noun, "endConferenceOnExit", default=False),
    )
    try:
        join(world, room, who)
    except TwilioError as error:
        world.warn(f"{error.code}: {call.sid} could not join its conference")
        turn.resume()


def _conference_over(turn: Turn) -> None:
    if not turn.call.ended:
        turn.follow_action({"DialCallStatus": "completed"})


def _to_another_leg(turn: Turn, address: str, noun: Element) -> None:
    world, parent = turn.world, turn.call
    child = Call(
        to=address,
        from_=turn.verb.get("callerId", parent.from_),
        direction="outbound-dial",
        created_at=world.now(),
        plan=world.people.next_call(address),
        is_agent=world.people.is_agent(address),
        parent_sid=parent.sid,
        orders=_orders(turn.verb, noun),
    )
    world.calls.add(child)
    hears(world, parent, "ringback")
    child.on_answer = partial(_bridge, world, parent, child)
    child.on_end = partial(_child_over, turn, child)
    parent.leave = partial(_drop, world, child)
    ring(world, child)


def _orders(verb: Element, noun: Element) -> CallOrders:
    return CallOrders(
        ring_timeout=number_in(verb, "timeout", DEFAULT_TIMEOUT_SECONDS),
        time_limit=number_in(verb, "timeLimit", 14400.0),
        status_callback=noun.get("statusCallback"),
        status_callback_method=noun.get("statusCallbackMethod", "POST"),
        events=frozenset(noun.get("statusCallbackEvent", "completed").split()),
    )


def _bridge(world: World, parent: Call, child: Call) -> None:
    hears(world, parent, "agent_voice" if child.is_agent else "person_voice")
    hears(world, child, "agent_voice" if parent.is_agent else "person_voice")


def _drop(world: World, child: Call) -> None:
    child.on_end = None
    hang_up(world, child, "completed" if child.answered_at is not None else "canceled")


def _child_over(turn: Turn, child: Call) -> None:
    turn.call.leave = None
    step_out(child)
    outcome = {
        "DialCallStatus": child.status,
        "DialCallSid": child.sid,
        "DialCallDuration": str(duration_seconds(child)),
    }
    if not turn.call.ended:
        turn.follow_action(outcome)
