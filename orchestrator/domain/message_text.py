"""The text of a message: its fields, its encoding, and what it costs in segments (3GPP TS 23.038)."""

import re
from collections.abc import Mapping

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_EXTENDED = frozenset("^{}\\[~]|€\f")  # each takes two septets
FIELD = re.compile(r"\{([a-z_]+)\}")


class MissingFieldError(KeyError):
    """The person's record lacks a field that the template names; nothing is sent with a hole in it."""


def render(template: str, fields: Mapping[str, object]) -> str:
    """Fill ``{first_name}`` and its like; raises MissingFieldError naming the first field that is empty."""

    def fill(match: re.Match[str]) -> str:
        value = fields.get(match[1])
        if not value:
            raise MissingFieldError(match[1])
        return str(value)

    return FIELD.sub(fill, template)


def segments(text: str) -> int:
    """How many segments the text takes: GSM-7 160 (153 joined), UCS-2 70 (67 joined)."""
    if all(character in GSM_7 or character in GSM_7_EXTENDED for character in text):
        septets = sum(2 if character in GSM_7_EXTENDED else 1 for character in text)
        return _parts(septets, 160, 153)
    return _parts(len(text.encode("utf-16-be")) // 2, 70, 67)


def _parts(units: int, alone: int, joined: int) -> int:
    return 1 if units <= alone else -(-units // joined)
