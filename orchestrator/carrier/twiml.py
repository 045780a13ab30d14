"""The documents that tell Twilio what a caller or a called person hears, as TwiML text."""

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

CONTENT_TYPE = "text/xml"
OPT_OUT_KEY = "9"
KEY_WAIT_SECONDS = 4
WAIT_SECONDS = 1  # the shortest pause that there is
HAND_OVER_SECONDS = 25
NOBODY_THERE = "Nobody could be reached there. We are sorry. Goodbye."


def join(room: str, *, when_over: str | None = None, ends_room: bool = False) -> str:
    """Join the caller to whoever waits in the room; ``when_over`` is asked once they have parted.

    ``ends_room``: when they leave, everybody else does.
    """
    response = VoiceResponse()
    dial = response.dial() if when_over is None else response.dial(action=when_over, method="POST")
    dial.conference(room, beep="false", wait_url="", start_conference_on_enter=True, end_conference_on_exit=ends_room)
    response.hangup()
    return str(response)


def agent_room(room: str, *, heard_at: str, again: str) -> str:
    """Hold an agent in their own room, which closes when they leave; ``heard_at`` is told who enters and leaves.

    A room that closes early is opened anew by ``again``, since the agent is still on the line.
    """
    response = VoiceResponse()
    response.dial().conference(
        room,
        beep="false",
        wait_url="",
        start_conference_on_enter=True,
        end_conference_on_exit=True,
        status_callback=heard_at,
        status_callback_method="POST",
        status_callback_event="join leave",  # of the first who enters alone, and that is the agent
    )
    response.redirect(again, method="POST")
    return str(response)


def wait(again: str) -> str:
    """Wait a moment, then ask ``again``."""
    response = VoiceResponse()
    response.pause(length=WAIT_SECONDS)
    response.redirect(again, method="POST")
    return str(response)


def hand_over(to: str, from_: str, when_over: str) -> str:
    """Connect the caller with somebody outside; ``when_over`` is asked what to say once that is over, or failed."""
    response = VoiceResponse()
    dial = response.dial(caller_id=from_, timeout=HAND_OVER_SECONDS, action=when_over, method="POST")
    nouns = {"client": dial.client, "sip": dial.sip, "sips": dial.sip}
    scheme = to.partition(":")[0]
    nouns.get(scheme, dial.number)(to.removeprefix("client:"))
    return str(response)


def handed_over(*, reached: bool) -> str:
    """After a conversation with somebody outside nothing is left to say; whom nobody answered is told so."""
    return hang_up() if reached else goodbye(NOBODY_THERE)


def information(text: str, key_url: str) -> str:
    """Say the message; a key pressed while it is said, or shortly after, goes to ``key_url``. Then hang up."""
    response = VoiceResponse()
    gather = response.gather(num_digits=1, action=key_url, method="POST", timeout=KEY_WAIT_SECONDS)
    gather.say(text)
    response.hangup()
    return str(response)


def greeting(text: str, key_url: str) -> str:
    """Greet somebody who called us; ``key_url`` hears the key that they pressed, or that they pressed none."""
    response = VoiceResponse()
    gather = response.gather(
        num_digits=1, action=key_url, method="POST", timeout=KEY_WAIT_SECONDS, action_on_empty_result=True
    )
    gather.say(text)
    response.hangup()
    return str(response)


def goodbye(text: str) -> str:
    """Say one thing and hang up."""
    response = VoiceResponse()
    response.say(text)
    response.hangup()
    return str(response)


def leave(text: str, recording: str | None) -> str:
    """Leave the message on a machine: the recording where there is one, else the words said. Then hang up."""
    response = VoiceResponse()
    if recording is None:
        response.say(text)
    else:
        response.play(recording)
    response.hangup()
    return str(response)


def hang_up() -> str:
    """Hang up and say nothing."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def empty() -> str:
    """Do nothing: no message is sent in reply."""
    return str(MessagingResponse())


def reply(text: str) -> str:
    """Send one message in reply."""
    response = MessagingResponse()
    response.message(text)
    return str(response)
