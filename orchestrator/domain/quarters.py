"""Quarters of an hour, on which calls are counted: every zone of the world is whole quarters away from UTC."""

from datetime import UTC, datetime, timedelta

QUARTER = timedelta(minutes=15)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def quarter_at(moment: datetime) -> datetime:
    """The beginning of the quarter that the moment lies in."""
    return moment - (moment - _EPOCH) % QUARTER


def next_quarter(moment: datetime) -> datetime:
    """The beginning of the quarter after."""
    return quarter_at(moment) + QUARTER
