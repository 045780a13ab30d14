"""Plans -> the documents that the carrier executes."""

from flask import Response

from orchestrator.carrier import twiml
from orchestrator.pipeline.reception.plans import Goodbye, Greet, HangUp, Inform, Join, Leave, Wait


def document(
    plan: Join | Wait | Inform | Leave | Greet | Goodbye | HangUp,
    *,
    key_url: str = "",
    again: str = "",
    when_over: str | None = None,
) -> Response:
    """The plan as TwiML.

    ``key_url`` hears pressed keys, ``when_over`` the end of a conversation; ``again`` is asked by who waits.
    """
    match plan:
        case Join():
            return voice(twiml.join(plan.room, when_over=when_over))
        case Wait():
            return voice(twiml.wait(again))
        case Inform():
            return voice(twiml.information(plan.text, key_url))
        case Leave():
            return voice(twiml.leave(plan.text, plan.recording))
        case Greet():
            return voice(twiml.greeting(plan.text, key_url))
        case Goodbye():
            return voice(twiml.goodbye(plan.text))
        case HangUp():
            return voice(twiml.hang_up())


def voice(text: str) -> Response:
    """The text as the carrier takes it."""
    return Response(text, content_type=twiml.CONTENT_TYPE)


def reply(text: str | None) -> Response:
    """One message in reply, or none."""
    return Response(twiml.empty() if text is None else twiml.reply(text), content_type=twiml.CONTENT_TYPE)
