"""Which column holds what: the best guess, and what a person says over it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from orchestrator.domain.errors import UserError
from orchestrator.pipeline.intake.cell_text import value
from orchestrator.pipeline.intake.header_words import Field
from orchestrator.pipeline.intake.headers import IGNORED, Meaning, field_named, meaning, tokens
from orchestrator.pipeline.intake.phones import parse_cell

MOSTLY = 0.6
EVIDENCE_BESIDE_CONSENT: Mapping[str, Field] = {
    "ip": Field.CONSENT_IP,
    "ip address": Field.CONSENT_IP,
    "user ip": Field.CONSENT_IP,
    "source": Field.CONSENT_SOURCE,
    "source url": Field.CONSENT_URL,
    "page url": Field.CONSENT_URL,
    "form url": Field.CONSENT_URL,
    "landing page": Field.CONSENT_URL,
}
POSTAL = re.compile(r"\d{5}(-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d", re.IGNORECASE)
WORDS = re.compile(r"[^\W\d_][^\d@/\\_]*")
KNOWN_BY_SIGHT = ((Field.POSTAL_CODE, POSTAL), (Field.NAME, WORDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its position (0-based), what people call it, what it holds, and a cell to show."""

    position: int
    title: str
    field: Field
    label: str = ""
    example: str = ""


def guess(header: Sequence[str] | None, rows: Sequence[Sequence[str]], country: str | None) -> tuple[Column, ...]:
    """The best guess for every column, by its header, and by its cells where headers tell of no phone."""
    width = len(header) if header is not None else _usual_width(rows)
    meanings: list[Meaning | None] = [meaning(title) for title in header or ()] or [None] * width
    meanings = _beside_consent(header or (), meanings)
    columns = tuple(_column(place, header, meanings[place] or IGNORED, rows) for place in range(width))
    columns = _only_one_id(_without_wordy_phones(columns, rows))
    if any(column.field is Field.PHONE for column in columns):
        return columns
    return _by_sight(columns, meanings, rows, country, named=header is not None)


def said(columns: Sequence[Column], orders: Sequence[str]) -> tuple[Column, ...]:
    """The columns with what a person says (``Header=field`` or ``3=field``) over the guess; raises UserError."""
    result = list(columns)
    for order in orders:
        title, equals, name = order.rpartition("=")
        wanted = field_named(name)
        if not equals or wanted is None:
            raise UserError(f"--map {order}: {_which_field(name, bool(equals))}")
        for place in _places(result, title.strip(), order):
            result[place] = _remapped(result[place], wanted)
    return tuple(result)


def require_phone(columns: Sequence[Column], file_name: str) -> None:
    """Raise UserError where no column holds numbers, since then this is no list to call."""
    if not any(column.field is Field.PHONE for column in columns):
        titles = ", ".join(column.title for column in columns[:8])
        raise UserError(
            f"No column of {file_name} looks like phone numbers (it has: {titles[:200]}); "
            "say which one does, as in --map 'Column=phone'."
        )


def phone_like(cell: str, country: str | None) -> bool:
    """Whether the cell holds a number, or one that a spreadsheet has spoiled."""
    reading = parse_cell(cell, country)
    return bool(reading.numbers) or reading.malformed


def _remapped(column: Column, wanted: Meaning) -> Column:
    label = wanted.label or (column.label if wanted.field is column.field else _title_label(column.title, wanted.field))
    return replace(column, field=wanted.field, label=label)


def _title_label(title: str, field: Field) -> str:
    from_header = meaning(title)
    return from_header.label if from_header is not None and from_header.field is field else ""


def _places(columns: Sequence[Column], title: str, order: str) -> list[int]:
    named = [column.position for column in columns if column.title.casefold() == title.casefold()]
    if named:
        return named
    if title.isdecimal() and 1 <= int(title) <= len(columns):
        return [int(title) - 1]
    raise UserError(f"--map {order}: there is no column '{title}'; the columns are {_titles(columns)}.")


def _titles(columns: Sequence[Column]) -> str:
    return ", ".join(f"{column.position + 1} '{column.title}'" for column in columns)


def _which_field(name: str, has_equals: bool) -> str:
    if not has_equals:
        return "write it as COLUMN=FIELD, as in --map 'Mobile no=phone'."
    near = get_close_matches(name.strip().lower(), list(Field), n=1)
    return f"there is no field '{name}'{f', did you mean {near[0]}' if near else ''}; fields are {', '.join(Field)}."


def _column(place: int, header: Sequence[str] | None, known: Meaning, rows: Sequence[Sequence[str]]) -> Column:
    title = " ".join(header[place].split()) if header is not None else ""
    example = next((cell for cell in _cells(rows, place)), "")
    return Column(
        position=place,
        title=title or f"column {place + 1}",
        field=known.field,
        label=known.label,
        example=" ".join(example.split())[:40],
    )


def _cells(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [text for row in rows if place < len(row) and (text := value(row[place]))]


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    widths = [len(row) for row in rows]
    return max(set(widths), key=lambda width: (widths.count(width), width), default=0)


def _beside_consent(header: Sequence[str], meanings: list[Meaning | None]) -> list[Meaning | None]:
    """Headers as vague as "IP address" are evidence where the file has consents, and nothing to us where not."""
    if not any(known is not None and known.field in {Field.CONSENT, Field.CONSENT_AT} for known in meanings):
        return meanings
    vague = [EVIDENCE_BESIDE_CONSENT.get(" ".join(tokens(title))) for title in header]
    return [known or (Meaning(field) if field else None) for known, field in zip(meanings, vague, strict=True)]


def _without_wordy_phones(columns: tuple[Column, ...], rows: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """A "phone" column whose cells have no digits is about phones; it goes where another column has some."""
    wordy = [column for column in columns if column.field is Field.PHONE and _is_wordy(_cells(rows, column.position))]
    phones = [column for column in columns if column.field is Field.PHONE]
    if len(wordy) == len(phones):
        return columns
    return tuple(replace(column, field=Field.IGNORE, label="") if column in wordy else column for column in columns)


def _is_wordy(cells: Sequence[str]) -> bool:
    return bool(cells) and not any(sign.isdigit() for cell in cells for sign in cell)


def _only_one_id(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    ids = [column for column in columns if column.field is Field.EXTERNAL_ID]
    ids.sort(key=lambda column: not column.title.casefold().startswith("external"))
    return tuple(replace(column, field=Field.IGNORE) if column in ids[1:] else column for column in columns)


def _by_sight(
    columns: tuple[Column, ...],
    meanings: Sequence[Meaning | None],
    rows: Sequence[Sequence[str]],
    country: str | None,
    *,
    named: bool,
) -> tuple[Column, ...]:
    """Columns without a telling header, by their cells: every one that mostly holds valid numbers is a phone."""
    result = list(columns)
    for place, column in enumerate(columns):
        cells = _cells(rows, place)
        if meanings[place] is None and _mostly(cells, lambda cell: phone_like(cell, country)):
            result[place] = replace(column, field=Field.PHONE)
    if named:
        return tuple(result)
    for field, form in KNOWN_BY_SIGHT:
        free = [place for place, column in enumerate(result) if column.field is Field.IGNORE]
        for place in [place for place in free if _all_match(rows, place, form)][:1]:
            result[place] = replace(result[place], field=field)
    return tuple(result)


def _all_match(rows: Sequence[Sequence[str]], place: int, form: re.Pattern[str]) -> bool:
    return _mostly(_cells(rows, place), lambda cell: form.fullmatch(cell) is not None)


def _mostly(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    return bool(cells) and sum(map(test, cells)) >= MOSTLY * len(cells)
