"""What a strategy is asked with, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import Channel, ConsentFacts, LineType, Mode
from orchestrator.domain.decision import Answer, Cure
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
    """An ended attempt of this enrollment."""

    key: bytes
    channel: Channel
    mode: Mode | None
    outcome: Outcome
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentState:
    """The contact as this campaign sees it; ``zones`` are all that the contact may be in."""

    numbers: tuple[NumberState, ...]
    attempts: tuple[PastAttempt, ...] = ()
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One attempt that could be made; held for longer than its patience, the next option is looked at."""

    key: bytes
    number: str
    channel: Channel
    mode: Mode | None
    lane: Lane
    patience_seconds: float


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
HELD_BY = (REST, CAMPAIGN_HOURS, CAMPAIGN_START, CALLERS_REST, CALLERS_SPENT)
