"""A file's layout from its first records: delimiter, header, columns."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any

from orchestrator.pipeline.intake import columns as guessing
from orchestrator.pipeline.intake.cell_text import PLACEHOLDERS, value
from orchestrator.pipeline.intake.columns import Column, phone_like
from orchestrator.pipeline.intake.file_form import FileForm
from orchestrator.pipeline.intake.header_words import Field
from orchestrator.pipeline.intake.headers import meaning
from orchestrator.pipeline.intake.records import ONE_COLUMN, FileCutError, Record, lines_of, read

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", ONE_COLUMN: "none (one column)"}
SAMPLE_LINES = 400
SAMPLE_SIGNS = 2_000_000
SAMPLE_RECORDS = 200
PREAMBLE_RECORDS = 6
SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the text is laid out; ``before_data`` records (titles and the header) come before the first person's."""

    form: FileForm
    delimiter: str
    header: tuple[str, ...] | None
    before_data: int
    columns: tuple[Column, ...]

    @property
    def width(self) -> int:
        """How many cells a record should have."""
        return len(self.columns)

    def records(self) -> Iterator[Record]:
        """Every person's record, streamed; raises FileCutError where the file ends inside a quote."""
        with self.form.open() as text:
            lines = lines_of(text)
            yield from islice(read(_past_separator(lines), self.delimiter), self.before_data, None)

    def as_reading(self, country: str) -> dict[str, Any]:
        """What the import's row remembers: the same file read otherwise is another import."""
        return {
            "encoding": self.form.encoding,
            "delimiter": self.delimiter,
            "header": self.header is not None,
            "country": country,
            "mapping": [[column.position, column.field.value, column.label] for column in self.columns],
        }


def lay_out(form: FileForm, country: str, orders: Sequence[str], has_header: bool | None = None) -> Layout:
    """The layout with what a person says over the guess; raises UserError where no column holds numbers."""
    sample = _sample_lines(form)
    delimiter = _stated_delimiter(sample) or _likely_delimiter(sample)
    records = _sample(sample, delimiter)
    place = _header_place(records, country) if has_header is None else (0 if has_header else None)
    header = tuple(records[place].cells) if place is not None and records else None
    before = 0 if header is None or place is None else place + 1
    rows = [record.cells for record in records[before:]]
    columns = guessing.said(guessing.guess(header, rows, country), orders)
    guessing.require_phone(columns, form.path.name)
    return Layout(form=form, delimiter=delimiter, header=header, before_data=before, columns=columns)


def count_records(layout: Layout) -> int:
    """How many records the file holds; raises FileCutError before anything has been written."""
    return sum(1 for _ in layout.records())


def _past_separator(lines: Iterator[str]) -> Iterator[str]:
    """The lines with a spreadsheet's ``sep=;`` blanked, so that it counts as a line and is no record."""
    for line in islice(lines, 1):
        yield "\n" if SEPARATOR_LINE.fullmatch(line) else line
    yield from lines


def _sample_lines(form: FileForm) -> list[str]:
    """The first lines, as many as fit; at least one."""
    with form.open() as text:
        sample = list(islice(lines_of(text), SAMPLE_LINES))
    ends = accumulate(map(len, sample))
    return [line for line, end in zip(sample, ends, strict=True) if end <= SAMPLE_SIGNS] or sample[:1]


def _stated_delimiter(lines: Sequence[str]) -> str | None:
    match = SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    return match[1] if match else None


def _sample(lines: Sequence[str], delimiter: str) -> list[Record]:
    result: list[Record] = []
    try:
        result.extend(islice(read(_past_separator(iter(lines)), delimiter), SAMPLE_RECORDS))
    except FileCutError:  # the sample ends inside a quote; whether the file does is found when it is counted
        return result
    return result


def _likely_delimiter(lines: Sequence[str]) -> str:
    """The one under which the header is best known and most records are of one width."""
    scores = {delimiter: _score(_sample(lines, delimiter)) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0, 0.0, 0) else ONE_COLUMN


def _score(records: Sequence[Record]) -> tuple[int, float, int]:
    widths = [len(record.cells) for record in records]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    known = max((_known_words(record.cells) for record in records[:PREAMBLE_RECORDS]), default=0)
    first_is_whole_header = bool(records) and widths[0] == 1 and known == 1 and _known_words(records[0].cells) == 1
    if usual < 2 or first_is_whole_header:
        return (0, 0.0, 0)
    return (known, round(widths.count(usual) / len(widths), 2), usual)


def _known_words(cells: Sequence[str]) -> int:
    return sum(meaning(cell) is not None for cell in cells if len(cell) < 60)


def _header_place(records: Sequence[Record], country: str) -> int | None:
    """Which record is the header; records of a single cell may stand before it, as titles do in reports."""
    for place, record in enumerate(records[:PREAMBLE_RECORDS]):
        if _is_header(record.cells, records[place + 1 :], country):
            return place
        if len([cell for cell in record.cells if cell.strip()]) > 1 or phone_like(record.cells[0], country):
            return None
    return None


def _is_header(cells: Sequence[str], following: Sequence[Record], country: str) -> bool:
    if any(phone_like(cell, country) or "@" in cell for cell in cells):
        return False
    if any(cell.strip().lower() in PLACEHOLDERS - {"x", "."} for cell in cells if cell.strip()):
        return False
    if _known_words(cells):
        return len([cell for cell in cells if cell.strip()]) > 1 or max(map(len, _widths(following)), default=1) < 2
    return _stands_over_phones(cells, following, country)


def _widths(records: Sequence[Record]) -> list[list[str]]:
    return [record.cells for record in records]


def _stands_over_phones(cells: Sequence[str], following: Sequence[Record], country: str) -> bool:
    """Whether words that we do not know stand over columns of numbers: a header in another language."""
    titled = [cell.strip() for cell in cells]
    if not all(titled) or len(set(titled)) < len(titled) or any(sign.isdigit() for cell in titled for sign in cell):
        return False
    guessed = guessing.guess(None, _widths(following), country)
    phones = [column.position for column in guessed if column.field is Field.PHONE]
    return bool(phones) and phones[0] < len(cells) and all(map(value, cells))


def dialect(layout: Layout) -> dict[str, Any]:
    """How to write records that look like the file's."""
    delimiter = "," if layout.delimiter == ONE_COLUMN else layout.delimiter
    return {"delimiter": delimiter, "quoting": csv.QUOTE_MINIMAL, "lineterminator": "\n"}
