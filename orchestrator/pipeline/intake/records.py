"""Records from lines: quoted newlines, ragged quotes, blank lines and all; line numbers as an editor shows them."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from orchestrator.domain.errors import UserError
from orchestrator.pipeline.intake.file_form import UNDECODABLE

ONE_COLUMN = "\x1f"  # a delimiter that no list holds: every record is one cell
LONGEST_LINE = 1 << 20
BLANK = " \r\n\ufeff\x1a"
BAD_BYTES = "bytes that cannot be decoded"
BAD_QUOTES = "a quote that is opened and closed in the wrong place"


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record and the line where it starts, 1-based; ``problem`` says why it cannot be read."""

    line: int
    cells: list[str]
    problem: str | None = None


class FileCutError(UserError):
    """The file ends inside a quote."""


class Lines:
    """Physical lines, counted, that can be taken back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        """Itself."""
        return self

    def __next__(self) -> str:
        """The next line, one taken back first."""
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.number += 1
        return line

    def take_back(self, lines: list[str]) -> None:
        """Let these lines, the last ones that were read, be read again."""
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)


def lines_of(text: IO[str]) -> Iterator[str]:
    """The lines of an open file; raises UserError for one so long that the file is no list."""
    for number, line in enumerate(iter(lambda: text.readline(LONGEST_LINE), ""), start=1):
        if len(line) == LONGEST_LINE:
            raise UserError(f"Line {number} is over a million signs long: this is no list; export it as CSV or TSV.")
        yield line


def read(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Every record but blank lines; raises FileCutError where the file ends inside a quote."""
    source = Lines(lines)
    for line in source:
        if not line.strip(BLANK):
            continue
        number = source.number
        if '"' in line:
            cells, problem = _quoted(line, source, delimiter)
        else:
            cells, problem = line.rstrip("\r\n").split(delimiter), _undecodable(line)
        yield Record(number, cells, problem)


def _undecodable(text: str) -> str | None:
    return BAD_BYTES if not text.isascii() and UNDECODABLE.search(text) else None


def _quoted(line: str, source: Lines, delimiter: str) -> tuple[list[str], str | None]:
    taken = [line]
    try:
        reader = csv.reader(_and_more(taken, source), delimiter=delimiter, strict=True, skipinitialspace=True)
        return next(reader), _undecodable("".join(taken))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise FileCutError(
                f"The file is cut: the quote opened in the record at line {source.number - len(taken) + 1} is never "
                "closed; export the list again."
            ) from None
    return _with_stray_quotes(taken, source, delimiter)


def _and_more(taken: list[str], source: Lines) -> Iterator[str]:
    """The first line, then more of them as the reader asks; each is noted so that it can be taken back."""
    yield taken[0]
    for line in source:
        taken.append(line)
        yield line


def _with_stray_quotes(taken: list[str], source: Lines, delimiter: str) -> tuple[list[str], str | None]:
    """One line with quotes inside a cell can be read; where lines were swallowed only the first is lost."""
    source.take_back(taken[1:])
    try:
        cells = next(csv.reader(taken[:1], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:  # a cell of over a hundred thousand signs
        return [], BAD_QUOTES
    whole = len(taken) == 1 and not cells[-1].endswith(("\n", "\r"))
    return cells, None if whole else BAD_QUOTES
