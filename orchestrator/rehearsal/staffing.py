"""How the agents spent a rehearsed day."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, select

from orchestrator.persistence.tables.agents import agent_states
from orchestrator.persistence.tables.columns import Record

HOUR = timedelta(hours=1)
Spent = Counter[tuple[int, str]]  # (hour since the start, state) -> seconds


def spent(tx: Connection, start: datetime, end: datetime) -> Spent:
    """The seconds of all agents between start and end, by hour and state."""
    query = select(agent_states.c.agent_id, agent_states.c.state, agent_states.c.at)
    rows = tx.execute(query.order_by(agent_states.c.agent_id, agent_states.c.id)).all()
    found: Spent = Counter()
    for state, since, until in _spells(rows, end):
        for hour, seconds in _by_hour(since - start, min(until, end) - start):
            found[hour, state] += seconds
    return found


def shares(found: Spent, hour: int | None = None) -> Mapping[str, float]:
    """What share of the time went to each state, in one hour or in all."""
    seconds: Counter[str] = Counter()
    for (of_hour, state), amount in found.items():
        seconds[state] += amount if hour in {None, of_hour} else 0
    total = sum(seconds.values())
    return {state: amount / total for state, amount in seconds.items() if amount} if total else {}


def _spells(rows: Sequence[Record], end: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    for row, following in pairwise([*rows, None]):
        assert row is not None, "only the last has nobody behind it"  # noqa: S101
        same = following is not None and following.agent_id == row.agent_id
        yield row.state, row.at, following.at if same and following is not None else max(end, row.at)


def _by_hour(since: timedelta, until: timedelta) -> Iterator[tuple[int, int]]:
    """Whole seconds of each hour that the span touches; a span that begins after its end has none."""
    while since < until:
        hour = since // HOUR
        stop = min(until, (hour + 1) * HOUR)
        yield hour, round((stop - since).total_seconds())
        since = stop
