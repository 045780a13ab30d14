"""A text's segments by the standard, the character that makes it dearer, its fields, its links and its language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.message_text import (
    GSM_7,
    GSM_7_EXTENDED,
    MissingFieldError,
    encoding_of,
    links_in,
    missing_fields,
    render,
    segments,
)
from orchestrator.domain.message_variants import variant
from sandbox.segments import segments_of

PLAIN, DOUBLE, HEART = "a", "€", "❤"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (PLAIN * 160, 1),
        (PLAIN * 161, 2),
        (PLAIN * 306, 2),
        (PLAIN * 307, 3),
        (DOUBLE * 80, 1),
        (DOUBLE * 81, 2),
        (DOUBLE * 152, 2),  # 76 of two septets in each: one of the 153 stays empty
        (DOUBLE * 153, 3),
        (PLAIN * 152 + DOUBLE + PLAIN * 151, 2),
        (PLAIN * 152 + DOUBLE + PLAIN * 152, 3),
        (HEART * 70, 1),
        (HEART * 71, 2),
        (HEART * 134, 2),
        (HEART * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 66, 2),  # 33 of two units in each: one of the 67 stays empty
        ("😀" * 67, 3),
        ("", 1),
    ],
)
def test_segments_are_those_of_the_standard(text: str, parts: int) -> None:
    assert segments(text) == parts == segments_of(text)


@given(st.text(max_size=400))
def test_ours_and_the_carriers_count_agree(text: str) -> None:
    assert segments(text) == segments_of(text)


@given(st.text(alphabet=sorted(GSM_7 | GSM_7_EXTENDED), max_size=400))
def test_the_whole_alphabet_needs_no_ucs_2(text: str) -> None:
    assert encoding_of(text).alphabet == "GSM-7"


def test_the_characters_that_force_ucs_2_are_named() -> None:
    found = encoding_of("Acme’s roof – “checked” …")
    assert found.alphabet == "UCS-2"
    assert found.forced_by == ("’", "–", "“", "”", "…")
    assert found.forced_words == (
        "'’' (right single quotation mark), '–' (en dash), '“' (left double quotation mark) and 2 more"
    )


def test_a_field_is_never_a_hole_and_every_one_that_lacks_is_named() -> None:
    with pytest.raises(MissingFieldError, match="city"):
        render("{first_name} of {city}", {"first_name": "Ada", "city": ""})
    assert missing_fields("{city} {city} {first_name} {name}", {"first_name": "Ada"}) == ["city", "name"]


def test_fields_in_links_are_written_as_links_want_it() -> None:
    template = "{name}: https://www.example.com/{city}?n={name}."
    filled = render(template, {"name": "Ada & Co", "city": "Köln"})
    assert filled == "Ada & Co: https://www.example.com/K%C3%B6ln?n=Ada%20%26%20Co."
    assert links_in(filled) == ["https://www.example.com/K%C3%B6ln?n=Ada%20%26%20Co"]


@pytest.mark.parametrize(
    ("language", "taken", "fell_back"),
    [
        ("fr-CA", "fr-CA", False),
        ("fr", "fr", False),
        ("fr-BE", "fr", False),
        ("FR_ca", "fr-CA", False),
        ("pt", "pt-BR", False),
        ("de", "en", True),
        (None, "en", False),
        ("", "en", False),
    ],
)
def test_a_person_gets_the_text_nearest_to_their_language(language: str | None, taken: str, fell_back: bool) -> None:
    found = variant({"es": "e", "fr": "f", "fr-CA": "c", "pt-BR": "p", "en": "n"}, language)
    assert (found.language, found.fell_back) == (taken, fell_back)


def test_without_english_the_first_text_is_the_fallback() -> None:
    assert variant({"es": "e", "fr": "f"}, "de").language == "es"
