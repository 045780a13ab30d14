"""The text of a message: its fields, its encoding, and what it costs in segments (3GPP TS 23.038)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_EXTENDED = frozenset("^{}\\[~]|€\f")  # each takes two septets
FIELD = re.compile(r"\{([a-z_]+)\}")
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
FORCING_SHOWN = 3
LONGEST_TEXT = 1600  # what the carrier takes


class MissingFieldError(KeyError):
    """The person's record lacks a field that the template names; nothing is sent with a hole in it."""


class Alphabet(StrEnum):
    """In what a text is sent: one character outside of GSM-7 puts all of it into UCS-2."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


SIZES = {Alphabet.GSM_7: (160, 153), Alphabet.UCS_2: (70, 67)}  # alone, and each of several that are joined


@dataclass(frozen=True, slots=True)
class Encoding:
    """``units`` are septets of GSM-7 or 16-bit units of UCS-2; ``forced_by`` are the characters that GSM-7 lacks."""

    alphabet: Alphabet
    units: int
    segments: int
    forced_by: tuple[str, ...] = ()

    @property
    def forced_words(self) -> str:
        """Those characters with their names, the first few of them."""
        named = [f"'{one}' ({unicodedata.name(one, 'no name').lower()})" for one in self.forced_by[:FORCING_SHOWN]]
        more = len(self.forced_by) - FORCING_SHOWN
        return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def render(template: str, fields: Mapping[str, object]) -> str:
    """Fill ``{first_name}`` and its like, inside of links as links want it.

    Raises MissingFieldError naming the first field that is empty.
    """
    links = [match.span() for match in LINK.finditer(template)]

    def fill(match: re.Match[str]) -> str:
        value = fields.get(match[1])
        if not value:
            raise MissingFieldError(match[1])
        inside = any(begins <= match.start() < ends for begins, ends in links)
        return quote(str(value), safe="") if inside else str(value)

    return FIELD.sub(fill, template)


def missing_fields(template: str, fields: Mapping[str, object]) -> list[str]:
    """Every field that the template names and the person lacks, each once."""
    return sorted({name for name in FIELD.findall(template) if not fields.get(name)})


def is_too_long(text: str) -> bool:
    """Whether the carrier would refuse it; it counts as UTF-16 does."""
    return len(text.encode("utf-16-be")) // 2 > LONGEST_TEXT


def links_in(text: str) -> list[str]:
    """The addresses in the text."""
    return [match[0].rstrip(".,;:!?)") for match in LINK.finditer(text)]


def encoding_of(text: str) -> Encoding:
    """How the text is sent. No character is split between two segments: what does not fit any more begins the next."""
    foreign = tuple(dict.fromkeys(one for one in text if one not in GSM_7 and one not in GSM_7_EXTENDED))
    if foreign:
        sizes = [len(one.encode("utf-16-be")) // 2 for one in text]
    else:
        sizes = [2 if one in GSM_7_EXTENDED else 1 for one in text]
    alphabet = Alphabet.UCS_2 if foreign else Alphabet.GSM_7
    return Encoding(alphabet, sum(sizes), _parts(sizes, *SIZES[alphabet]), foreign)


def segments(text: str) -> int:
    """How many segments the text takes: GSM-7 160 (153 joined), UCS-2 70 (67 joined)."""
    return encoding_of(text).segments


def _parts(sizes: Iterable[int], alone: int, joined: int) -> int:
    taken, parts, whole = 0, 1, 0
    for size in sizes:
        whole += size
        taken += size
        if taken > joined:
            parts, taken = parts + 1, size
    return 1 if whole <= alone else parts
