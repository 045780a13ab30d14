"""A page that people read, before it has a form: headings, sentences, lists, tables, and gaps to be filled."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the page's title."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table; every row has a cell for each column of the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What nobody has said yet, or a person must judge; ``fill`` says how."""

    what: str
    fill: str


Block = Heading | Text | Points | Rows | Gap


@dataclass(frozen=True, slots=True)
class Page:
    """A titled page in one language (a tag as in en, de-AT)."""

    title: str
    blocks: tuple[Block, ...]
    language: str = "en"

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is missing on it."""
        return tuple(block for block in self.blocks if isinstance(block, Gap))


def rows(header: Sequence[str], found: Sequence[Sequence[object]]) -> Rows:
    """A table of whatever can be written."""
    return Rows(tuple(header), tuple(tuple("" if cell is None else str(cell) for cell in row) for row in found))
