"""Which answer about a number holds for whom."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orchestrator.domain.contact_request import (
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    ReassignedAnswer,
    ReassignedResult,
)
from orchestrator.domain.reassignment import KnownAnswer, holding, is_fresh, last_verified_on

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
YES, NO, NO_DATA = ReassignedResult.YES, ReassignedResult.NO, ReassignedResult.NO_DATA
DAY = date(2024, 5, 7)


def consent(given_at: datetime, *, evidence: bool = True) -> ConsentFacts:
    return ConsentFacts(channel=ConsentChannel.VOICE, level=ConsentLevel.EXPRESS, given_at=given_at, evidence=evidence)


def known(result: ReassignedResult, days: int = 0, age_days: int = 1) -> KnownAnswer:
    """Asked about so many days after DAY, so many days ago."""
    about = DAY + timedelta(days=days)
    return KnownAnswer(last_verified_on=about, result=result, checked_at=NOW - timedelta(days=age_days))


def test_the_day_is_that_of_the_newest_proven_consent() -> None:
    consents = [consent(NOW - timedelta(days=days)) for days in (300, 20, 100)]
    assert last_verified_on(consents, NOW - timedelta(days=1), NOW) == date(2026, 11, 2)


@pytest.mark.parametrize(
    "word", [consent(NOW - timedelta(days=20), evidence=False), consent(NOW + timedelta(seconds=1))]
)
def test_a_consent_that_proves_nothing_yet_moves_no_day(word: ConsentFacts) -> None:
    assert last_verified_on([word], NOW - timedelta(days=50), NOW) == date(2026, 10, 3)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 2, 11, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 10, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
    ],
)
def test_a_moment_counts_as_the_day_that_it_was_where_days_end_last(moment: datetime, day: date) -> None:
    assert last_verified_on([], moment, NOW) == day


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ([], None),
        ([known(YES)], YES),
        ([known(NO)], NO),
        ([known(NO_DATA)], NO_DATA),
        ([known(YES, days=30)], YES),  # taken away later still
        ([known(YES, days=-1)], None),  # perhaps before the person had it
        ([known(NO, days=-30)], NO),
        ([known(NO, days=1)], None),  # perhaps on the day between
        ([known(NO_DATA, days=-1)], None),
        ([known(NO_DATA, days=1)], None),
        ([known(YES, age_days=9), known(NO, days=-1, age_days=1)], YES),
        ([known(NO_DATA, age_days=9), known(NO, days=-1, age_days=1)], NO),
    ],
)
def test_an_answer_holds_as_far_as_its_day_reaches(answers: list[KnownAnswer], result: ReassignedResult | None) -> None:
    found = holding(answers, DAY)
    assert (found.result if found else None) is result


def test_the_newest_answer_says_when_it_was_given() -> None:
    found = holding([known(NO, age_days=3), known(NO, days=-1, age_days=2)], DAY)
    assert found is not None
    assert found.checked_at == NOW - timedelta(days=2)


@pytest.mark.parametrize(("result", "longest"), [(NO, 7), (YES, 30), (NO_DATA, 30)])
def test_an_answer_is_fresh_from_its_moment_on_and_never_before(result: ReassignedResult, longest: int) -> None:
    moments = [timedelta(seconds=-1), timedelta(0), timedelta(days=longest), timedelta(days=longest, seconds=1)]
    said = [is_fresh(ReassignedAnswer(checked_at=NOW - age, result=result), 7, NOW) for age in moments]
    assert said == [False, True, True, False]
