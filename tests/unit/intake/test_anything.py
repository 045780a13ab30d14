"""Whatever a file holds, it is refused in one sentence or every record gets read: nothing else ever comes out."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.errors import UserError
from orchestrator.pipeline.intake.entry import EntryReader
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.header_words import Field
from orchestrator.pipeline.intake.layout import Layout, count_records, lay_out
from orchestrator.pipeline.intake.phones import parse_cell
from orchestrator.pipeline.intake.verdicts import Verdict

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DIGITS = st.text("0123456789+-(). eE,/x", max_size=24)
CELLS = st.one_of(
    st.text(max_size=12),
    DIGITS,
    st.sampled_from(
        ["5045550107", "1.50456E+10", "n/a", "yes", "no", "2026-03-01", "United Kingdom", "70112", '"', "²"]
    ),
)
HEADERS = st.sampled_from([*Field, "Do not call", "SMS consent", "Opt-in date", "ZIP", "Time zone", "??"])


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(content: bytes) -> None:
    _read_all(content)


@settings(deadline=None)
@given(
    st.lists(HEADERS, min_size=1, max_size=6),
    st.lists(st.lists(CELLS, max_size=7), max_size=6),
    st.sampled_from(",;\t|"),
)
def test_any_cells_under_any_headers_are_refused_or_read(
    headers: list[str], rows: list[list[str]], delimiter: str
) -> None:
    text = "\n".join(delimiter.join(row) for row in [["phone", *headers], *rows])
    _read_all(text.encode("utf-8", "surrogatepass"))


@settings(deadline=None)
@given(DIGITS, st.sampled_from(["US", "GB", "AU", "DE", None]))
def test_any_digits_give_valid_numbers_or_a_problem(cell: str, country: str | None) -> None:
    reading = parse_cell(cell, country)
    assert all(number.startswith("+") and number[1:].isascii() and number[1:].isdecimal() for number in reading.numbers)
    assert len(reading.numbers) == len(reading.countries)
    assert not any(sign.isdigit() for problem in reading.problems for sign in problem)


def _read_all(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.csv"
        file.write_bytes(content)
        try:
            layout = lay_out(inspect(file), "US", ())
            count = count_records(layout)
        except UserError as refusal:
            said = str(refusal)
        else:
            _read_entries(layout, count)
            return
    assert said
    assert "\n" not in said


def _read_entries(layout: Layout, count: int) -> None:
    reader = EntryReader(layout, "US", lambda code: code in {"US", "GB"})
    entries = [reader.read(record, NOW) for record in layout.records()]
    assert len(entries) == count
    assert len({entry.line for entry in entries}) == count
    for entry in entries:
        assert entry.verdict in {None, Verdict.MALFORMED, Verdict.INVALID_NUMBER, Verdict.NO_JURISDICTION}
        assert bool(entry.points) if entry.verdict is None else entry.reason
