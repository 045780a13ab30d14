"""Whose window, clock, cap and formula count a call, to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.compliance.abandonment_regime import OURS, Calling, Regime, regime_of, territories_of
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.zone import zone
from orchestrator.domain.contact_request import CallerKind, Purpose
from orchestrator.law import load_rulebook
from tests.world import CONFIG

SALES = Calling(purpose=Purpose.TELEMARKETING)
NOVEMBER = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
LAUNCH = datetime(2026, 11, 2, 10, 7, 33, tzinfo=UTC)


@pytest.fixture(scope="module")
def law() -> Rulebook:
    return load_rulebook(CONFIG)


def regime(law: Rulebook, country: str, calling: Calling = SALES, now: datetime = NOVEMBER) -> Regime:
    return regime_of(law, country, calling, now, 0.03)


@pytest.mark.parametrize(
    ("country", "rule", "share", "window", "with_false_positives"),
    [
        ("US", "us.fcc.abandonment", 0.03, "30-days", False),
        ("PR", "us.fcc.abandonment", 0.03, "30-days", False),
        ("GB", "gb.ofcom.abandonment", 0.03, "day", True),
        ("CA", "ca.crtc.abandonment", 0.05, "month", False),
        ("AU", OURS, 0.03, "30-days", False),
    ],
)
def test_the_called_partys_country_says_what_is_counted(
    law: Rulebook, country: str, rule: str, share: float, window: str, with_false_positives: bool
) -> None:
    found = regime(law, country)
    assert (found.rule, found.max_share, found.window) == (rule, share, window)
    assert found.with_false_positives is with_false_positives


@pytest.mark.parametrize(
    ("calling", "rule"),
    [
        (Calling(purpose=Purpose.INFORMATIONAL), OURS),
        (Calling(purpose=Purpose.INFORMATIONAL, sells_too=True), "us.fcc.abandonment"),
        (Calling(purpose=Purpose.FUNDRAISING), "us.tsr.fundraiser-abandonment"),
        (Calling(purpose=Purpose.FUNDRAISING, caller=CallerKind.REGISTERED_CHARITY), OURS),
    ],
)
def test_a_rule_counts_only_the_calls_that_it_binds(law: Rulebook, calling: Calling, rule: str) -> None:
    assert regime(law, "US", calling).rule == rule


@pytest.mark.parametrize(
    ("now", "began", "ends"),
    [
        ("2026-11-23T23:59:59", "2026-11-23T00:00:00", "2026-11-24T00:00:00"),
        ("2026-11-24T00:00:00", "2026-11-24T00:00:00", "2026-11-25T00:00:00"),
        ("2026-07-01T22:59:59", "2026-06-30T23:00:00", "2026-07-01T23:00:00"),  # London keeps summer time
        ("2026-07-01T23:00:00", "2026-07-01T23:00:00", "2026-07-02T23:00:00"),
        ("2026-10-25T12:00:00", "2026-10-24T23:00:00", "2026-10-26T00:00:00"),  # a day of 25 hours
    ],
)
def test_great_britain_counts_the_day_by_londons_clock(law: Rulebook, now: str, began: str, ends: str) -> None:
    assert window(regime(law, "GB"), now) == (moment(began), moment(ends))


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-07-01T06:59:59", "2026-06-01T07:00:00"),
        ("2026-07-01T07:00:00", "2026-07-01T07:00:00"),
        ("2026-02-01T07:59:59", "2026-01-01T08:00:00"),
        ("2026-02-01T08:00:00", "2026-02-01T08:00:00"),
    ],
)
def test_canadas_month_turns_when_it_has_turned_in_all_of_canada(law: Rulebook, now: str, began: str) -> None:
    found = regime(law, "CA", now=moment(now))
    assert found.clock.key == "America/Vancouver"
    assert window(found, now)[0] == moment(began)


def test_a_month_over_the_cap_is_over_the_cap_in_every_zone_of_canada(law: Rulebook) -> None:
    now = moment("2026-12-01T12:30:00")  # 9 in the morning in St. John's
    began = regime(law, "CA", now=now).began(LAUNCH, now)
    assert {began.astimezone(zone(name)).month for name in law.numbering.countries["CA"].zones} == {12}


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-11-02T10:07:33", "2026-11-02T10:00:00"),
        ("2026-12-02T09:59:59", "2026-11-02T10:00:00"),
        ("2026-12-02T10:00:00", "2026-12-02T10:00:00"),
        ("2027-01-01T10:00:00", "2027-01-01T10:00:00"),
    ],
)
def test_the_united_states_count_thirty_days_after_thirty_days(law: Rulebook, now: str, began: str) -> None:
    assert window(regime(law, "US"), now) == (moment(began), moment(began) + timedelta(days=30))


def test_a_territorys_calls_count_with_its_countrys(law: Rulebook) -> None:
    assert {"US", "PR", "GU"} <= territories_of(law, "US")
    assert territories_of(law, "GB") >= {"GB"}
    assert "PR" not in territories_of(law, "GB")


def window(found: Regime, now: str) -> tuple[datetime, datetime]:
    return found.began(LAUNCH, moment(now)), found.ends(LAUNCH, moment(now))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
