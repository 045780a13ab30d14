"""What else one might do with a national list: a SQLite table, a sorted array; and what parsing the numbers costs."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import phonenumbers

from bench.clock import timed

TABLE_NUMBERS = 10_000_000  # a table of 250 million takes ten minutes to fill; its rate is told instead
PARSED = 20_000
NANP = 10**10

Row = tuple[str, float, str]


def measure(folder: Path, files: Sequence[Path], asked: Sequence[str], found: int) -> list[Row]:
    """Rows of (what, value, unit); ``found`` of the numbers asked about are listed, which the array must say too."""
    _, parsed = timed(lambda: [phonenumbers.parse(number) for number in asked[:PARSED]])
    return [
        ("baseline: phonenumbers alone parses as many (from 20,000)", parsed * len(asked) / PARSED, "s"),
        *_array(folder, files, asked, found),
        *_table(folder, files, asked),
    ]


def _array(folder: Path, files: Sequence[Path], asked: Sequence[str], found: int) -> list[Row]:
    path = folder / "sorted.npy"
    _, built = timed(lambda: np.save(path, np.sort(np.concatenate([_read(file) for file in files]))))
    held = np.load(path, mmap_mode="r")
    hits, looked_up = timed(lambda: _held(held, asked))
    assert hits == found, (hits, found)
    return [
        ("baseline: sorted array built from the same text", built, "s"),
        ("baseline: sorted array on disk", path.stat().st_size / 1e6, "MB"),
        (f"baseline: sorted array, {len(asked):,} numbers looked up", looked_up, "s"),
    ]


def _read(file: Path) -> npt.NDArray[np.uint64]:
    text = file.read_bytes().replace(b",", b"")
    return np.fromstring(text.decode("ascii"), np.uint64, sep="\n") + np.uint64(NANP)


def _held(held: npt.NDArray[np.uint64], asked: Sequence[str]) -> int:
    numbers = np.fromiter(map(int, asked), np.uint64, len(asked))
    at = np.minimum(np.searchsorted(held, numbers), len(held) - 1)
    return int((held[at] == numbers).sum())


def _table(folder: Path, files: Sequence[Path], asked: Sequence[str]) -> list[Row]:
    path = folder / "table.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE listed (number INTEGER PRIMARY KEY)")
    filled, built = timed(lambda: _fill(connection, files))
    _, looked_up = timed(lambda: _look_up(connection, asked))
    connection.close()
    return [
        (f"baseline: SQLite table of {filled:,} numbers filled", built, "s"),
        ("baseline: the same table on disk", path.stat().st_size / 1e6, "MB"),
        (f"baseline: the same table, {len(asked):,} numbers looked up", looked_up, "s"),
    ]


def _fill(connection: sqlite3.Connection, files: Sequence[Path]) -> int:
    filled = 0
    with connection:
        for file in files:
            if filled < TABLE_NUMBERS:
                numbers = _read(file).tolist()
                connection.executemany("INSERT INTO listed VALUES (?)", ((number,) for number in numbers))
                filled += len(numbers)
    return filled


def _look_up(connection: sqlite3.Connection, asked: Sequence[str]) -> int:
    find = "SELECT 1 FROM listed WHERE number = ?"
    return sum(connection.execute(find, (int(number),)).fetchone() is not None for number in asked)
