"""How long a consent lasts where the person is, and what of it counts, as the rules that ship have it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.compliance.consent_term import STATED, Holder, Use, flaw, term_of
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import (
    CallerFacts,
    CallerKind,
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    ConsentSource,
    ContactFacts,
    LineType,
    Purpose,
)

GIVEN = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
BRITISH = "+442079460123"  # who lives elsewhere is asked about there too
NUMBERS = {"AU": "+61491570156", "US": "+12125550107"}
SECOND = timedelta(seconds=1)
A_CONSENT = ConsentFacts(
    channel=ConsentChannel.VOICE,
    level=ConsentLevel.EXPRESS,
    given_at=GIVEN,
    evidence=True,
    source=ConsentSource.OWN_FORM,
)


def holder(country: str) -> Holder:
    contact = ContactFacts(number=NUMBERS.get(country, BRITISH), country=country, line_type=LineType.MOBILE)
    return Holder(
        contact=contact,
        caller=CallerFacts(kind=CallerKind.COMMERCIAL, country=country),
        purpose=Purpose.TELEMARKETING,
    )


@pytest.mark.parametrize(
    ("country", "given_at", "ends_at", "by"),
    [
        ("FR", GIVEN, datetime(2027, 9, 1, 12, tzinfo=UTC), "fr.live-consent"),
        ("AU", GIVEN, datetime(2026, 12, 1, 12, tzinfo=UTC), "au.dncr"),
        ("ES", GIVEN, datetime(2028, 9, 1, 12, tzinfo=UTC), "es.live-consent"),
        ("ES", datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 12, 28, tzinfo=UTC), "es.live-consent"),
    ],
)
def test_a_consent_to_calls_ends_as_the_law_there_says(
    law: Rulebook, country: str, given_at: datetime, ends_at: datetime, by: str
) -> None:
    term = term_of(law, holder(country), replace(A_CONSENT, given_at=given_at), GIVEN)
    assert term is not None
    assert (term.ends_at, term.by) == (ends_at, by)


@pytest.mark.parametrize("country", ["US", "GB"])
def test_where_no_law_ends_it_only_its_own_words_do(law: Rulebook, country: str) -> None:
    assert term_of(law, holder(country), A_CONSENT, GIVEN) is None
    stated = replace(A_CONSENT, expires_at=GIVEN + timedelta(days=10), states_period=True)
    term = term_of(law, holder(country), stated, GIVEN)
    assert term is not None
    assert (term.ends_at, term.by) == (GIVEN + timedelta(days=10), STATED)


def test_a_stated_period_outlives_three_months_in_australia_and_never_a_year_in_france(law: Rulebook) -> None:
    long = replace(A_CONSENT, expires_at=GIVEN + timedelta(days=700), states_period=True)
    australian, french = (term_of(law, holder(country), long, GIVEN) for country in ("AU", "FR"))
    assert australian is not None
    assert french is not None
    assert (australian.by, french.by) == (STATED, "fr.live-consent")
    assert french.ends_at == GIVEN + timedelta(days=365)


@pytest.mark.parametrize(("late", "counts"), [(timedelta(0), True), (SECOND, False)])
def test_in_france_it_counts_for_a_year_to_the_second(law: Rulebook, late: timedelta, counts: bool) -> None:
    at = GIVEN + timedelta(days=365) + late
    reason = flaw(law, holder("FR"), A_CONSENT, Use.CALLS, at)
    assert (reason == "") is counts
    assert counts or "older than 365 days (fr.live-consent)" in reason


@pytest.mark.parametrize(
    ("change", "use", "reason"),
    [
        ({"evidence": False}, Use.CALLS, "no proof"),
        ({"withdrawn_at": GIVEN}, Use.CALLS, "withdrawn"),
        ({"expires_at": GIVEN}, Use.CALLS, "ended on"),
        ({"to_caller": False}, Use.CALLS, "not given to this caller"),
        ({"level": ConsentLevel.EXPRESS_WRITTEN}, Use.MACHINE_CALLS, "does not cover automated contact"),
        ({}, Use.TEXTS, "it covers voice"),
        ({"level": ConsentLevel.SOFT_OPT_IN}, Use.CALLS, "soft opt in"),
    ],
)
def test_why_a_consent_does_not_count_is_said(law: Rulebook, change: dict[str, object], use: Use, reason: str) -> None:
    said = flaw(law, holder("US"), replace(A_CONSENT, **change), use, GIVEN)  # type: ignore[arg-type]
    assert reason in said


def test_a_consent_of_a_channel_without_a_term_lives_on_through_it(law: Rulebook) -> None:
    """Australian texts set no three months: the consent to both channels has not ended when calls need a new one."""
    both = replace(A_CONSENT, channel=ConsentChannel.ANY)
    assert term_of(law, holder("AU"), both, GIVEN) is None
