"""Time parted into intervals, and how much of each was spent in which state."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.domain.agent import AgentState

LONGEST_BREAK = timedelta(hours=2)  # away for longer is signed out: nobody is paid to be paused overnight
SHOWN_AS = {
    AgentState.READY.value: "ready",
    AgentState.RESERVED.value: "connecting",
    AgentState.CONNECTING.value: "connecting",
    AgentState.TALKING.value: "talking",
    AgentState.WRAPPING.value: "wrapping",
}
Span = tuple[str, datetime]  # an agent's state, and since when


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``begins`` until just before ``ends``."""

    begins: datetime
    ends: datetime


def intervals(since: datetime, until: datetime, every: timedelta) -> list[Interval]:
    """The time between, in parts of that length; the last one is cut where the time ends."""
    count = -(-(until - since) // every)
    starts = [since + every * place for place in range(count)]
    return [Interval(start, min(start + every, until)) for start in starts]


def seconds_by_state(spans: Sequence[Span], part: Interval, until: datetime) -> dict[str, float]:
    """How many seconds of the interval were spent ready, connecting, talking, wrapping and paused.

    ``spans`` follow each other, the last one goes on at ``until``. Being away counts as a pause where work came before
    it and it was no longer than a break; else the agent was signed out, which counts as nothing.
    """
    found: defaultdict[str, float] = defaultdict(float)
    worked = False
    for (state, since), ends in _ended(spans, until):
        shown = SHOWN_AS.get(state) if state != AgentState.AWAY else _pause(worked, ends - since)
        worked = worked or state != AgentState.AWAY
        overlap = (min(ends, part.ends) - max(since, part.begins)).total_seconds()
        if shown is not None and overlap > 0:
            found[shown] += overlap
    return dict(found)


def _pause(worked: bool, length: timedelta) -> str | None:
    return "paused" if worked and length <= LONGEST_BREAK else None


def _ended(spans: Sequence[Span], until: datetime) -> list[tuple[Span, datetime]]:
    """Each span with its end."""
    ends = [*(since for _, since in spans[1:]), until]
    return list(zip(spans, ends, strict=True)) if spans else []
