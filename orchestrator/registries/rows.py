"""A registry's text as numbers, every row checked: the first bad line refuses the file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from itertools import chain, islice

import numpy as np
import numpy.typing as npt

from orchestrator.registries import markup, uniform
from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.layout import Layout, RowError, fit
from orchestrator.registries.numbering import LONGEST, Numbers, is_long_enough
from orchestrator.registries.profiles import Profile

BLOCK_BYTES = 1 << 22
BATCH_ROWS = 1 << 16
PEEKED = 512
WEB_PAGE = (b"<!doctype html", b"<html")
MARK = b"\xef\xbb\xbf"  # byte order
NOTHING = "Nothing was imported."
CHANGES = (
    "A full list is imported without --changes; a file of additions or deletions alone with --added FILE or "
    f"--deleted FILE. {NOTHING}"
)
Block = tuple[int, bytes]  # whole lines, and the number of the first


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows in order: E.164 numbers, whether each is listed, and the line each stands on."""

    numbers: Numbers
    listed: npt.NDArray[np.bool_]
    lines: npt.NDArray[np.int64]


def read(stream: BufferedReader, profile: Profile, label: str) -> Iterator[Rows]:
    """Every row of the text; raises FileRefusedError that names ``label`` and the first bad line."""
    if stream.peek(PEEKED)[:PEEKED].removeprefix(MARK).lstrip().lower().startswith(WEB_PAGE):
        raise FileRefusedError(
            f"{label} is a web page and no list: a login that ran out answers like that. Get the file again. {NOTHING}"
        )
    described = next((form.xml for form in profile.readable if form.xml), None)
    if described and stream.peek(64).removeprefix(MARK).lstrip().startswith(b"<"):
        return _batches(markup.read(stream, described, profile, label))
    return _lines(stream, profile, label)


def _lines(stream: BufferedReader, profile: Profile, label: str) -> Iterator[Rows]:
    end = _End()
    blocks = _blocks(stream, label, end)
    return _not_cut_off(_of_blocks(blocks, profile, label), end, label)


def _of_blocks(blocks: Iterator[Block], profile: Profile, label: str) -> Iterator[Rows]:
    head = next(blocks, (1, b""))
    at, first = next(_filled_lines(head), (1, b""))
    layout = fit(profile, _text(first, at, profile, label)) if first else None
    if layout is None:
        raise FileRefusedError(_misfit(label, at, first, profile))
    if not layout.is_number_alone:
        return _singly(chain([head], blocks), layout, profile, label, headers=int(layout.form.has_header))
    head = _behind(at, head) if layout.form.has_header else head
    return chain.from_iterable(_at_once(block, layout, profile, label) for block in chain([head], blocks) if block[1])


@dataclass(slots=True)
class _End:
    open_line: int | None = None  # the last one, where it has no end


def _not_cut_off(batches: Iterator[Rows], end: _End, label: str) -> Iterator[Rows]:
    """Refuse a last line that has no end and holds a number shorter than all others, or than its country's may be."""
    number, line, smallest = 0, 0, 10**LONGEST
    for batch in batches:
        yield batch
        smallest = min(smallest, number or smallest, int(batch.numbers[:-1].min(initial=smallest)))
        number, line = int(batch.numbers[-1]), int(batch.lines[-1])
    is_short = len(str(number)) < len(str(smallest)) <= LONGEST or not is_long_enough(number)
    if line == end.open_line and is_short:
        raise FileRefusedError(
            f"{label} line {line} is the last, has no end and holds too short a number: the file is cut off; get it "
            f"again. {NOTHING}"
        )


def _blocks(stream: BufferedReader, label: str, end_of: _End) -> Iterator[Block]:
    line, rest = 1, b""
    while piece := stream.read(BLOCK_BYTES):
        piece = rest + (piece.removeprefix(MARK) if line == 1 and not rest else piece)
        end = piece.rfind(b"\n") + 1
        if end == 0 and len(piece) > BLOCK_BYTES:
            raise FileRefusedError(f"{label} line {line} never ends; this is no text of numbers. Nothing was imported.")
        if end:
            yield line, piece[:end]
        line, rest = line + piece.count(b"\n"), piece[end:]
    if rest:
        end_of.open_line = line
        yield line, rest


def _behind(line: int, block: Block) -> Block:
    """What follows a line of the block, which holds it."""
    lines = block[1].split(b"\n", line - block[0] + 1)
    return line + 1, lines[-1] if len(lines) > line - block[0] + 1 else b""


def _at_once(block: Block, layout: Layout, profile: Profile, label: str) -> Iterator[Rows]:
    """A block of rows that are all alike in one go, any other row by row."""
    line, text = block
    first = text[: text.find(b"\n") + 1]
    try:
        answer = layout.answer(next(layout.rows(iter([first.decode(profile.encoding)]))))
    except (RowError, IndexError, StopIteration, UnicodeDecodeError, csv.Error):
        answer = None
    numbers = uniform.read(text, answer[0]) if answer else None
    if numbers is None:
        yield from _singly(iter([block]), layout, profile, label)
    else:
        yield Rows(numbers, np.ones(len(numbers), np.bool_), np.arange(line, line + len(numbers), dtype=np.int64))


def _singly(blocks: Iterator[Block], layout: Layout, profile: Profile, label: str, headers: int = 0) -> Iterator[Rows]:
    return _batches(_entries(blocks, layout, profile, label, headers))


def _entries(
    blocks: Iterator[Block], layout: Layout, profile: Profile, label: str, headers: int
) -> Iterator[tuple[int, bool, int]]:
    """Number, listed and line of every row that has an answer."""
    here = _Place()
    rows = layout.rows(_texts(blocks, here, profile, label))
    while True:
        try:
            row = next(rows, None)
            if row is None:
                return
            if not any(cell.strip() for cell in row):
                continue
            if headers:
                headers -= 1
                continue
            answer = layout.answer(row)
        except (RowError, IndexError, csv.Error):
            raise FileRefusedError(_refusal(label, here.line, profile)) from None
        if answer is not None:
            yield *answer, here.line


@dataclass(slots=True)
class _Place:
    line: int = 0


def _texts(blocks: Iterator[Block], here: _Place, profile: Profile, label: str) -> Iterator[str]:
    for first, block in blocks:
        for line, raw in enumerate(BytesIO(block), first):
            here.line = line
            yield _text(raw, line, profile, label)


def _text(raw: bytes, line: int, profile: Profile, label: str) -> str:
    try:
        return raw.decode(profile.encoding)
    except UnicodeDecodeError:
        raise FileRefusedError(_refusal(label, line, profile)) from None


def _filled_lines(block: Block) -> Iterator[tuple[int, bytes]]:
    return ((line, raw) for line, raw in enumerate(BytesIO(block[1]), block[0]) if raw.strip())


def _batches(entries: Iterator[tuple[int, bool, int]]) -> Iterator[Rows]:
    while batch := list(islice(entries, BATCH_ROWS)):
        numbers, listed, lines = zip(*batch, strict=True)
        yield Rows(np.array(numbers, np.uint64), np.array(listed, np.bool_), np.array(lines, np.int64))


def _misfit(label: str, line: int, first: bytes, profile: Profile) -> str:
    """Why no form reads the file's first row: it may be the other sort of file."""
    if not first:
        return f"{label} is empty; nothing was imported."
    text, changes, rest = first.decode(profile.encoding, "replace"), profile.change_lists, profile.remainders
    if rest is not None and fit(rest, text):
        return f"{label} holds no answers. Is it what is left of the numbers sent? Then add --asked FILE. {NOTHING}"
    if profile.whole is None and changes is not None and fit(changes, text):
        return f"{label} holds changes, not the whole list: add --changes, or import the full list. {NOTHING}"
    if profile.whole is not None and fit(profile.whole, text):
        return f"{label} does not say of each number whether it was added or deleted, as change lists do. {CHANGES}"
    return _refusal(label, line, profile)


def _refusal(label: str, line: int, profile: Profile) -> str:
    return (
        f"{label} line {line} is not like the rows before it or not of {profile.sort}, "
        f"which read {profile.expected}. {NOTHING}"
    )
