"""Send slots: the generic cell rate algorithm (ITU-T I.371) over one stored moment."""

from datetime import datetime, timedelta

MICROSECOND = timedelta(microseconds=1)


def take(tat: datetime, now: datetime, rate_per_second: float, burst_seconds: float, want: int) -> tuple[int, datetime]:
    """How many of ``want`` may go now, and the new theoretical arrival time.

    In any T seconds at most rate x (T + burst) + 1 go.
    """
    if rate_per_second <= 0 or want <= 0:
        return 0, tat
    interval = _interval(rate_per_second)
    # No grant ever moves it further ahead than this: a clock that was ahead once must not stop everything for as long.
    furthest = now + timedelta(seconds=burst_seconds) + interval
    due = max(tat, now) if tat <= furthest else now
    room = now + timedelta(seconds=burst_seconds) - due
    granted = min(want, room // interval + 1) if room >= timedelta(0) else 0
    return granted, due + granted * interval if granted else tat


def opens_at(tat: datetime, burst_seconds: float) -> datetime:
    """The moment from which one more may go."""
    return tat - timedelta(seconds=burst_seconds)


def give_back(tat: datetime, rate_per_second: float, count: int) -> datetime:
    """The theoretical arrival time after ``count`` granted slots went unused."""
    return tat if rate_per_second <= 0 else tat - count * _interval(rate_per_second)


def _interval(rate_per_second: float) -> timedelta:
    """Rounded up, so that rounding never sends faster than the rate."""
    exact = timedelta(seconds=1 / rate_per_second)
    return exact if exact.total_seconds() * rate_per_second >= 1 else exact + MICROSECOND
