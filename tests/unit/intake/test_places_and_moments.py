"""Countries, regions, postal codes, zones, languages and dates as lists name them."""

from datetime import UTC, datetime

import pytest

from orchestrator.pipeline.intake.moments import moment
from orchestrator.pipeline.intake.places import country_named, language_named, postal_code, region_named, zone_named


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("us", "US"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("GBR", "GB"),
        ("Deutschland", "DE"),
        ("España", "ES"),
        ("Côte d'Ivoire", "CI"),
        ("+44", "GB"),
        ("Narnia", None),
        ("ZZ", None),
    ],
)
def test_a_country_is_known_by_code_name_and_calling_code(text: str, code: str | None) -> None:
    assert country_named(text) == code


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("Louisiana", "US", "LA"),
        ("la", "US", "LA"),
        ("US-LA", "US", "LA"),
        ("New South Wales", "AU", "NSW"),
        ("Scotland", "GB", "SCT"),
        ("Québec", "CA", "QC"),
        ("LA", "GB", None),
    ],
)
def test_a_region_is_known_in_its_country(text: str, country: str, code: str | None) -> None:
    assert region_named(text, country) == code


@pytest.mark.parametrize(
    ("text", "country", "zone"),
    [
        ("america/chicago", "US", "America/Chicago"),
        ("Central", "US", "America/Chicago"),
        ("EST", "US", "America/New_York"),
        ("EST", "AU", None),
        ("UTC-5", "US", None),
        ("Mars/Base", "US", None),
    ],
)
def test_a_zone_is_iana_or_north_american_words(text: str, country: str, zone: str | None) -> None:
    assert zone_named(text, country) == zone


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("70112", "US", "70112"),
        ("7030", "US", "07030"),
        ("70112-1234", "US", "70112-1234"),
        ("70112.0", "US", "70112"),
        ("z:70112", "US", "70112"),
        ("h3z2y7", "CA", "H3Z 2Y7"),
        ("SW1A1AA", "GB", "SW1A 1AA"),
        ("800", "AU", "0800"),
        ("Main St", "US", None),
    ],
)
def test_a_postal_code_is_written_as_its_country_does(text: str, country: str, code: str | None) -> None:
    assert postal_code(text, country) == code


@pytest.mark.parametrize(
    ("text", "tag"),
    [("English", "en"), ("español", "es"), ("en_US", "en-US"), ("zh-Hant-TW", "zh-Hant-TW"), ("Klingon", None)],
)
def test_a_language_becomes_a_tag(text: str, tag: str | None) -> None:
    assert language_named(text) == tag


@pytest.mark.parametrize(
    ("text", "country", "at"),
    [
        ("2026-03-04", "US", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04T10:00:00-05:00", "US", datetime(2026, 3, 4, 15, tzinfo=UTC)),
        ("03/04/2026", "US", datetime(2026, 3, 4, tzinfo=UTC)),
        ("03/04/2026", "GB", datetime(2026, 4, 3, tzinfo=UTC)),
        ("13/04/2026", "US", datetime(2026, 4, 13, tzinfo=UTC)),
        ("04.03.2026", "US", datetime(2026, 3, 4, tzinfo=UTC)),
        ("3/4/26 12:05 AM", "US", datetime(2026, 3, 4, 0, 5, tzinfo=UTC)),
        ("20260304", "US", datetime(2026, 3, 4, tzinfo=UTC)),
        ("46085.5", "US", datetime(2026, 3, 4, 12, tzinfo=UTC)),
        ("1772582400", "US", datetime(2026, 3, 4, tzinfo=UTC)),
        ("1772582400000", "US", datetime(2026, 3, 4, tzinfo=UTC)),
        ("Mar 4th, 2026 at 14:00", "US", datetime(2026, 3, 4, 14, tzinfo=UTC)),
        ("2026-02-30", "US", None),
        ("yesterday", "US", None),
        ("5", "US", None),
        ("99/99/9999", "US", None),
        ("03/04/2026 25:00", "US", None),
        ("3 March 2026 14:75", "US", None),
    ],
)
def test_a_date_is_read_as_its_country_writes_it(text: str, country: str, at: datetime | None) -> None:
    assert moment(text, country) == at
