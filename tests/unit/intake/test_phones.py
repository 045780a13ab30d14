"""Numbers as people and spreadsheets write them."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberType

from orchestrator.pipeline.intake.phones import NANP, NO_COUNTRY, parse_cell

ANN, BOB = "+15045550107", "+15045550108"
LONDON = "+442079460018"


@pytest.mark.parametrize(
    ("cell", "country", "numbers"),
    [
        ("5045550107", "US", (ANN,)),
        ("(504) 555-0107", "US", (ANN,)),
        ("504.555.0107", "US", (ANN,)),
        ("1-504-555-0107", "US", (ANN,)),
        ("+1 504 555 0107", "GB", (ANN,)),
        ("504/555-0107", "US", (ANN,)),
        ("  +1\u00a0504\u20115550107\u202c", "US", (ANN,)),
        ("٥٠٤٥٥٥٠١٠٧", "US", (ANN,)),
        ("５０４５５５０１０７", "US", (ANN,)),
        ("'+15045550107", "US", (ANN,)),
        ("=15045550107", "US", (ANN,)),
        ('="5045550107"', "US", (ANN,)),
        ("15045550107.0", "US", (ANN,)),
        ("15,045,550,107", "US", (ANN,)),
        ("1.5045550107E+10", "US", (ANN,)),
        ("1,5045550107e+010", "US", (ANN,)),
        ("1.504555010700E+10", "US", (ANN,)),
        ("5.045550107E9", "US", (ANN,)),
        ("4.42079460018E+11", "GB", (LONDON,)),
        ("p:+15045550107", "US", (ANN,)),
        ("tel:+1-504-555-0107", "US", (ANN,)),
        ("504-555-0107 (home)", "US", (ANN,)),
        ("call after 5pm 504-555-0107", "US", (ANN,)),
        ("1-800-FLOWERS", "US", ("+18003569377",)),
        ("011 44 20 7946 0018", "US", (LONDON,)),
        ("0044 20 7946 0018", "GB", (LONDON,)),
        ("0044 20 7946 0018", "US", (LONDON,)),
        ("+44 (0)20 7946 0018", "US", (LONDON,)),
        ("020 7946 0018", "GB", (LONDON,)),
        ("2079460018", "GB", (LONDON,)),
        ("442079460018", "GB", (LONDON,)),
        ("0491 570 006", "AU", ("+61491570006",)),
        ("491570006", "AU", ("+61491570006",)),
    ],
)
def test_a_number_is_read_as_it_was_meant(cell: str, country: str, numbers: tuple[str, ...]) -> None:
    assert parse_cell(cell, country).numbers == numbers


@pytest.mark.parametrize(
    "cell",
    [
        "504-555-0107 / 504-555-0108",
        "5045550107,5045550108",
        "5045550107;5045550108",
        "5045550107 | 5045550108",
        "5045550107 or 5045550108",
        "5045550107\n5045550108",
        "5045550107 5045550108",
        "(h) 504-555-0107 (w) 504-555-0108",
        "Home: 504-555-0107, Cell: 504-555-0108",
        "5045550107 / 5045550108 / 504-555-0107",
    ],
)
def test_two_numbers_in_a_cell_are_two(cell: str) -> None:
    assert parse_cell(cell, "US").numbers == (ANN, BOB)


@pytest.mark.parametrize(
    "cell", ["1.50456E+10", "1.50455501E+10", "1,5E+10", "+1.50456E+10", "150455501E2", "1.50455501075E+10"]
)
def test_a_rounded_number_is_malformed_and_never_guessed(cell: str) -> None:
    reading = parse_cell(cell, "US")
    assert (reading.numbers, reading.malformed) == ((), True)


@pytest.mark.parametrize(
    "cell", ["1.50456E+10 / 5045550107", "1.50456E+10, 5045550107", "5045550107\n1.50456E+10", "5045550107 or 1.5E+10"]
)
def test_beside_a_rounded_number_the_whole_one_is_kept(cell: str) -> None:
    reading = parse_cell(cell, "US")
    assert (reading.numbers, reading.malformed) == ((ANN,), True)
    assert any("rounded" in problem for problem in reading.problems)


@pytest.mark.parametrize(
    "cell",
    ["+1 (504) 555-0107 ext. 22", "504-555-0107x22", "504-555-0107 #22", "5045550107,22", "tel:+15045550107;ext=22"],
)
def test_an_extension_is_left_out_and_said(cell: str) -> None:
    reading = parse_cell(cell, "US")
    assert (reading.numbers, reading.problems) == ((ANN,), ("an extension was left out",))


@pytest.mark.parametrize(
    "cell", ["n/a", "-", "none", "Unknown", "0", "", "  ", "0000000000", "?", "no phone", "\u200b"]
)
def test_a_word_for_nothing_is_no_number_and_no_problem(cell: str) -> None:
    reading = parse_cell(cell, "US")
    assert (reading.numbers, reading.problems, reading.malformed) == ((), (), False)


@pytest.mark.parametrize(
    "cell",
    [
        "555-0107",
        "99999999999",
        "call me",
        "#NAME?",
        "##########",
        "1504555010.0",
        "5045550107 5",
        "504 555 010",
        "911",
    ],
)
def test_what_is_no_valid_number_is_said_to_be_none(cell: str) -> None:
    reading = parse_cell(cell, "US")
    assert (reading.numbers, reading.problems) == ((), ("no valid number",))


def test_a_premium_rate_number_is_never_dialled() -> None:
    assert parse_cell("900-555-0107", "US").numbers == ()


def test_without_a_country_only_international_numbers_are_read() -> None:
    assert parse_cell("5045550107", None).problems == (NO_COUNTRY,)
    assert parse_cell("+15045550107", None).numbers == (ANN,)


def test_a_number_names_its_own_country() -> None:
    assert parse_cell("604-555-0107 / +44 20 7946 0018", "US").countries == ("CA", "GB")


def test_problems_never_show_a_number() -> None:
    reading = parse_cell("504-555-0107 / 504-555-01 / 1.50456E+10", "US")
    assert not any(sign.isdigit() for problem in reading.problems for sign in problem)


NANP_SHAPES = st.from_regex(NANP, fullmatch=True)


@given(NANP_SHAPES, st.sampled_from(["US", "CA"]))
@example("+12465213000", "US")
@example("8001234567", "US")
@example("5245212345", "US")
@example("(310)555-0107", "CA")
def test_the_short_way_says_what_phonenumbers_says(cell: str, country: str) -> None:
    assert parse_cell(cell, country).numbers == _by_phonenumbers(cell, country)


@given(st.integers(200, 999), st.integers(200, 999), st.integers(0, 9999), st.integers(0, 9999))
def test_six_digits_decide_in_the_plans_of_us_and_canada(area: int, exchange: int, one: int, other: int) -> None:
    first = parse_cell(f"{area}{exchange}{one:04}", "US")
    second = parse_cell(f"{area}{exchange}{other:04}", "US")
    if first.countries in {("US",), ("CA",)}:
        assert second.countries == first.countries


def _by_phonenumbers(cell: str, country: str) -> tuple[str, ...]:
    try:
        number = phonenumbers.parse(cell, country)
    except NumberParseException:
        return ()
    premium = phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE
    if premium or not phonenumbers.is_valid_number(number):
        return ()
    return (phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),)
