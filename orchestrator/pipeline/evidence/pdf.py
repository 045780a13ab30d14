"""The pack as a document that a lawyer reads: every part on paper, with fonts for every script of the basic plane.

DejaVu has the letters of Europe, Armenian, Georgian, Hebrew and Arabic; Unifont, drawn on a coarse grid, has what it
lacks. Letters are not joined or stacked as Arabic and the scripts of India want; words run in their own direction.
"""

import logging
import lzma
import tempfile
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from orchestrator.pipeline.evidence.complaint import Section
from orchestrator.pipeline.evidence.item_lines import Line, item_lines

FONTS = Path(__file__).parent / "fonts"
BODY, REST = "dejavu", "unifont"
FILES = {(BODY, ""): "DejaVuSans.ttf", (BODY, "B"): "DejaVuSans-Bold.ttf"}
REST_FILE = "unifont.otf"
MISSING = "\ufffd"
BEYOND_THE_BASIC_PLANE = 0x10000
INDENT_MM, LINE_MM = 4.0, 4.2
SMALL, NORMAL, HEADING, TITLE = 7.0, 8.5, 12.0, 17.0
# Room that is left for a heading, a note and the beginning of an item, so that none stands alone at a page's foot.
HEADING_MM, NOTE_MM, ITEM_MM, LINES_MM = 8.0, 9.0, 16.0, 8.0
Told = tuple[Section, Sequence[Sequence[Line]]]


def render(title: str, made_at: datetime, sections: Sequence[Section]) -> bytes:
    """The document."""
    told = [(section, [list(item_lines(item)) for item in section.items]) for section in sections]
    with _document(title, told) as pdf:
        pdf.add_page()
        _text(pdf, title, TITLE, bold=True)
        _text(pdf, f"Made {made_at:%Y-%m-%d %H:%M:%S} UTC. Times are UTC where nothing else is said.", NORMAL)
        for section, items in told:
            _section(pdf, section, items)
        return bytes(pdf.output())


@contextmanager
def _document(title: str, told: Sequence[Told]) -> Iterator["_Paper"]:
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        pdf = _Paper(title)
        for (family, style), name in FILES.items():
            pdf.add_font(family, style, _unpacked(Path(folder), name))
        if not _has_all(pdf, title, told):
            pdf.add_font(REST, "", _unpacked(Path(folder), REST_FILE))
            pdf.set_fallback_fonts([REST], exact_match=False)
        yield pdf


def _unpacked(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(lzma.decompress((FONTS / f"{name}.xz").read_bytes()))
    return path


def _has_all(pdf: "_Paper", title: str, told: Sequence[Told]) -> bool:
    """Whether the small font has every letter: the large one takes half a second to open."""
    letters = set(title) | {letter for section, items in told for letter in _letters(section, items)}
    known: Container[int] = getattr(pdf.fonts[BODY], "cmap")  # noqa: B009 - of a font of ours, which has one
    return all(ord(letter) in known for letter in letters if _can_be_drawn(letter))


def _letters(section: Section, items: Sequence[Sequence[Line]]) -> str:
    return "".join((section.title, *section.notes, *(line for lines in items for _, line in lines)))


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


def _section(pdf: _Paper, section: Section, items: Sequence[Sequence[Line]]) -> None:
    pdf.ln(3)
    _keep_together(pdf, HEADING_MM + NOTE_MM * len(section.notes) + ITEM_MM)
    _text(pdf, f"{section.number}. {section.title}", HEADING, bold=True)
    for note in section.notes:
        _text(pdf, note, NORMAL)
    if not items:
        _text(pdf, "Nothing is on record.", NORMAL)
    for lines in items:
        pdf.ln(1.5)
        _item(pdf, lines)


def _item(pdf: _Paper, lines: Sequence[Line]) -> None:
    _keep_together(pdf, ITEM_MM)
    for indent, line in lines:
        _keep_together(pdf, LINES_MM if line.endswith(":") else 0)
        _text(pdf, line, NORMAL if indent == 0 else SMALL, indent=indent)


def _keep_together(pdf: _Paper, height: float) -> None:
    if pdf.will_page_break(height):
        pdf.add_page()


def _text(pdf: _Paper, text: str, size: float, *, bold: bool = False, indent: int = 0) -> None:
    pdf.set_font(BODY, "B" if bold else "", size)
    pdf.set_x(pdf.l_margin + indent * INDENT_MM)
    drawn = "".join(letter if _can_be_drawn(letter) else MISSING for letter in text)
    pdf.multi_cell(0, LINE_MM * size / NORMAL, drawn, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
