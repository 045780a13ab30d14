"""A number as somebody types it."""

import phonenumbers

from orchestrator.domain.errors import UserError


def e164(text: str) -> str:
    """The number in E.164; UserError for one that is none."""
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        raise UserError("That is no valid number; write it in E.164, as in +12125550100.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
