"""Lookups: /v2/PhoneNumbers/{E164}."""

import re
from datetime import date, datetime
from urllib.parse import unquote

from sandbox.callbacks import country_of
from sandbox.checks import is_number
from sandbox.errors import TwilioError, invalid
from sandbox.faults import FaultKind
from sandbox.population import FIRST_DISCONNECT, OUT_OF_COVERAGE
from sandbox.web import Answer, Request
from sandbox.world import World

FIELDS = (
    "caller_name", "sim_swap", "call_forwarding", "line_status", "line_type_intelligence", "identity_match",
    "reassigned_number", "sms_pumping_risk", "phone_number_quality_score", "pre_fill",
)  # fmt: skip
_NANP_DIGITS = 11
_INPUT_MISSING = 60617  # an identity match's; for this package the documents name none
_SHORTEST, _LONGEST = 8, 15


def fetch_lookup(world: World, request: Request, number: str) -> Answer:
    """GET PhoneNumbers/{E164}: 200 for a bad number too, with valid false; a failing package is told inside."""
    phone_number = unquote(number)
    if world.faults.strikes(FaultKind.LOOKUP_FAILING, "lookups", phone_number):
        raise TwilioError(503, 20503, "Service Unavailable")
    valid = is_number(phone_number)
    asked = {word for value in request.query.get("Fields", []) for word in value.split(",")}
    packages = {name: tell(world, request, phone_number) for name, tell in _PACKAGES.items() if valid and name in asked}
    return Answer(200, {
        "phone_number": phone_number,
        "calling_country_code": _calling_code(phone_number) if valid else None,
        "country_code": (country_of(phone_number) or None) if valid else None,
        "national_format": _national(phone_number) if valid else None,
        "valid": valid,
        "validation_errors": [] if valid else [_fault(phone_number)],
        **dict.fromkeys(FIELDS),
        **packages,
        "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{phone_number}",
    })  # fmt: skip


def _line_type(world: World, _: Request, phone_number: str) -> dict[str, object]:
    persona = world.people.persona(phone_number)
    failed = persona.lookup_error_code is not None
    return {
        "type": None if failed else persona.line_type,
        "carrier_name": None if failed or persona.line_type is None else "Sandbox Telephone",
        "mobile_country_code": None,
        "mobile_network_code": None,
        "error_code": persona.lookup_error_code,
    }


def _reassigned(world: World, request: Request, phone_number: str) -> dict[str, object]:
    """Yes where the number was taken from somebody on that day or later; before the database began it has no data."""
    text = request.query.get("LastVerifiedDate", [""])[0]
    verified_on = _verified_on(text) if text else None
    persona = world.people.persona(phone_number)
    error = persona.reassigned_error_code or _not_answered(phone_number, verified_on)
    answer = None if error or verified_on is None else _word(persona.disconnected_on, verified_on)
    return {
        "last_verified_date": verified_on.isoformat() if verified_on else None,
        "is_number_reassigned": answer,
        "error_code": str(error) if error else None,
    }


def _verified_on(text: str) -> date:
    if not re.fullmatch(r"\d{8}", text, re.ASCII):
        raise invalid("LastVerifiedDate", "must be in the format YYYYMMDD")
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day of the calendar
    except ValueError as error:
        raise invalid("LastVerifiedDate", "is no day of the calendar") from error


def _not_answered(phone_number: str, verified_on: date | None) -> int | None:
    if country_of(phone_number) != "US":
        return OUT_OF_COVERAGE
    return _INPUT_MISSING if verified_on is None else None


def _word(disconnected_on: str | None, verified_on: date) -> str:
    if disconnected_on is not None:
        return "yes" if verified_on.isoformat() <= disconnected_on else "no"
    return "no" if verified_on >= FIRST_DISCONNECT else "no_data_available"


_PACKAGES = {"line_type_intelligence": _line_type, "reassigned_number": _reassigned}


def _fault(phone_number: str) -> str:
    digits = phone_number.removeprefix("+")
    if not digits.isdigit():
        return "NOT_A_NUMBER"
    if len(digits) < (_NANP_DIGITS if digits.startswith("1") else _SHORTEST):
        return "TOO_SHORT"
    if len(digits) > (_NANP_DIGITS if digits.startswith("1") else _LONGEST):
        return "TOO_LONG"
    return "INVALID_COUNTRY_CODE" if digits.startswith("0") else "INVALID_BUT_POSSIBLE"


def _calling_code(phone_number: str) -> str | None:
    match = re.match(r"\+(1|44|61)", phone_number)
    return match[1] if match else None


def _national(phone_number: str) -> str:
    if phone_number.startswith("+1"):
        return f"({phone_number[2:5]}) {phone_number[5:8]}-{phone_number[8:]}"
    code = _calling_code(phone_number)
    return f"0{phone_number[1 + len(code) :]}" if code else phone_number
