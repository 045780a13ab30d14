"""Dates and times as exports write them."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

MONTH_FIRST = frozenset({"US", "PH", "FM", "PW", "MH"})
NUMERIC = re.compile(r"(\d{1,4})([./ -])(\d{1,2})[./ -](\d{1,4})(?:[T, ]+(.*))?")
TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:\.\d+)?)?\s*([ap])?\.?m?\.?\s*(?:utc|gmt|z)?", re.IGNORECASE)
WORDED = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%a %b %d %Y")
SERIAL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
SERIALS = (20_000, 80_000)  # a spreadsheet's day numbers from 1954 to 2119
EPOCH_SECONDS = (10**8 * 5, 10**10)


@lru_cache(maxsize=16_384)
def moment(text: str, country: str) -> datetime | None:
    """The moment, in UTC where no offset is given; a date is its first second. None for what cannot be read.

    ``03/04/2026`` is March in the United States and April elsewhere.
    """
    cell = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", cell) and len(cell) != 8:
        return _counted(float(cell))
    try:
        return _aware(datetime.fromisoformat(cell.removesuffix(" UTC").removesuffix(" GMT")))
    except (ValueError, OverflowError):
        return _numeric(cell, country) or _worded(cell)


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _counted(number: float) -> datetime | None:
    """A spreadsheet's serial day, or seconds or milliseconds since 1970."""
    if SERIALS[0] <= number <= SERIALS[1]:
        return SERIAL_EPOCH + timedelta(seconds=round(number * 86400))
    seconds = number / 1000 if number >= EPOCH_SECONDS[1] else number
    if EPOCH_SECONDS[0] <= seconds < EPOCH_SECONDS[1]:
        return datetime.fromtimestamp(seconds, UTC)
    return None


def _numeric(cell: str, country: str) -> datetime | None:
    match = NUMERIC.fullmatch(cell)
    if match is None:
        return None
    month_first = country in MONTH_FIRST and match[2] != "."  # with dots the day comes first everywhere
    year, month, day = _ordered(match[1], match[3], match[4], month_first=month_first)
    hour, minute, second = _time(match[5] or "")
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _ordered(first: str, second: str, third: str, *, month_first: bool) -> tuple[int, int, int]:
    if len(first) == 4:
        return int(first), int(second), int(third)
    year = int(third) + (2000 if len(third) == 2 else 0)
    month, day = (int(first), int(second)) if month_first else (int(second), int(first))
    # A month above twelve is a day: then the list is written the other way round.
    return (year, day, month) if month > 12 else (year, month, day)


def _time(text: str) -> tuple[int, int, int]:
    """Hour, minute, second; an hour that no clock shows where the text is no time."""
    if not text.strip():
        return 0, 0, 0
    match = TIME.fullmatch(text.strip())
    if match is None:
        return 99, 0, 0
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower() == "p" else 0)
    return hour, int(match[2] or 0), int(match[3] or 0)


def _worded(cell: str) -> datetime | None:
    words = re.sub(r"(?<=\d)(st|nd|rd|th)\b|,|\.", "", cell)
    day, _, clock = _split_clock(words)
    hour, minute, second = _time(clock)
    for form in WORDED:
        try:
            return datetime.strptime(day, form).replace(hour=hour, minute=minute, second=second, tzinfo=UTC)
        except ValueError:
            continue
    return None


def _split_clock(words: str) -> tuple[str, str, str]:
    match = re.search(r"\s+(?:at\s+)?(\d{1,2}:\d{2}.*)$", words)
    return (words[: match.start()], " ", match[1]) if match else (words.strip(), "", "")
