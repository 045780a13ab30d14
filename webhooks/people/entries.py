"""What somebody entered on an opt-in page, judged; what is wrong is told in their language."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from orchestrator.domain.opt_in import OptInPage

LONGEST_NUMBER, LONGEST_NAME = 40, 80
TEXTABLE = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.UNKNOWN,
    }
)
# Of names: letters of every script, the marks on them, and what stands between or joins them.
NAME_SIGNS = frozenset(" .,'’-·\u200c\u200d")
INVISIBLE = "Cf"  # marks of direction, which come along where a number is copied out of an address book


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was typed, as it was typed; ``number`` and ``country`` are empty where the number cannot be used."""

    typed: str = ""
    name: str = ""
    ticked: tuple[str, ...] = ()
    own: bool = False
    number: str = ""  # E.164
    country: str = ""
    mistakes: tuple[str, ...] = ()  # names of words in config/people.toml


def read(form: Mapping[str, str], ticked: Sequence[str], page: OptInPage) -> Entry:
    """The form's fields. What is longer than any person writes is not shown again."""
    typed, name = _seen(form.get("number", "")), " ".join(form.get("name", "").split(" ")).strip()
    known = tuple(choice.id for choice in page.choices if choice.id in ticked)
    number, country, trouble = _number(typed, page)
    own = form.get("own") == "yes"
    mistakes = [*trouble, *_mistakes(name, known, own)]
    return Entry(
        typed=typed if len(typed) <= LONGEST_NUMBER and typed.isprintable() else "",
        name=name if _is_a_name(name) else "",
        ticked=known,
        own=own,
        number=number,
        country=country,
        mistakes=tuple(mistakes),
    )


def _seen(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) != INVISIBLE).strip()


def _mistakes(name: str, ticked: Sequence[str], own: bool) -> Iterator[str]:
    if name and not _is_a_name(name):
        yield "bad_name"
    if not ticked:
        yield "nothing_ticked"
    if not own:
        yield "not_own"


def _number(typed: str, page: OptInPage) -> tuple[str, str, list[str]]:
    """The number and its country; a national one is read as of the page's only country."""
    home = page.countries[0] if len(page.countries) == 1 else None
    try:
        parsed = phonenumbers.parse(typed, home) if len(typed) <= LONGEST_NUMBER else None
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or parsed.extension or not phonenumbers.is_valid_number(parsed):
        return "", "", ["bad_number"]
    country = phonenumbers.region_code_for_number(parsed) or ""
    if country not in page.countries:
        return "", "", ["foreign_number"]
    if phonenumbers.number_type(parsed) not in TEXTABLE:
        return "", "", ["no_texts"]
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), country, []


def _is_a_name(text: str) -> bool:
    """Letters, on one line: what is written into a page, a list or a message later can do nothing there."""
    return len(text) <= LONGEST_NAME and all(
        sign in NAME_SIGNS or unicodedata.category(sign)[0] in {"L", "M"} for sign in text
    )
