"""The words to which Twilio answers by itself, so that we stay silent and nobody gets two replies.

Only a message that is one such word counts; whoever writes more than that hears from us.
"""

from orchestrator.domain.events import CarrierEvent
from orchestrator.domain.sender import Sender
from orchestrator.domain.text_sender import SenderType, StopsBy

STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
TOLL_FREE_START_WORDS = frozenset({"START", "UNSTOP"})  # YES opens nothing there
HELP_WORDS = frozenset({"HELP", "INFO"})


def carrier_replies(event: CarrierEvent, sender: Sender) -> bool:
    """Whether the carrier has answered, or will; where a sender leaves that to us, only what it says it answered."""
    if event.opt_out_type:
        return True
    if sender.stops_by is StopsBy.US:
        return False
    return _only_word(event) in STOP_WORDS | HELP_WORDS | start_words(sender)


def carrier_restarts(event: CarrierEvent, sender: Sender) -> bool:
    """Whether this word lets messages through to the person again, at the carrier and with us."""
    return event.opt_out_type == "START" or _only_word(event) in start_words(sender)


def start_words(sender: Sender) -> frozenset[str]:
    """The words that lift a stop at such a sender."""
    return TOLL_FREE_START_WORDS if sender.type is SenderType.TOLL_FREE else START_WORDS


def _only_word(event: CarrierEvent) -> str:
    return (event.body or "").strip().upper()
