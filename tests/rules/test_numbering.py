"""The number plans against the libraries that they were derived from."""

from collections import Counter, defaultdict
from typing import Any

import phonenumbers
import pytest
import zipcodes

from orchestrator.compliance.country import MISSPELT_ZONES
from orchestrator.compliance.numbering import read_number
from orchestrator.domain.contact_request import ContactFacts
from tests.rules.questions import RULEBOOK, question

NUMBERING = RULEBOOK.numbering


@pytest.fixture(scope="module")
def postal() -> dict[str, list[dict[str, str]]]:
    """Every postal code of the United States, by the area codes that it lists."""
    found = defaultdict(list)
    rows: list[dict[str, Any]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    for row in rows:
        if row["country"] == "US" and row["timezone"]:
            for code in row["area_codes"]:
                found[code].append(row)
    return found


def test_area_codes_have_the_zones_of_the_postal_codes_that_list_them(postal: dict[str, list[dict[str, str]]]) -> None:
    for code, origin in NUMBERING.area_codes.items():
        if origin.country == "US" and code in postal:
            zones = {MISSPELT_ZONES.get(row["timezone"], row["timezone"]) for row in postal[code]}
            assert set(origin.zones) == zones, code


def test_area_codes_lie_in_the_state_of_most_postal_codes_that_list_them(
    postal: dict[str, list[dict[str, str]]],
) -> None:
    for code, origin in NUMBERING.area_codes.items():
        if origin.country == "US" and code in postal:
            (state, _), *_ = Counter(row["state"] for row in postal[code]).most_common(1)
            assert origin.regions == (state,), code


def test_every_area_code_that_exists_is_known() -> None:
    ours = {"US", "CA", "PR", "GU", "VI", "MP", "AS"}
    kinds = phonenumbers.PhoneNumberType
    ordinary = {kinds.FIXED_LINE_OR_MOBILE, kinds.FIXED_LINE, kinds.MOBILE}
    found = set()
    for code in range(200, 1000):
        numbers = [phonenumbers.parse(f"+1{code}{exchange}0123") for exchange in (270, 555, 633, 777)]
        if any(
            phonenumbers.region_code_for_number(number) in ours and phonenumbers.number_type(number) in ordinary
            for number in numbers
        ):
            found.add(str(code))
    assert set(NUMBERING.area_codes) == found


@pytest.mark.parametrize("exchange", [200, 211, 555, 990, 199, 100])
def test_the_short_way_agrees_with_libphonenumber(exchange: int) -> None:
    for code in NUMBERING.area_codes:
        number = f"+1{code}{exchange}0123"
        assert bool(NUMBERING.origin(number).country) == bool(read_number(number).country), number


@pytest.mark.parametrize(
    ("contact", "jurisdictions", "zones"),
    [
        ({"number": "+12125550123"}, {"US", "US-NY"}, {"America/New_York"}),
        ({"number": "+18505550123"}, {"US", "US-FL"}, {"America/New_York", "America/Chicago"}),
        (
            {"number": "+13055550123", "postal_code": "97201"},
            {"US", "US-FL", "US-OR"},
            {"America/New_York", "America/Los_Angeles"},
        ),
        (
            {"number": "+13055550123", "region": "TX"},
            {"US", "US-FL", "US-TX"},
            {"America/New_York", "America/Chicago", "America/Denver"},
        ),
        (
            {"number": "+13055550123", "region": "TX", "postal_code": "75201"},
            {"US", "US-FL", "US-TX"},
            {"America/New_York", "America/Chicago"},
        ),
        (
            {"number": "+12125550123", "time_zone": "America/Denver"},
            {"US", "US-NY"},
            {"America/New_York", "America/Denver"},
        ),
        ({"number": "+14015550123"}, {"US", "US-RI"}, {"America/New_York"}),
        ({"number": "+17875550123"}, {"US", "US-PR"}, {"America/Puerto_Rico"}),
        ({"number": "+17875550123", "country": "PR"}, {"US", "US-PR"}, {"America/Puerto_Rico"}),
        ({"number": "+18005550123", "postal_code": "75201"}, {"US", "US-TX"}, {"America/Chicago"}),
        (
            {"number": "+14165550123", "postal_code": "V6B 1A1"},
            {"CA", "CA-BC", "CA-ON"},
            {"America/Toronto", "America/Vancouver"},
        ),
        ({"number": "+14165550123", "time_zone": "America/Toronto"}, {"CA", "CA-ON"}, {"America/Toronto"}),
        (
            {"number": "+14165550123", "region": "ON"},
            {"CA", "CA-ON"},
            {"America/Toronto", "America/Winnipeg", "America/Atikokan"},
        ),
        ({"number": "+442079460123"}, {"GB", "GB-ENG"}, {"Europe/London"}),
        ({"number": "+441414960123"}, {"GB", "GB-SCT"}, {"Europe/London"}),
        ({"number": "+442896180123"}, {"GB", "GB-NIR"}, {"Europe/London"}),
        ({"number": "+447400123456"}, {"GB", "GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS"}, {"Europe/London"}),
        ({"number": "+447400123456", "postal_code": "G1 1AA"}, {"GB", "GB-SCT"}, {"Europe/London"}),
        ({"number": "+447400123456", "region": "WLS"}, {"GB", "GB-WLS"}, {"Europe/London"}),
        ({"number": "+61491570156", "postal_code": "2880"}, {"AU", "AU-NSW"}, {"Australia/Broken_Hill"}),
        (
            {"number": "+61491570156", "time_zone": "Australia/Perth", "region": "WA"},
            {"AU", "AU-WA"},
            {"Australia/Perth"},
        ),
        (
            {"number": "+12125550123", "country": "GB", "region": "ENG"},
            {"US", "US-NY", "GB", "GB-ENG"},
            {"America/New_York", "Europe/London"},
        ),
    ],
)
def test_places_are_united_never_overridden(contact: dict[str, str], jurisdictions: set[str], zones: set[str]) -> None:
    place = RULEBOOK.places.find(question("us", "2026-11-23T10:00:00Z", {"contact": contact}).contact)
    assert (set(place.jurisdictions), set(place.zone_names)) == (jurisdictions, zones)


def test_a_region_that_does_not_exist_is_any_region() -> None:
    place = RULEBOOK.places.find(ContactFacts(number="+12125550123", region="LOUISIANA"))
    assert "US-LA" in place.jurisdictions
    assert "Pacific/Honolulu" in place.zone_names


def test_a_foreign_mobile_with_a_placed_address_adds_no_zones() -> None:
    place = RULEBOOK.places.find(ContactFacts(number="+61491570156", country="US", postal_code="10001"))
    assert {"AU", "US-NY"} < set(place.jurisdictions)
    assert place.zone_names == ("America/New_York",)


def test_a_toll_free_number_alone_may_be_anywhere() -> None:
    place = RULEBOOK.places.find(ContactFacts(number="+18005550123"))
    assert {"US-FL", "US-AK", "US-GU"} < set(place.jurisdictions)
    assert {"America/New_York", "Pacific/Honolulu"} < set(place.zone_names)
    assert "not known" in place.guessed


@pytest.mark.parametrize(
    "number",
    ["", "+", "12125550123", "+1212555012", "+121255501234", "+1２125550123", "tel:+12125550123", "+12125550123;ext=5"],
)
def test_what_is_no_number_in_e164_has_no_country(number: str) -> None:
    assert NUMBERING.origin(number).country is None
