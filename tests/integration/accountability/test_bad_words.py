"""Words that cannot be used are refused in one sentence that says what to type; on both databases alike."""

from pathlib import Path

import pytest

from tests.integration.accountability.conftest import Typed
from tests.world import World, numbers

A_NUMBER = "+12125550107"
PACK = ("evidence", "pack", A_NUMBER, "--from", "2026-01-01")
NO_TEXT = "caf\udce9"  # Latin-1 on the command line, as Python has it
BEFORE_THE_FIRST_YEAR = "0001-01-01T00:00+14:00"


@pytest.fixture(autouse=True)
def a_person(world: World) -> None:
    world.a_seller()
    world.a_contact(numbers(1))


@pytest.mark.parametrize("number", ["3000000000", "99999999999999999999"])
def test_a_number_that_no_row_can_have_is_no_fault(typed: Typed, number: str) -> None:
    for words in (
        ("documents", "show"),
        ("messages", "show"),
        ("rights", "show"),
        ("rights", "log"),
        ("retention", "release"),
        ("consents", "receipt"),
        ("evidence", "breaches", "show"),
        ("senders", "brand", "b", "--seller", "acme", "--daily-cap"),
    ):
        done = typed(*words, number)
        assert "fault of ours" not in done.complained
        assert "ORCHESTRATOR_DATABASE_URL" not in done.complained


@pytest.mark.parametrize(
    "words",
    [
        ("explain", NO_TEXT),
        ("consents", "show", A_NUMBER, "--seller", NO_TEXT),
        ("retention", "hold", A_NUMBER, "--seller", "acme", "--reason", NO_TEXT),
    ],
)
def test_what_is_no_text_is_said(typed: Typed, words: tuple[str, ...]) -> None:
    done = typed(*words)
    assert (done.code, done.complained.split(";")[0]) == (1, "Something that you typed is not text in UTF-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("evidence", "accesses", "--since", BEFORE_THE_FIRST_YEAR), "--since: '0001-01-01T00:00+14:00' is no moment"),
        (("consents", "show", A_NUMBER, "--at", BEFORE_THE_FIRST_YEAR), "--at: '0001-01-01T00:00+14:00' is no moment"),
        (("accountability", "report", "acme", "--month", "9999-12", "-o", "x"), "--month: '9999-12' is no month"),
        ((*PACK, "--to", "9999-12-31", "-o", "x.zip"), "--to 9999-12-31 lies too far ahead"),
        (("rights", "log", "²"), "Seller 'acme' has no contact '²'"),
        (("rights", "log", ""), "Seller 'acme' has no contact ''"),
        (("accountability", "records", "acme", "-o", "x.json"), "-o: x.json is neither .md nor .html"),
    ],
)
def test_a_word_out_of_its_range_is_named(typed: Typed, words: tuple[str, ...], sentence: str) -> None:
    done = typed(*words)
    assert (done.code, done.said) == (1, "")
    assert done.complained.startswith(sentence)


@pytest.mark.parametrize(
    "words",
    [
        ("consents", "expiring"),
        ("messages", "threads"),
        ("messages", "unsure"),
        ("documents", "list"),
        ("lists", "list"),
        ("evidence", "accesses"),
        ("retention", "holds"),
        ("rights", "list"),
        ("rights", "log"),
    ],
)
def test_a_mistyped_seller_is_not_answered_as_one_without_rows(typed: Typed, words: tuple[str, ...]) -> None:
    done = typed(*words, "--seller", "amce")
    assert (done.code, done.said) == (1, "")
    assert done.complained.startswith("There is no seller 'amce'")


def test_who_read_a_seller_that_left_can_still_be_asked(typed: Typed, tmp_path: Path) -> None:
    assert (
        typed("sellers", "close", "acme", "--delete", "--because", "x", "--certificate", str(tmp_path / "c")).code == 0
    )
    assert typed("evidence", "accesses", "--seller", "acme").code == 0


def test_a_day_is_its_end_however_it_is_written(typed: Typed) -> None:
    for day in ("2026-05-03", "20260503", " 2026-05-03"):
        [held] = typed("consents", "show", A_NUMBER, "--at", day, "--seller", "acme", "--json").json
        assert held["at"] == "2026-05-03T23:59:59.999999Z"
