"""A sender as it receives: whose it is, of what type, and who answers a STOP that comes to it."""

from dataclasses import dataclass

from orchestrator.domain.text_sender import SenderType, StopsBy, type_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A number, a word or a messaging service that belongs to one seller."""

    address: str
    type: SenderType
    stops_by: StopsBy
    seller_id: str | None = None  # None: nobody has registered it

    @classmethod
    def of(
        cls, address: str, type_: str | None = None, stops_by: str | None = None, seller_id: str | None = None
    ) -> "Sender":
        """The sender; what is not said of it is as usual for its form, and a form that is unknown is a number's."""
        sort = SenderType(type_) if type_ else type_of(address) or SenderType.LONG_CODE
        by = StopsBy(stops_by) if stops_by else usual(sort)
        return cls(address=address, type=sort, stops_by=by, seller_id=seller_id)

    @property
    def hears(self) -> bool:
        """Whether people can write to it."""
        return self.type is not SenderType.ALPHANUMERIC


def usual(type_: SenderType) -> StopsBy:
    """Twilio answers for its numbers and services, and nothing that comes to a short code."""
    return StopsBy.US if type_ in {SenderType.SHORT_CODE, SenderType.ALPHANUMERIC} else StopsBy.CARRIER
