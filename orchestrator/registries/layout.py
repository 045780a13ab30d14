"""A profile's form bound to one file: where in its rows the number and the answer stand."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, pairwise

from orchestrator.registries.numbering import LONGEST, NANP
from orchestrator.registries.profiles import Form, Numbering, Part, Profile, Statuses

PUNCTUATION = str.maketrans("", "", " ()-./\u00a0")
SHORTEST = 7  # digits of an E.164 number
NANP_NATIONAL = re.compile(r"[2-9][0-9]{9}")


class RowError(ValueError):
    """The row is not of this form."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read the rows of one file: ``places``, ``status`` and ``date`` are positions in rows of ``cells``."""

    form: Form
    numbering: Numbering | None
    statuses: Statuses | None
    delimiter: str
    places: tuple[int, ...]
    status: int | None
    date: int | None
    dates: tuple[str, ...]
    cells: int | None

    @property
    def is_number_alone(self) -> bool:
        """Whether rows hold a number and nothing else, parted by delimiters."""
        return self.cells == len(self.places) and not (self.form.is_fixed_width or self.form.status or self.form.date)

    def rows(self, lines: Iterator[str]) -> Iterator[Sequence[str]]:
        """The cells of each row; an empty line is an empty row."""
        if self.form.is_fixed_width:
            return map(self._cut, lines)
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    def answer(self, row: Sequence[str]) -> tuple[int, bool] | None:
        """The E.164 number as an integer and whether it is listed; None: the registry could not say."""
        if self.cells is not None and len(row) != self.cells:
            raise RowError
        if self.date is not None and not _is_date(row[self.date].strip(), self.dates):
            raise RowError
        listed = self._listed(row)
        return None if listed is None else (self.number(row), listed)

    def number(self, row: Sequence[str]) -> int:
        """The row's number; raises RowError where it has none."""
        parts = zip(self.places, self.form.number, strict=True)
        return to_e164("".join(_part(row[place], part) for place, part in parts), self.numbering)

    def _listed(self, row: Sequence[str]) -> bool | None:
        if self.status is None or self.statuses is None:
            return True
        word = row[self.status].strip().lower()
        if word in self.statuses.unknown:
            return None
        if word in self.statuses.listed or word in self.statuses.not_listed:
            return word in self.statuses.listed
        raise RowError

    def _cut(self, line: str) -> Sequence[str]:
        line = line.rstrip("\r\n")
        ends = [0, *accumulate(part.width or 0 for part in self.form.parts)]
        if not line.strip():
            return []
        if len(line) != ends[-1]:
            raise RowError
        return [line[start:end] for start, end in pairwise(ends)]


def fit(profile: Profile, line: str) -> Layout | None:
    """The first of the profile's forms that a file's first row has; None where it has none of them."""
    for form in profile.readable:
        for layout in _candidates(profile, form, line):
            if _reads(layout, line):
                return layout
    return None


def to_e164(text: str, numbering: Numbering | None) -> int:
    """The number as an integer; raises RowError where it is none of this numbering."""
    if text.startswith("+"):
        return _international(text[1:])
    if numbering is None or not (text.isascii() and text.isdigit()):
        raise RowError
    national = _national(text, numbering)
    return _international(f"{numbering.calling_code}{national}")


def _national(text: str, numbering: Numbering) -> str:
    """The digits behind the calling code."""
    code = str(numbering.calling_code)
    if numbering.bare and text[0] in numbering.bare and len(text) in numbering.bare_lengths:
        return text
    for prefix in (numbering.trunk, code):
        rest = text.removeprefix(prefix)
        if text.startswith(prefix) and len(rest) in numbering.lengths:
            return rest
    raise RowError


def _international(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and SHORTEST <= len(digits) <= LONGEST) or digits[0] == "0":
        raise RowError
    if digits[0] == str(NANP) and not NANP_NATIONAL.fullmatch(digits[1:]):
        raise RowError
    return int(digits)


def _part(cell: str, part: Part) -> str:
    if part.width is not None:
        return _filled(cell, part)
    text = cell.strip()
    if part.digits is None:
        return text.translate(PUNCTUATION)
    if len(text) != part.digits or not (text.isascii() and text.isdigit()):
        raise RowError
    return text


def _filled(cell: str, part: Part) -> str:
    """The text of a fixed width, which spaces fill on one side alone."""
    text = cell.strip(" ")
    filled = text.rjust(len(cell)) if part.pad == "left" else text.ljust(len(cell))
    if filled != cell:
        raise RowError
    return text


def _candidates(profile: Profile, form: Form, line: str) -> Iterator[Layout]:
    if form.xml is not None:
        return
    for delimiter in form.delimiters:
        places = _places(form, delimiter, line)
        if places is not None:
            yield _bound(profile, form, delimiter, places, line)


def _bound(profile: Profile, form: Form, delimiter: str, places: tuple[int, ...], line: str) -> Layout:
    """``places`` are those of the number, then of the status and the date where the form has them."""
    others = iter(places[len(form.number) :])
    return Layout(
        form=form,
        numbering=profile.numbers,
        statuses=profile.statuses,
        delimiter=delimiter,
        places=places[: len(form.number)],
        status=next(others) if form.status else None,
        date=next(others) if form.date else None,
        dates=profile.dates,
        cells=len(_header(line, delimiter)) if form.has_header else form.columns,
    )


@lru_cache(maxsize=4096)
def _is_date(text: str, formats: tuple[str, ...]) -> bool:
    for form in formats:
        try:
            datetime.strptime(text, form)  # noqa: DTZ007 - a day has no zone, and this one is not used
        except ValueError:
            continue
        return True
    return False


def _places(form: Form, delimiter: str, line: str) -> tuple[int, ...] | None:
    if form.is_fixed_width:
        return tuple(range(len(form.parts)))
    if not form.has_header:
        return tuple((part.column or 1) - 1 for part in form.parts)
    header = _header(line, delimiter)
    found = [next((header.index(name) for name in part.names if name in header), None) for part in form.parts]
    places = tuple(place for place in found if place is not None)
    return places if len(set(places)) == len(form.parts) else None


def _header(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []
    return [" ".join(re.findall(r"[a-z0-9]+", cell.lower())) for cell in cells]


def _reads(layout: Layout, line: str) -> bool:
    if layout.form.has_header:
        return True
    try:
        layout.answer(next(layout.rows(iter([line]))))
    except (RowError, IndexError, csv.Error):
        return False
    return True
