"""Dispositions: what an agent says of a call, what it counts as, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.attempt import Outcome


class AfterCall(StrEnum):
    """What becomes of the person after the call."""

    DONE = "done"
    RETRY = "retry"  # by the cadence, or after the disposition's own rest
    CALLBACK = "callback"  # at the moment that the person asked for
    DO_NOT_CALL = "do_not_call"
    NEXT_NUMBER = "next_number"  # this number is not tried again in this campaign; the person's others are
    WRONG_NUMBER = "wrong_number"  # the number leaves the person, its consents end, and it stays suppressed


GOES_ON = frozenset({AfterCall.RETRY, AfterCall.CALLBACK, AfterCall.NEXT_NUMBER, AfterCall.WRONG_NUMBER})

NO_PERSON = frozenset({Outcome.MACHINE, Outcome.FAX, Outcome.NOT_IN_SERVICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """``outcome`` None: as the call ended. ``rest_seconds`` None: by the cadence. ``default``: where none is given."""

    id: str
    label: str
    next_step: AfterCall
    outcome: Outcome | None = None
    rest_seconds: int | None = None
    default: bool = False

    @property
    def marks_machine(self) -> bool:
        """Whether it says that no person was on the line: then the call is no live answer."""
        return self.outcome in NO_PERSON


# Where neither the agent nor the campaign says anything: as the call ended.
NONE_GIVEN = Disposition(id="none_given", label="No disposition was given", next_step=AfterCall.DONE, default=True)


def default_of(dispositions: Mapping[str, Disposition]) -> Disposition:
    """The one that applies where the wrap-up ends without a word."""
    return next((one for one in dispositions.values() if one.default), NONE_GIVEN)
