"""What we send from, and who answers a STOP that comes to it: it cannot be told from outside, so each sender says."""

import re
from dataclasses import dataclass
from enum import StrEnum

SERVICE = re.compile(r"MG[0-9A-Za-z]*")
TOLL_FREE = re.compile(r"\+1(800|833|844|855|866|877|888)\d{7}")
SHORT_CODE_DIGITS = 6


class SenderKind(StrEnum):
    """The sorts of sender, which carriers treat apart. Nobody can write to an alphanumeric one."""

    LONG_CODE = "long_code"
    TOLL_FREE = "toll_free"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    SERVICE = "service"


class StopsBy(StrEnum):
    """Who keeps the list of stops and answers STOP, START and HELP."""

    CARRIER = "carrier"
    US = "us"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A number, a word or a messaging service that belongs to one seller."""

    address: str
    kind: SenderKind
    stops_by: StopsBy
    seller_id: str | None = None  # None: nobody has registered it

    @classmethod
    def of(
        cls, address: str, kind: str | None = None, stops_by: str | None = None, seller_id: str | None = None
    ) -> "Sender":
        """The sender; what is not said of it is as usual for its form."""
        sort = SenderKind(kind) if kind else kind_of(address)
        by = StopsBy(stops_by) if stops_by else usual(sort)
        return cls(address=address, kind=sort, stops_by=by, seller_id=seller_id)

    @property
    def hears(self) -> bool:
        """Whether people can write to it."""
        return self.kind is not SenderKind.ALPHANUMERIC


def kind_of(address: str) -> SenderKind:
    """What the address looks like."""
    digits = address.removeprefix("+")
    if SERVICE.fullmatch(address):
        return SenderKind.SERVICE
    if not digits.isdigit():
        return SenderKind.ALPHANUMERIC
    if len(digits) <= SHORT_CODE_DIGITS:
        return SenderKind.SHORT_CODE
    return SenderKind.TOLL_FREE if TOLL_FREE.fullmatch(address) else SenderKind.LONG_CODE


def usual(kind: SenderKind) -> StopsBy:
    """Twilio answers for its numbers and services, and nothing that comes to a short code."""
    return StopsBy.US if kind in {SenderKind.SHORT_CODE, SenderKind.ALPHANUMERIC} else StopsBy.CARRIER
