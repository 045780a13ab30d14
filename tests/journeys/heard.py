"""What called people heard, by the carrier's own report, call by call beside our records of the same calls."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from orchestrator.domain.attempt import Outcome
from tests.journeys.invariants import Case

OF_ANSWERED_CALLS = frozenset({Outcome.REACHED, Outcome.ABANDONED, Outcome.HUNG_UP, Outcome.MACHINE, Outcome.FAX})


def as_heard(call: Mapping[str, Any]) -> Outcome:
    """What an answered call came to, by what was heard of it."""
    verdict = str(call["answered_by"])
    if verdict.startswith("machine"):
        return Outcome.MACHINE
    if verdict == "fax":
        return Outcome.FAX
    if call["agent_voice_at"] is not None:
        return Outcome.REACHED
    return Outcome.HUNG_UP if call["information_message_at"] is None else Outcome.ABANDONED


def answered_calls(case: Case) -> Iterator[tuple[UUID, Mapping[str, Any]]]:
    """Every call that somebody or something answered, with the attempt that it was made for."""
    for attempt_id, made in case.contacts_made.items():
        yield from ((attempt_id, call) for call in made if call.get("answered_at") is not None)


def disagreements(case: Case) -> Sequence[str]:
    """Calls that our records tell otherwise than the carrier's report."""
    heard = {attempt_id: as_heard(call) for attempt_id, call in answered_calls(case)}
    ours = {row.id: row.outcome for row in case.attempts if row.outcome in OF_ANSWERED_CALLS}
    return [
        f"{attempt_id} is {ours.get(attempt_id)}, and they heard {heard.get(attempt_id)}"
        for attempt_id in heard.keys() | ours.keys()
        if heard.get(attempt_id) != ours.get(attempt_id)
    ]


def waits(case: Case, name: str) -> Sequence[float]:
    """The measured waits of that name in seconds as people lived them, the shortest first."""
    return sorted(call[name] for _, call in answered_calls(case) if call[name] is not None)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
