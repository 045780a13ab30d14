"""What Twilio's Lookup says of a number's line, read strictly: anything but a clear word is unknown."""

from collections.abc import Mapping
from typing import Any

from orchestrator.carrier.error_codes import meaning
from orchestrator.carrier.records import whole
from orchestrator.domain.carrier import LineTypeAnswer
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.errors import CarrierBusyError

LINE_TYPES: Mapping[str, LineType] = {
    "landline": LineType.LANDLINE,
    "mobile": LineType.MOBILE,
    "pager": LineType.MOBILE,  # the law on mobile numbers names pagers beside them
    "personal": LineType.UNKNOWN,  # follows its owner to whatever phone
    "fixedVoip": LineType.VOIP,
    "nonFixedVoip": LineType.VOIP,
    "tollFree": LineType.TOLL_FREE,
}


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
