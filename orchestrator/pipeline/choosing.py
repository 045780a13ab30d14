"""The attempt that a person chose: a callback that was promised, or a number that an agent dials by hand."""

from collections.abc import Mapping
from math import inf

from orchestrator.domain.contact_request import Channel, ContactRequest, Mode
from orchestrator.domain.decision import Answer
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.tables.columns import Record
from orchestrator.strategies.state import Blocked, Finished, Option, Wait


def chosen(person: Dossier, by_hand: bytes | None, promised: Record | None) -> Option | None:
    """The chosen attempt; None where the strategy decides, as it does when the number is theirs no more."""
    if by_hand is not None:
        return option(person, by_hand, Mode.MANUAL, Lane.PREVIEW)
    if promised is not None:
        return option(person, bytes(promised.number_key), Mode.PREVIEW, Lane.CALLBACK)
    return None


def option(person: Dossier, key: bytes, mode: Mode, lane: Lane) -> Option | None:
    """A call to this number of the person; None where they have it no more."""
    number = next((number for number in person.numbers if number.key == key), None)
    if number is None:
        return None
    return Option(key=key, number=number.number, channel=Channel.VOICE, mode=mode, lane=lane, patience_seconds=inf)


def because(step: Wait | Blocked | Finished, asked: Mapping[Option, tuple[ContactRequest, Answer]]) -> str:
    """Why nobody is contacted now: the gate's sentence with its rule, else what the strategy says."""
    answers = [answer.deciding for _, answer in asked.values() if answer.deciding is not None]
    if answers:
        return f"{answers[-1].because} [{answers[-1].rule}]"
    if isinstance(step, Wait):
        return f"Held until {step.until:%Y-%m-%d %H:%M} UTC by {step.held_by}."
    return f"Nothing more is tried: {step.reason}." if isinstance(step, Finished) else f"Blocked by {step.rule}."
