"""What a strategy is asked with, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import Channel, ConsentFacts, LineType, Mode
from orchestrator.domain.decision import Answer, Cure
from orchestrator.domain.disposition import GOES_ON, AfterCall
from orchestrator.domain.enrollment import DoneReason, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberState:
    """One number of the contact."""

    key: bytes
    number: str
    position: int
    line_type: LineType
    dead: bool
    consents: tuple[ConsentFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """An ended attempt of this enrollment. ``said``: what the agent said is next, None where nobody did.

    ``rest`` None: the cadence's. ``step``: the strategy's, None where none is on record. ``refused``: the carrier's
    reason is one for which nothing is ever sent there again by itself.
    """

    key: bytes
    channel: Channel
    mode: Mode | None
    outcome: Outcome
    ended_at: datetime
    said: AfterCall | None = None
    rest: timedelta | None = None
    step: str | None = None
    refused: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether the agent said that this was not the end of it."""
        return self.said in GOES_ON

    @property
    def leaves_number(self) -> bool:
        """Whether the agent said that another number is better, or the carrier that this one takes none."""
        return self.refused or self.said is AfterCall.NEXT_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One attempt that could be made; held for longer than its patience, the next option is looked at.

    ``step`` is the strategy's that it belongs to; ``message`` the name of its text, None for the one without a name.
    """

    key: bytes
    number: str
    channel: Channel
    mode: Mode | None
    lane: Lane
    patience_seconds: float
    step: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentState:
    """The contact as this campaign sees it; ``zones`` are all that the contact may be in.

    ``chosen``: the attempt that a person chose, by asking for a callback or by dialling: rests and order do not count.
    """

    numbers: tuple[NumberState, ...]
    attempts: tuple[PastAttempt, ...] = ()
    zones: tuple[str, ...] = ()
    chosen: Option | None = None


Asked = tuple[tuple[Option, Answer], ...]
Ask = Callable[[Option], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Make this attempt now: the gate allowed it."""

    option: Option
    answer: Answer
    asked: Asked = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Ask again at ``until``; ``held_by`` is the rule that holds, or a name from HELD_BY. No attempt is spent."""

    until: datetime
    held_by: str
    lane: Lane
    asked: Asked = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Nothing is allowed until a fact changes: the most promising of those that would help."""

    rule: str
    cure: Cure
    cure_detail: str
    lane: Lane
    asked: Asked = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Nothing more will be tried."""

    reason: DoneReason
    asked: Asked = ()


NextStep = Take | Wait | Blocked | Finished

# What holds an enrollment where no rule of the gate does.
REST = "rest"
CAMPAIGN_HOURS = "campaign-hours"
CAMPAIGN_START = "campaign-start"
CALLERS_REST = "caller-ids-rest"  # every caller id of the campaign rests
CALLERS_SPENT = "caller-ids-spent"  # those that do not have placed what their daily cap lets them
SENDERS_REST = "senders-rest"  # every sender of the campaign's texts rests, or the one that texts this person
SENDERS_SPENT = "senders-spent"  # those that do not have planned what their day, or their brand's, lets them
SENDER_RATE = "sender-rate"  # the one that texts this person has sent what its rate lets it at this moment
OF_SENDERS = (SENDERS_REST, SENDERS_SPENT, SENDER_RATE)
HELD_BY = (REST, CAMPAIGN_HOURS, CAMPAIGN_START, CALLERS_REST, CALLERS_SPENT, *OF_SENDERS)
