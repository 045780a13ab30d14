"""The carrier's account as a doctor looks at it: what it says of itself, and what came of each look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What a look came to; ``warn`` bears watching, with ``fail`` something does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: what was looked at, what was seen, and what to do about it. Never a secret, never a whole number."""

    check: str
    verdict: Verdict
    seen: str
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """The account, and when the carrier said it was while we asked; the round trip in real seconds."""

    status: str
    is_trial: bool
    opened_at: datetime | None
    carrier_time: datetime | None
    round_trip_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNumber:
    """A number of the account, and where the carrier asks what to do when it is rung or written to."""

    sid: str
    number: str
    voice: bool
    sms: bool
    voice_url: str | None
    sms_url: str | None
    status_url: str | None
    diverted_to: str | None = None  # an application or trunk that answers instead of the voice URL


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """A messaging service. ``us_campaigns`` are the states of its registrations for texts to the US."""

    sid: str
    inbound_url: str | None
    by_number: bool  # it asks the number's own address instead
    us_campaigns: tuple[str, ...]


class Survey(Protocol):
    """Questions to the carrier about the account; they change nothing, and raise CarrierError."""

    def account(self) -> AccountFacts:
        """The account itself."""

    def token_works(self) -> bool:
        """Whether the auth token itself is taken, which signs callbacks even where requests go by an API key."""

    def numbers(self) -> Sequence[OwnNumber]:
        """Every number that the account owns."""

    def verified_callers(self) -> frozenset[str]:
        """Numbers of others that the account may show."""

    def queue_times_ms(self) -> Sequence[int]:
        """How long the account's latest calls had to wait, newest first."""

    def approved_profiles(self) -> int:
        """How many of the account's customer profiles are approved."""

    def may_call(self, country: str) -> bool:
        """Whether ordinary numbers of the country (ISO, two letters) may be called."""

    def service(self, sid: str) -> ServiceFacts | None:
        """The messaging service, None where the account has none of that name."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What our own public address answered; ``status`` None: no answer came, and ``why``."""

    status: int | None
    body: str = ""
    why: str = ""
    location: str | None = None  # where it wanted to send us instead


class Probe(Protocol):
    """Requests to our own public address, as the carrier would send them."""

    def health(self) -> Answered:
        """GET /health."""

    def signed(self) -> Answered:
        """A callback that bears a right signature, to an address where nothing is."""

    def tampered(self) -> Answered:
        """The same with a field changed after it was signed."""
