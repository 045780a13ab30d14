"""What Twilio's Lookup says of a number, read strictly: anything but a clear word is unknown."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from orchestrator.carrier.error_codes import meaning
from orchestrator.carrier.records import whole
from orchestrator.domain.carrier import LineTypeAnswer, ReassignedLookup
from orchestrator.domain.contact_request import LineType, ReassignedResult
from orchestrator.domain.errors import AccountMisconfiguredError, AnswerLostError, CarrierBusyError

LINE_TYPES: Mapping[str, LineType] = {
    "landline": LineType.LANDLINE,
    "mobile": LineType.MOBILE,
    "pager": LineType.MOBILE,  # the law on mobile numbers names pagers beside them
    "personal": LineType.UNKNOWN,  # follows its owner to whatever phone
    "fixedVoip": LineType.VOIP,
    "nonFixedVoip": LineType.VOIP,
    "tollFree": LineType.TOLL_FREE,
}
REASSIGNED: Mapping[object, ReassignedResult] = {  # words, never truth values: "no" is a text like any other
    "yes": ReassignedResult.YES,
    "no": ReassignedResult.NO,
    "no_data_available": ReassignedResult.NO_DATA,
}


def require_number(number: str, answered: object) -> None:
    """Raise AnswerLostError where the answer is not about the very number that was asked about."""
    if answered != number:
        raise AnswerLostError("The carrier answered about another number than it was asked about.")


def read(number: str, valid: bool | None, intelligence: object) -> LineTypeAnswer:
    """The answer in our words; raises CarrierBusyError where Lookup says that it was asked too often.

    An error hides inside the object while HTTP says 200.
    """
    found: Mapping[str, Any] = intelligence if isinstance(intelligence, Mapping) else {}
    error_code = whole(found.get("error_code"))
    if meaning(error_code) is CarrierBusyError:
        raise CarrierBusyError(carrier_code=error_code)
    word = found.get("type")
    clear = error_code is None and isinstance(word, str)
    return LineTypeAnswer(
        number=number,
        valid=valid is True,
        line_type=LINE_TYPES.get(str(word), LineType.UNKNOWN) if clear else LineType.UNKNOWN,
        carrier_name=found.get("carrier_name"),
        error_code=error_code,
    )


def read_reassigned(number: str, last_verified_on: date, package: object) -> ReassignedLookup:
    """The answer in our words; one about another day than was asked about says nothing.

    Raises CarrierBusyError or AccountMisconfiguredError where the error inside is not about the number.
    """
    found: Mapping[str, Any] = package if isinstance(package, Mapping) else {}
    error_code = whole(found.get("error_code"))
    kind = meaning(error_code)
    if kind in {CarrierBusyError, AccountMisconfiguredError}:
        raise kind(carrier_code=error_code)
    word = found.get("is_number_reassigned")
    clear = found.get("error_code") is None and isinstance(word, str)
    of_that_day = found.get("last_verified_date") == last_verified_on.isoformat()
    return ReassignedLookup(
        number=number,
        last_verified_on=last_verified_on,
        result=REASSIGNED.get(word) if clear and of_that_day else None,
        error_code=error_code,
    )
