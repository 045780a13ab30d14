"""Counts of calls added up, as a regime's formula and as the pacer want them."""

from collections.abc import Iterable

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import Mode
from orchestrator.pacing.snapshot import PacingTotals
from orchestrator.persistence.call_counts import Count

# Calls that an agent started reach that agent: a rate that they thinned would say nothing of the machine.
DIALLED_BY_MACHINE = frozenset({Mode.PREDICTIVE.value, Mode.PROGRESSIVE.value})
FAILED = frozenset({Outcome.FAILED.value, Outcome.NOT_IN_SERVICE.value, Outcome.REFUSED.value})
NO_ANSWER = frozenset({Outcome.NO_ANSWER.value, Outcome.BUSY.value})
MACHINE = frozenset({Outcome.MACHINE.value, Outcome.FAX.value})


def totals(counts: Iterable[Count]) -> PacingTotals:
    """What was dialled by machine, and every abandoned call, whoever dialled it."""
    every = list(counts)
    dialled = [count for count in every if count.mode in DIALLED_BY_MACHINE]
    others_abandoned = sum(count.abandoned for count in every if count.mode not in DIALLED_BY_MACHINE)
    return PacingTotals(
        placed=sum(count.calls for count in dialled),
        failed=_of(dialled, FAILED),
        no_answer=_of(dialled, NO_ANSWER),
        machine=sum(count.calls - count.connected for count in dialled if count.outcome in MACHINE),
        human=sum(count.human for count in dialled) + others_abandoned,
        abandoned=sum(count.abandoned for count in dialled) + others_abandoned,
        connected=sum(count.connected for count in dialled),
        machine_disposition=sum(count.marked for count in dialled),
    )


def taken_for_machines(counts: Iterable[Count]) -> int:
    """Calls that the detection took for machines."""
    return sum(count.detected for count in counts if count.mode in DIALLED_BY_MACHINE)


def _of(counts: Iterable[Count], outcomes: frozenset[str]) -> int:
    return sum(count.calls for count in counts if count.outcome in outcomes)
