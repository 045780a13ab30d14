"""The carrier's lists beside its messages: numbers that were given up, and the consents that it keeps for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

MOST_NEWS_AT_ONCE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNews:
    """What a person said to a sender, as the carrier's list takes it. ``status``: opt-in or opt-out."""

    correlation_id: str  # 32 characters
    number: str
    sender: str
    status: str
    source: str
    said_at: datetime


class CarrierLists(Protocol):
    """A carrier's lists. Each call raises CarrierError and its kin, and may be made again."""

    def deactivated_on(self, day: date) -> Sequence[str]:
        """The US numbers, in E.164, that carriers took back on that day."""

    def tell_consents(self, news: Sequence[ConsentNews]) -> Mapping[str, int]:
        """Tell at most 25; by correlation id the carrier's error code, 0 for one that it took."""
