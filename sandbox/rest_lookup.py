"""Lookups: /v2/PhoneNumbers/{E164}."""

import re
from urllib.parse import unquote

from sandbox.callbacks import country_of
from sandbox.checks import is_number
from sandbox.errors import TwilioError
from sandbox.faults import FaultKind
from sandbox.web import Answer, Request
from sandbox.world import World

FIELDS = (
    "caller_name", "sim_swap", "call_forwarding", "line_status", "line_type_intelligence", "identity_match",
    "reassigned_number", "sms_pumping_risk", "phone_number_quality_score", "pre_fill",
)  # fmt: skip
_NANP_DIGITS = 11
_SHORTEST, _LONGEST = 8, 15


def fetch_lookup(world: World, request: Request, number: str) -> Answer:
    """GET PhoneNumbers/{E164}: 200 for a bad number too, with valid false; a failing line type is told inside."""
    phone_number = unquote(number)
    if world.faults.strikes(FaultKind.LOOKUP_FAILING, "lookups", phone_number):
        raise TwilioError(503, 20503, "Service Unavailable")
    valid = is_number(phone_number)
    asked = {word for value in request.query.get("Fields", []) for word in value.split(",")}
    shown = valid and "line_type_intelligence" in asked
    return Answer(200, {
        "phone_number": phone_number,
        "calling_country_code": _calling_code(phone_number) if valid else None,
        "country_code": (country_of(phone_number) or None) if valid else None,
        "national_format": _national(phone_number) if valid else None,
        "valid": valid,
        "validation_errors": [] if valid else [_fault(phone_number)],
        **dict.fromkeys(FIELDS),
        "line_type_intelligence": _line_type(world, phone_number) if shown else None,
        "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{phone_number}",
    })  # fmt: skip


def _line_type(world: World, phone_number: str) -> dict[str, object]:
    persona = world.people.persona(phone_number)
    failed = persona.lookup_error_code is not None
    return {
        "type": None if failed else persona.line_type,
        "carrier_name": None if failed or persona.line_type is None else "Sandbox Telephone",
        "mobile_country_code": None,
        "mobile_network_code": None,
        "error_code": persona.lookup_error_code,
    }


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
