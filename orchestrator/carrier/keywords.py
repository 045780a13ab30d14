"""The words to which Twilio answers by itself, so that we stay silent and nobody gets two replies.

Only a message that is one such word counts; whoever writes more than that hears from us.
"""

from orchestrator.domain.events import CarrierEvent

STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
HANDLED = STOP_WORDS | START_WORDS | HELP_WORDS
SHORT_CODE_DIGITS = 6


def carrier_replies(event: CarrierEvent) -> bool:
    """Whether the carrier has answered, or will; it answers nothing that came to a short code without OptOutType."""
    if event.opt_out_type:
        return True
    if len(event.to.lstrip("+")) <= SHORT_CODE_DIGITS:
        return False
    return _only_word(event) in HANDLED


def carrier_restarts(event: CarrierEvent) -> bool:
    """Whether the carrier lets messages through to this person again."""
    return event.opt_out_type == "START" or _only_word(event) in START_WORDS


def _only_word(event: CarrierEvent) -> str:
    return (event.body or "").strip().upper()
