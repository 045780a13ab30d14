"""A number of ours that calls show: how it stands, and why it rests."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RestKind(StrEnum):
    """Why a number is not shown for a while."""

    BY_HAND = "by-hand"
    BLOCKED = "blocked"  # the called party's carrier refused a call because of it
    ANSWER_RATE = "answer-rate"  # clearly fewer people pick up than for the others, or than before


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRest:
    """One rest of a number, which is also the alert about it. ``until`` None: until somebody ends it."""

    address: str
    kind: RestKind
    reason: str
    since: datetime
    until: datetime | None = None
    by: str = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerStanding:
    """A number as it stands. ``rest`` None: in use. ``in_use_since`` None: it never rested."""

    address: str
    daily_cap: int | None = None
    rest: CallerRest | None = None
    in_use_since: datetime | None = None
    called_back_at: datetime | None = None  # when the carrier last said that a call to it reaches us


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerDay:
    """What one day of the number's own zone brought: calls placed, those that ended, and those a person answered.

    ``levels`` are the STIR/SHAKEN attestations of its calls, A to C, as the carrier told them.
    """

    address: str
    on: date
    placed: int = 0
    ended: int = 0
    answered: int = 0
    levels: tuple[int, int, int] = (0, 0, 0)
