"""What texts are sent from: a number, a short code, a name or a messaging service; how it stands, and why it rests."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import phonenumbers

SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
SHORT_CODE = re.compile(r"\d{3,8}")
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9 ]{0,10}")


class SenderType(StrEnum):
    """What kind of sender it is: carriers give each its own rate and rules."""

    LONG_CODE = "long-code"  # a US or Canadian number that is registered for nothing
    TEN_DLC = "10dlc"
    TOLL_FREE = "toll-free"
    SHORT_CODE = "short-code"
    INTERNATIONAL = "international"
    ALPHANUMERIC = "alphanumeric"
    SERVICE = "messaging-service"


class StopsBy(StrEnum):
    """Who keeps the list of stops and answers STOP, START and HELP."""

    CARRIER = "carrier"
    US = "us"


class SenderRestKind(StrEnum):
    """Why nothing is sent from it for a while."""

    BY_HAND = "by-hand"
    RATE = "rate"  # the carrier says that it sent faster than it may
    DAY_SPENT = "day-spent"  # the carrier says that its day is used up
    FILTERED = "filtered"  # carriers block its texts as unwanted
    NOT_READY = "not-ready"  # not registered, verified or provisioned: until somebody has seen to that


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRest:
    """One rest of a sender, which is also the alert about it. ``until`` None: until somebody ends it."""

    address: str
    kind: SenderRestKind
    reason: str
    since: datetime
    until: datetime | None = None
    by: str = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSender:
    """A sender as it stands. What is None was never said: the rate is then its type's, and there is no cap.

    ``daily_segments`` and a brand's are counted by the day of config/senders.toml. ``service``: whose member it is.
    """

    address: str
    seller_id: str
    type: SenderType | None = None
    segments_per_second: float | None = None
    daily_segments: int | None = None
    brand: str | None = None
    service: str | None = None
    stops_by: StopsBy | None = None  # None: as is usual for its type
    rest: SenderRest | None = None


def type_of(address: str) -> SenderType | None:
    """What kind of sender the address looks like, 10DLC never; None where texts cannot be sent from it."""
    if SERVICE.fullmatch(address):
        return SenderType.SERVICE
    if NUMBER.fullmatch(address):
        return _type_of_number(phonenumbers.parse(address))
    if SHORT_CODE.fullmatch(address):
        return SenderType.SHORT_CODE
    return SenderType.ALPHANUMERIC if NAME.fullmatch(address) else None


def _type_of_number(number: phonenumbers.PhoneNumber) -> SenderType | None:
    if not phonenumbers.is_valid_number(number):
        return None
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.TOLL_FREE:
        return SenderType.TOLL_FREE
    return SenderType.LONG_CODE if number.country_code == 1 else SenderType.INTERNATIONAL
