"""The pack as a document that a lawyer reads: every part on paper, with fonts for every script of the basic plane.

DejaVu has the letters of Europe, Armenian, Georgian, Hebrew and Arabic; Unifont, drawn on a coarse grid, has what it
lacks. Letters are not joined or stacked as Arabic and the scripts of India want; words run in their own direction.
"""

import json
import logging
import lzma
import tempfile
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from orchestrator.pipeline.evidence.complaint import Section

FONTS = Path(__file__).parent / "fonts"
BODY, REST = "dejavu", "unifont"
FILES = {(BODY, ""): "DejaVuSans.ttf", (BODY, "B"): "DejaVuSans-Bold.ttf"}
REST_FILE = "unifont.otf"
MISSING = "\ufffd"
BEYOND_THE_BASIC_PLANE = 0x10000
INDENT_MM, LINE_MM = 4.0, 4.2
SMALL, NORMAL, HEADING, TITLE = 7.0, 8.5, 12.0, 17.0
HIDDEN_KEYS = frozenset({"sentence", "row", "entry"})  # shown in their own way
Line = tuple[int, str]


def render(title: str, made_at: datetime, sections: Sequence[Section]) -> bytes:
    """The document."""
    with _document(title, sections) as pdf:
        pdf.add_page()
        _text(pdf, title, TITLE, bold=True)
        _text(pdf, f"Made {made_at:%Y-%m-%d %H:%M:%S} UTC. Times are UTC where nothing else is said.", NORMAL)
        for section in sections:
            _section(pdf, section)
        return bytes(pdf.output())


@contextmanager
def _document(title: str, sections: Sequence[Section]) -> Iterator["_Paper"]:
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        pdf = _Paper(title)
        for (family, style), name in FILES.items():
            pdf.add_font(family, style, _unpacked(Path(folder), name))
        if not _has_all(pdf, title, sections):
            pdf.add_font(REST, "", _unpacked(Path(folder), REST_FILE))
            pdf.set_fallback_fonts([REST], exact_match=False)
        yield pdf


def _unpacked(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(lzma.decompress((FONTS / f"{name}.xz").read_bytes()))
    return path


def _has_all(pdf: "_Paper", title: str, sections: Sequence[Section]) -> bool:
    """Whether the small font has every letter: the large one takes half a second to open."""
    letters = set(title) | {letter for section in sections for letter in _letters(section)}
    known: Container[int] = getattr(pdf.fonts[BODY], "cmap")  # noqa: B009 - of a font of ours, which has one
    return all(ord(letter) in known for letter in letters if _can_be_drawn(letter))


def _letters(section: Section) -> str:
    return section.title + "".join(section.notes) + json.dumps(section.items, ensure_ascii=False, default=str)


class _Paper(FPDF):
    """A4, with a number on every page."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.set_title(title)
        self.set_auto_page_break(auto=True, margin=16)

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-12)
        self.set_font(BODY, size=SMALL)
        self.cell(0, 6, f"Page {self.page_no()}", align="C")


def _can_be_drawn(letter: str) -> bool:
    return letter.isprintable() and ord(letter) < BEYOND_THE_BASIC_PLANE


def _section(pdf: _Paper, section: Section) -> None:
    pdf.ln(3)
    _text(pdf, f"{section.number}. {section.title}", HEADING, bold=True)
    for note in section.notes:
        _text(pdf, note, NORMAL)
    if not section.items:
        _text(pdf, "Nothing is on record.", NORMAL)
    for item in section.items:
        pdf.ln(1.5)
        for indent, line in item_lines(item):
            _text(pdf, line, NORMAL if indent == 0 else SMALL, indent=indent)


def _text(pdf: _Paper, text: str, size: float, *, bold: bool = False, indent: int = 0) -> None:
    pdf.set_font(BODY, "B" if bold else "", size)
    pdf.set_x(pdf.l_margin + indent * INDENT_MM)
    drawn = "".join(letter if _can_be_drawn(letter) else MISSING for letter in text)
    pdf.multi_cell(0, LINE_MM * size / NORMAL, drawn, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def item_lines(item: dict[str, Any], indent: int = 0) -> Iterator[Line]:
    """One item in lines: its sentence, what else is known, its sealed row, its proof."""
    if "sentence" in item:
        yield indent, item["sentence"]
    for name, value in item.items():
        if name not in HIDDEN_KEYS:
            yield from _value_lines(name.replace("_", " "), value, indent + ("sentence" in item))
    if "row" in item:
        yield (
            indent + 1,
            "; ".join(f"{name}: {_plain(value)}" for name, value in item["row"].items() if value is not None),
        )
    if "entry" in item:
        yield indent + 1, _proof(item["entry"])


def _value_lines(name: str, value: Any, indent: int) -> Iterator[Line]:
    if value is None or value in ([], {}):
        return
    if isinstance(value, dict):
        yield indent, f"{name}:"
        yield from item_lines(value, indent + 1)
    elif isinstance(value, list) and isinstance(value[0], dict):
        yield indent, f"{name}:"
        for one in value:
            yield from item_lines(one, indent + 1)
    else:
        yield from ((indent, line) for line in f"{name}: {_plain(value)}".splitlines())


def _plain(value: Any) -> str:
    return (
        ", ".join(map(_plain, value))
        if isinstance(value, list)
        else json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict)
        else str(value)
    )


def _proof(entry: dict[str, Any]) -> str:
    where = f"Sealed as entry {entry['position']} of the log '{entry['log']}'" if "log" in entry else "Not proved"
    return f"{where}: {entry['proof']}." if "proof" in entry else f"{where}."
