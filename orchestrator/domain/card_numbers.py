"""Numbers of payment cards in free text: refused where people type, taken out where the text is somebody else's.

PCI DSS 4.0 req. 3 lets nobody keep them who need not. A card is told by its issuer's range, its length, its check digit
and the way its digits are grouped, in any script; a number with a country code in front is a telephone number.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestrator.domain.errors import UserError

REDACTED = "[card number removed]"
SHORTEST, LONGEST = 14, 19
LONGEST_TELEPHONE = 15
UUID = re.compile(r"(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])", re.IGNORECASE)
# Up to three signs between groups, as in "4111 - 1111"; what cannot be seen parts nothing.
RUN = re.compile(r"\d+(?:[ \n.\-_]{1,3}\d+)*")
DASHES, SPACES, UNSEEN = "Pd", "Zs", "Cf"
AMEX, DINERS = (4, 6, 5), (4, 6, 4)

# First digits from, to, and the lengths of cards that begin so.
ISSUERS: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (4, 4, (16, 18, 19)),  # Visa; its cards of 13 digits are long gone, and telephone numbers have as many
    (51, 55, (16,)),  # Mastercard
    (2221, 2720, (16,)),
    (34, 34, (15,)),  # American Express
    (37, 37, (15,)),
    (300, 305, (14,)),  # Diners Club
    (3095, 3095, (14,)),
    (36, 36, (14,)),
    (38, 39, (14,)),
    (6011, 6011, (16, 19)),  # Discover
    (644, 659, (16, 19)),
    (622126, 622925, (16, 19)),
    (3528, 3589, (16, 17, 18, 19)),  # JCB
    (62, 62, (16, 17, 18, 19)),  # UnionPay
    (81, 81, (16, 17, 18, 19)),
    (50, 50, (16, 17, 18, 19)),  # Maestro
    (56, 58, (16, 17, 18, 19)),
    (60, 60, (16,)),  # RuPay
    (2200, 2204, (16, 17, 18, 19)),  # Mir
)


@dataclass(frozen=True, slots=True)
class Span:
    """Where in the text a card number stands."""

    start: int
    end: int


def cards_in(text: str) -> list[Span]:
    """Every card number, from left to right; none overlaps another."""
    if sum(char.isdecimal() for char in text) < SHORTEST:
        return []
    plain = _plain(text)
    found: list[Span] = []
    for run in RUN.finditer(plain.text):
        groups = [(match.start() + run.start(), match.end() + run.start()) for match in re.finditer(r"\d+", run[0])]
        if not _is_telephone(plain.text, groups):
            found.extend(_in_groups(plain.text, groups))
    return [Span(plain.places[span.start], plain.places[span.end - 1] + 1) for span in found]


def without_cards(text: str) -> str:
    """The text with a word in the place of each card number."""
    spans = cards_in(text)
    for span in reversed(spans):
        text = text[: span.start] + REDACTED + text[span.end :]
    return text


def refuse_cards(text: str | None, what: str) -> None:
    """Raise UserError where the text holds a card number; the message does not repeat it."""
    if text is not None and cards_in(text):
        raise UserError(
            f"{what} holds the number of a payment card, which must not be kept here; leave it out, or write its last "
            "four digits."
        )


@dataclass(frozen=True, slots=True)
class _Plain:
    """The text in ASCII digits and signs, and the place in the original of each character."""

    text: str
    places: Sequence[int]


def _plain(text: str) -> _Plain:
    signs = [(_sign(char), place) for place, char in enumerate(text)]
    seen = [(sign, place) for sign, place in signs if sign]
    plain = "".join(sign for sign, _ in seen)
    for match in UUID.finditer(plain):
        plain = plain[: match.start()] + "x" * len(match[0]) + plain[match.end() :]
    return _Plain(plain, [place for _, place in seen])


def _sign(char: str) -> str:
    if char.isascii():
        return char if not char.isspace() else " " if char in " \t" else "\n"
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    category = unicodedata.category(char)
    return {DASHES: "-", SPACES: " ", UNSEEN: ""}.get(category, "+" if char == "\uff0b" else char)


def _is_part_of_a_word(text: str, start: int, end: int) -> bool:
    """An id such as a sid or a hash, whose digits are its own."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return _joins(before[::-1]) or _joins(after)


def _joins(beside: str) -> bool:
    """Whether a letter stands there, at once or behind a dash."""
    return bool(beside) and (beside[0].isalpha() or (beside[0] in "-_" and beside[1:2].isalpha()))


def _is_telephone(text: str, groups: Sequence[tuple[int, int]]) -> bool:
    """A plus right before no more digits than a telephone number has, on one line; no country's code begins with 0."""
    start, digits = groups[0][0], sum(end - begin for begin, end in groups)
    written = text[start : groups[-1][1]]
    looks_so = text[:start].endswith(("+", "+(")) and not written.startswith("0") and "\n" not in written
    return looks_so and digits <= LONGEST_TELEPHONE


def _in_groups(text: str, groups: Sequence[tuple[int, int]]) -> Iterator[Span]:
    first = 0
    while first < len(groups):
        last = next((end for end in range(len(groups), first, -1) if _is_card(text, groups[first:end])), None)
        if last is not None:
            yield Span(groups[first][0], groups[last - 1][1])
        first = first + 1 if last is None else last


def _is_card(text: str, groups: Sequence[tuple[int, int]]) -> bool:
    digits = "".join(text[start:end] for start, end in groups)
    sizes = tuple(end - start for start, end in groups)
    if not SHORTEST <= len(digits) <= LONGEST or _is_part_of_a_word(text, groups[0][0], groups[-1][1]):
        return False
    return _is_grouped_so(sizes) and _has_issuer(digits) and _checks(digits)


def _is_grouped_so(sizes: tuple[int, ...]) -> bool:
    """As cards are printed and typed: in one, in fours with a rest, as two kinds print them, or digit by digit."""
    if len(sizes) == 1 or sizes in {AMEX, DINERS} or set(sizes) == {1} or sizes == (8, 8):
        return True
    return set(sizes[:-1]) == {4} and sizes[-1] <= 4


def _has_issuer(digits: str) -> bool:
    return any(low <= int(digits[: len(str(low))]) <= high and len(digits) in lengths for low, high, lengths in ISSUERS)


def _checks(digits: str) -> bool:
    """The check digit of ISO/IEC 7812 (Luhn)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0
