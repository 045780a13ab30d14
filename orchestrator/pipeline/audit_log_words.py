"""The words that dialers and carriers use for how a call went, in ours."""

import re
from collections.abc import Mapping
from typing import TypeVar

from orchestrator.domain.contact_request import Channel, Direction, Mode, PastOutcome
from orchestrator.pipeline.intake.cell_text import folded

Word = TypeVar("Word", Channel, Mode)
WORDS_FOR_CHANNEL = {"sms": Channel.SMS, "text": Channel.SMS, "message": Channel.SMS, "mms": Channel.SMS}
WORDS_FOR_MODE = {
    "predictive": Mode.PREDICTIVE,
    "power": Mode.PREDICTIVE,
    "auto": Mode.PREDICTIVE,
    "automatic": Mode.PREDICTIVE,
    "autodial": Mode.PREDICTIVE,
    "progressive": Mode.PROGRESSIVE,
    "preview": Mode.PREVIEW,
    "manual": Mode.MANUAL,
    "click": Mode.MANUAL,
    "prerecorded": Mode.PRERECORDED,
    "recorded": Mode.PRERECORDED,
    "robocall": Mode.PRERECORDED,
    "broadcast": Mode.PRERECORDED,
}
SPOKEN_WITH = (
    "answer|complete|connect|conversation|spoke|reached|human|contact|sale|sold|interested|callback|call back|opt out|"
    "do not call|dnc|transfer"
)
# The first that is found decides, so what contains another stands before it.
WORDS_FOR_OUTCOME: tuple[tuple[str, PastOutcome], ...] = (
    ("not in service|disconnected|invalid number|out of service|wrong number", PastOutcome.NOT_IN_SERVICE),
    ("no answer|noanswer|not answered|unanswered|rna|ring no", PastOutcome.NO_ANSWER),
    ("voicemail|voice mail|left message|vm", PastOutcome.VOICEMAIL),
    ("machine|answerphone|amd|fax", PastOutcome.MACHINE),
    ("abandon|drop", PastOutcome.ABANDONED),
    ("busy|engaged", PastOutcome.BUSY),
    ("undelivered|not delivered|bounced", PastOutcome.UNDELIVERED),
    ("delivered|read", PastOutcome.DELIVERED),
    ("sent|queued|accepted", PastOutcome.SENT),
    ("received", PastOutcome.RECEIVED),
    ("fail|error|cancel|congest|rejected", PastOutcome.FAILED),
    (SPOKEN_WITH, PastOutcome.CONVERSATION),
)


def direction_named(text: str) -> Direction:
    """Which way; out where nothing is said."""
    word = folded(text)
    return Direction.INBOUND if word.startswith(("in", "received")) else Direction.OUTBOUND


def channel_named(text: str) -> Channel | None:
    """The channel that the words name."""
    return _by_words(text, WORDS_FOR_CHANNEL)


def mode_named(text: str) -> Mode | None:
    """The mode that the words name."""
    return _by_words(text, WORDS_FOR_MODE)


def _by_words(text: str, meanings: Mapping[str, Word]) -> Word | None:
    found = folded(text)
    return next((meaning for word, meaning in meanings.items() if word in found), None)


def outcome_named(text: str) -> PastOutcome | None:
    """How the contact ended; None for words that say nothing clear."""
    word = folded(text)
    if not word:
        return None
    return next((outcome for form, outcome in WORDS_FOR_OUTCOME if re.search(rf"\b(?:{form})", word)), None)
