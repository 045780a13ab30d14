"""What each verb of a document does to the leg that follows it."""

from functools import partial

from sandbox.dial_verb import dial
from sandbox.legs import hang_up, hears, while_hearing, while_script
from sandbox.script import Turn, Verb, ask
from sandbox.twiml import heard_in, is_true, number_in, seconds_of

MESSAGE = "information_message"


def say(turn: Turn) -> None:
    """Speak, or play a file, then go on."""
    hears(turn.world, turn.call, MESSAGE, heard_in([turn.verb]))
    turn.resume_after(seconds_of(turn.verb))


def pause(turn: Turn) -> None:
    """Be silent, then go on."""
    hears(turn.world, turn.call, "silence")
    turn.resume_after(seconds_of(turn.verb))


def redirect(turn: Turn) -> None:
    """Follow another document."""
    ask(turn.world, turn.call, (turn.verb.text or "").strip(), turn.verb.get("method", "POST"), {})


def hangup(turn: Turn) -> None:
    """End the call."""
    hang_up(turn.world, turn.call)


def reject(turn: Turn) -> None:
    """Refuse an inbound call; an answered or outbound one simply ends."""
    call = turn.call
    if call.direction == "inbound" and call.answered_at is None:
        hang_up(turn.world, call, "busy" if turn.verb.get("reason") == "busy" else "no-answer")
    else:
        hang_up(turn.world, call)


def gather(turn: Turn) -> None:
    """Speak what stands inside, and listen for keys or words meanwhile and for the timeout after."""
    world, call, verb = turn.world, turn.call, turn.verb
    spoken = sum(seconds_of(child) for child in verb)
    words = heard_in(verb)
    hears(world, call, MESSAGE if words else "silence", words or None)
    until = spoken + number_in(verb, "timeout", 5.0)
    answer = _answer(turn)
    if answer and call.plan.press_after_seconds < until:
        world.later(call.plan.press_after_seconds, while_script(call, partial(_answered, turn, answer)))
        return
    if words:
        world.later(spoken, while_script(call, while_hearing(call, partial(hears, world, call, "silence"))))
    world.later(until, while_script(call, partial(_nothing_came, turn)))


def _answer(turn: Turn) -> dict[str, str]:
    call, inputs = turn.call, turn.verb.get("input", "dtmf").split()
    if call.is_agent or call.plan.outcome != "human":
        return {}
    if "dtmf" in inputs and call.keys:
        return {"Digits": _keys(turn)}
    if "speech" in inputs and call.plan.says:
        return {"SpeechResult": call.plan.says, "Confidence": "0.92"}
    return {}


def _keys(turn: Turn) -> str:
    finish, wanted = turn.verb.get("finishOnKey", "#"), turn.verb.get("numDigits", "")
    keys = turn.call.keys.split(finish)[0] if finish else turn.call.keys
    return keys[: int(wanted)] if wanted.isdigit() else keys


def _answered(turn: Turn, answer: dict[str, str]) -> None:
    digits = answer.get("Digits", "")
    turn.call.keys = turn.call.keys[len(digits) :].lstrip("#")
    turn.follow_action(answer, else_resume=False)


def _nothing_came(turn: Turn) -> None:
    if is_true(turn.verb, "actionOnEmptyResult", default=False):
        turn.follow_action({"Digits": ""}, else_resume=False)
    else:
        turn.resume()


VERBS: dict[str, Verb] = {
    "Say": say,
    "Play": say,
    "Pause": pause,
    "Gather": gather,
    "Dial": dial,
    "Redirect": redirect,
    "Hangup": hangup,
    "Reject": reject,
}
