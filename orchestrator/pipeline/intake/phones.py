"""Numbers as people and spreadsheets write them; `phonenumbers` is the authority on what is valid."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneNumber, PhoneNumberMatcher, PhoneNumberType

from orchestrator.pipeline.intake.cell_text import PLACEHOLDERS, cleaned, unwrapped

ROUNDED = "a number that a spreadsheet rounded; its digits are lost"
NO_NUMBER = "no valid number"
NO_COUNTRY = "a national number of no known country"
PREMIUM = "a premium-rate number"
EXTENSION = "an extension was left out"

NANP = re.compile(r"(\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]{0,2}([2-9]\d\d)[ .-]?(\d{4})", re.ASCII)
SCIENTIFIC = re.compile(r"\+?(\d+)(?:[.,](\d*))?[eE]\+?0*(\d{1,2})")
WHOLE_FLOAT = re.compile(r"(\+?\d{5,})[.,]0{1,2}")
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){2,}(?:\.0+)?")
LABEL = re.compile(r"(?:tel|phone|ph|p|mobile|mob|cell|c|m|h|w|home|work|t|call)\s*[.:]+\s*(?=[+(\d])", re.IGNORECASE)
BETWEEN = re.compile(r"\s*(?:[/;,|&\n\r\t]+|\s(?:or|and|oder|und|ou|et|o|y)\s)\s*", re.IGNORECASE)
EXTENSION_ALONE = re.compile(r"(?:ext?\.?|x|#)?\s*=?\s*\d{1,6}", re.IGNORECASE)
EXTENSION_NAMED = re.compile(r";\s*ext\s*=", re.IGNORECASE)
ABROAD_FROM_ELSEWHERE = re.compile(r"00\s*(?=[1-9])")
DIGITS_OF_A_NUMBER = 7


@dataclass(frozen=True, slots=True)
class CellReading:
    """The valid numbers of a cell as E.164 with their countries, and what was left out and why.

    ``malformed``: a spreadsheet has rounded a number away. Problems never show a number.
    """

    numbers: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    malformed: bool = False
    countries: tuple[str, ...] = ()


NOTHING = CellReading()


def parse_cell(text: str, country: str | None) -> CellReading:
    """Every valid number in the cell; ``country`` (ISO 3166) is where a number without its code is read."""
    quick = NANP.fullmatch(text)
    if quick is not None and (country in {"US", "CA"} or text[0] == "+"):
        region = nanp_region(quick[2] + quick[3])
        if region is not None:
            return CellReading((f"+1{quick[2]}{quick[3]}{quick[4]}",), (), False, (region,))
    return _parse(text, country)


@lru_cache(maxsize=200_000)
def nanp_region(prefix: str) -> str | None:
    """US or CA where numbers that begin with these six digits are valid and belong there, else None.

    In those two plans six digits decide, so that one question to `phonenumbers` answers for ten thousand numbers;
    islands and premium-rate numbers, where more may count, answer None and are asked about one by one.
    """
    number = PhoneNumber(country_code=1, national_number=int(prefix + "0100"))
    region = phonenumbers.region_code_for_number(number)
    if region not in {"US", "CA"} or phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE:
        return None
    return str(region)


@lru_cache(maxsize=65_536)
def _parse(text: str, country: str | None) -> CellReading:
    cell = LABEL.sub("", unwrapped(cleaned(text)), count=1)
    if cell.lower() in PLACEHOLDERS or not cell.strip("0 -+.()"):
        return NOTHING
    whole = _one(cell, country)
    if whole.numbers or whole.malformed:
        return whole
    parts = [part for part in BETWEEN.split(EXTENSION_NAMED.sub(" ext ", cell)) if part.strip()]
    if len(parts) < 2:
        return _in_words(cell, country) or whole
    return _joined(_in_words(part, country) or reading for part, reading in _each(parts, country))


def _each(parts: list[str], country: str | None) -> Iterator[tuple[str, CellReading]]:
    for place, part in enumerate(parts):
        text = unwrapped(part.strip())
        if text.lower() in PLACEHOLDERS:
            continue
        if place and EXTENSION_ALONE.fullmatch(text):
            yield "", CellReading(problems=(EXTENSION,))
            continue
        reading = _one(text, country)
        yield ("" if reading.numbers or reading.malformed else text), reading


def _one(text: str, country: str | None) -> CellReading:
    """The reading of a text that should be one number."""
    digits = _unspreadsheeted(text)
    if digits is None:
        return CellReading(problems=(ROUNDED,), malformed=True)
    number = _number(digits, country)
    if number is None and (abroad := ABROAD_FROM_ELSEWHERE.match(digits)):
        number = _number("+" + digits[abroad.end() :], country)
    if number is None:
        homeless = country is None and not digits.startswith("+")
        return CellReading(problems=(NO_COUNTRY if homeless else NO_NUMBER,))
    return _reading(number)


def _unspreadsheeted(text: str) -> str | None:
    """The digits that a spreadsheet made a float of; None where it rounded them. Other texts come back as they are."""
    if scientific := SCIENTIFIC.fullmatch(text):
        return _exact(*scientific.groups())
    if whole := WHOLE_FLOAT.fullmatch(text):
        return whole[1]
    if THOUSANDS.fullmatch(text):
        return text.partition(".")[0].replace(",", "")
    return text


def _exact(ones: str, decimals: str | None, exponent: str) -> str | None:
    kept = (decimals or "").rstrip("0") if len(decimals or "") > int(exponent) else decimals or ""
    if len(ones) != 1 or len(kept) != int(exponent):
        return None
    return str(int(Decimal(f"{ones}.{kept}").scaleb(int(exponent))))


def _number(text: str, country: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    if len(number.extension or "") >= DIGITS_OF_A_NUMBER:  # "5045550107;5045550108" is two numbers
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _reading(number: PhoneNumber) -> CellReading:
    if phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE:
        return CellReading(problems=(PREMIUM,))
    region = phonenumbers.region_code_for_number(number) or ""
    return CellReading((_e164(number),), (EXTENSION,) if number.extension else (), False, (region,))


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _in_words(text: str, country: str | None) -> CellReading | None:
    """Numbers among other words, as in "home 020 7946 0018 (evenings)"; None where there is none."""
    digits = sum(sign.isdigit() for sign in text)
    if digits < DIGITS_OF_A_NUMBER or _unspreadsheeted(text) != text or (not country and "+" not in text):
        return None
    matches = list(PhoneNumberMatcher(text, country, leniency=Leniency.VALID, max_tries=20))
    found = sum(sign.isdigit() for match in matches for sign in match.raw_string)
    if found < digits and not any(sign.isalpha() for sign in text):  # "5045550107 5" is a slip, not a number and a five
        return None
    readings = [_reading(match.number) for match in matches]
    return _joined(readings) if any(reading.numbers for reading in readings) else None


def _joined(readings: Iterable[CellReading]) -> CellReading:
    numbers: dict[str, str] = {}
    problems: dict[str, None] = {}
    malformed = False
    for reading in readings:
        numbers |= dict(zip(reading.numbers, reading.countries, strict=True))
        problems |= dict.fromkeys(reading.problems)
        malformed |= reading.malformed
    return CellReading(tuple(numbers), tuple(problems), malformed, tuple(numbers.values()))
