"""Records from lines."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.pipeline.intake.records import BAD_QUOTES, FileCutError, read


def cells(text: str, delimiter: str = ",") -> list[tuple[int, list[str], str | None]]:
    return [(r.line, r.cells, r.problem) for r in read(io.StringIO(text, newline=""), delimiter)]


def test_a_record_starts_where_an_editor_shows_it() -> None:
    text = 'a,b\r\n"x\r\ny",2\r\n\r\n   \r\n3,4'
    assert cells(text) == [(1, ["a", "b"], None), (2, ["x\r\ny", "2"], None), (6, ["3", "4"], None)]


def test_old_mac_newlines_count() -> None:
    assert cells("a,b\r1,2\r") == [(1, ["a", "b"], None), (2, ["1", "2"], None)]


def test_quotes_inside_a_name_are_read() -> None:
    assert cells('"Robert "Bob" Smith",5\n') == [(1, ['Robert Bob" Smith"', "5"], None)]
    assert cells("5'10\" tall,5\n") == [(1, ["5'10\" tall", "5"], None)]


def test_a_quote_that_swallows_the_next_record_costs_only_its_own() -> None:
    assert cells('"Bob Smith,5\n"Next",6\n3,4\n') == [
        (1, ["Bob Smith,5\n"], BAD_QUOTES),
        (2, ["Next", "6"], None),
        (3, ["3", "4"], None),
    ]


def test_space_before_a_quote_is_no_part_of_the_cell() -> None:
    assert cells('1, "Lee, Ann"\n') == [(1, ["1", "Lee, Ann"], None)]


def test_a_file_cut_inside_a_quote_is_refused_with_the_line() -> None:
    with pytest.raises(FileCutError, match="line 2 is never closed"):
        cells('a,b\n"x,2\n3,4\n')


def test_a_quote_left_open_in_a_long_file_costs_one_record() -> None:
    rows = "n,5\n" * 60_000
    found = cells('a,b\n"x,2\n' + rows)
    assert found[1][2] == BAD_QUOTES
    assert len(found) == 60_002


@given(
    st.lists(
        st.lists(st.text("ab,;\"'\n é", max_size=6), min_size=2, max_size=4).filter(lambda row: row[0].strip() != ""),
        max_size=6,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_csv_writes_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    assert [found for _, found, _ in cells(text.getvalue(), delimiter)] == rows
