"""Line types are looked up once, kept for a while, and what waited for them is opened."""

from collections.abc import Mapping
from datetime import timedelta
from threading import Lock
from typing import cast

import pytest

from orchestrator.domain.carrier import Carrier, LineTypeAnswer
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.decision import Cure
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    AnswerLostError,
    CarrierBusyError,
    CarrierError,
    DispatchUncertainError,
    NumberDeadError,
)
from orchestrator.persistence import number_facts
from orchestrator.pipeline.line_types import LineTypeReport, Whose, run_once
from tests.integration.scrub.conftest import NOW, Town

HOME, CELL, OFFICE = "+15045550107", "+15045550108", "+15045550109"


class Lookups:
    """A carrier of which only lookups are asked; it says landline unless told otherwise."""

    def __init__(self, answers: Mapping[str, LineTypeAnswer | Exception] | None = None) -> None:
        self.answers: dict[str, LineTypeAnswer | Exception] = dict(answers or {})
        self.asked: list[str] = []
        self._lock = Lock()

    def line_type(self, number: str) -> LineTypeAnswer:
        with self._lock:
            self.asked.append(number)
        answer = self.answers.get(number, an_answer(number))
        if isinstance(answer, Exception):
            raise answer
        return answer


def an_answer(
    number: str, line_type: LineType = LineType.LANDLINE, *, valid: bool = True, error_code: int | None = None
) -> LineTypeAnswer:
    return LineTypeAnswer(number=number, valid=valid, line_type=line_type, error_code=error_code)


def looked_up(
    town: Town, lookups: Lookups, whose: Whose, *, days: float = 0, limit: int = 100, threads: int = 4
) -> LineTypeReport:
    carrier = cast("Carrier", lookups)
    return run_once(town.store, carrier, NOW + timedelta(days=days), limit, whose, threads=threads)


def test_the_numbers_of_a_list_are_looked_up_once_each(town: Town) -> None:
    lookups = Lookups({CELL: an_answer(CELL, LineType.MOBILE)})
    whose = Whose(list_id=town.list_of("acme", [HOME, CELL], [HOME]))
    assert looked_up(town, lookups, whose) == LineTypeReport(looked_up=2, known=2)
    assert sorted(lookups.asked) == [HOME, CELL]
    home, cell = town.fact(HOME), town.fact(CELL)
    assert home is not None
    assert cell is not None
    assert (home.line_type, home.line_type_at, cell.line_type) == ("landline", NOW, "mobile")
    assert looked_up(town, lookups, whose) == LineTypeReport()


def test_only_the_numbers_that_are_named_are_looked_up(town: Town) -> None:
    town.list_of("acme", [HOME, CELL])
    lookups = Lookups()
    looked_up(town, lookups, Whose(number_keys=[town.store.keyring.number_key(CELL)]))
    assert lookups.asked == [CELL]


def test_the_numbers_of_a_campaign_are_looked_up(town: Town) -> None:
    town.blocked(town.campaign("acme"), "acme", Cure.LINE_TYPE, number=HOME)
    other = town.campaign("acme", name="winter")
    town.blocked(other, "acme", Cure.LINE_TYPE, number=CELL)
    lookups = Lookups()
    assert looked_up(town, lookups, Whose(campaign_id=other)) == LineTypeReport(looked_up=1, known=1, reopened=1)
    assert lookups.asked == [CELL]


@pytest.mark.parametrize(
    ("answer", "days", "again"),
    [
        (an_answer(HOME), 89.99, False),
        (an_answer(HOME), 90, True),
        (an_answer(HOME, LineType.UNKNOWN), 29.99, False),
        (an_answer(HOME, LineType.UNKNOWN), 30, True),
        (an_answer(HOME, LineType.UNKNOWN, error_code=60600), 0.99, False),
        (an_answer(HOME, LineType.UNKNOWN, error_code=60600), 1, True),
        (CarrierError(carrier_code=20404), 0.99, False),
        (CarrierError(carrier_code=20404), 1, True),
        (CarrierError(), 1, True),
        (an_answer(HOME, LineType.UNKNOWN, valid=False), 1000, False),  # dead
    ],
)
def test_what_was_found_holds_for_a_while(
    town: Town, answer: LineTypeAnswer | CarrierError, days: float, again: bool
) -> None:
    lookups, whose = Lookups({HOME: answer}), Whose(list_id=town.list_of("acme", [HOME]))
    assert looked_up(town, lookups, whose).looked_up == 1
    assert looked_up(town, lookups, whose, days=days).looked_up == int(again)


def test_a_lookup_that_fails_is_unknown_even_where_an_old_answer_was_known(town: Town) -> None:
    lookups, whose = Lookups(), Whose(list_id=town.list_of("acme", [HOME]))
    looked_up(town, lookups, whose)
    lookups.answers[HOME] = an_answer(HOME, LineType.UNKNOWN, error_code=60600)
    assert looked_up(town, lookups, whose, days=90) == LineTypeReport(looked_up=1, failed=1)
    fact = town.fact(HOME)
    assert fact is not None
    assert (fact.line_type, fact.line_type_error) == ("unknown", 60600)


@pytest.mark.parametrize(
    "answer", [an_answer(HOME, LineType.UNKNOWN, valid=False), NumberDeadError(carrier_code=21211)]
)
def test_an_invalid_number_is_dead(town: Town, answer: LineTypeAnswer | CarrierError) -> None:
    whose = Whose(list_id=town.list_of("acme", [HOME]))
    assert looked_up(town, Lookups({HOME: answer}), whose) == LineTypeReport(looked_up=1, dead=1)
    fact = town.fact(HOME)
    assert fact is not None
    assert (fact.dead_at, fact.dead_reason) == (NOW, "lookup: no valid number")


def test_a_lookup_that_failed_kills_nothing(town: Town) -> None:
    answer = an_answer(HOME, LineType.UNKNOWN, valid=False, error_code=60600)
    assert looked_up(town, Lookups({HOME: answer}), Whose(list_id=town.list_of("acme", [HOME]))).dead == 0


def test_a_dead_number_stays_dead_for_its_first_reason(town: Town) -> None:
    key = town.store.keyring.number_key(HOME)
    for reason in ("carrier error 21211", "not in service"):
        with town.store.write() as tx:
            number_facts.mark_dead(tx, key, reason, NOW)
    lookups = Lookups()
    assert looked_up(town, lookups, Whose(list_id=town.list_of("acme", [HOME]))).looked_up == 0
    with town.store.write() as tx:
        number_facts.record(tx, [number_facts.Finding(number_key=key, line_type=LineType.LANDLINE)], NOW)
    fact = town.fact(HOME)
    assert fact is not None
    assert (fact.line_type, fact.dead_reason, lookups.asked) == ("landline", "carrier error 21211", [])


@pytest.mark.parametrize(
    "error",
    [CarrierBusyError("too many"), AccountMisconfiguredError("no lookup")],
)
def test_a_carrier_that_cannot_answer_now_ends_the_run(town: Town, error: CarrierError) -> None:
    numbers = [f"+150455501{index:02d}" for index in range(20)]
    whose = Whose(list_id=town.list_of("acme", numbers))
    lookups = Lookups({numbers[3]: error})
    report = looked_up(town, lookups, whose, threads=1)
    assert (report.looked_up, report.stopped) == (3, str(error))
    assert lookups.asked == numbers[:4]
    assert town.fact(numbers[3]) is None
    lookups.answers.clear()
    assert looked_up(town, lookups, whose) == LineTypeReport(looked_up=17, known=17)


@pytest.mark.parametrize("error", [AnswerLostError(), DispatchUncertainError(), AttributeError("of a JSON list")])
def test_a_number_whose_answer_gets_lost_stops_nobody_and_rests_for_a_day(town: Town, error: Exception) -> None:
    numbers = [f"+150455501{index:02d}" for index in range(20)]
    whose, lookups = Whose(list_id=town.list_of("acme", numbers)), Lookups({numbers[0]: error})
    assert looked_up(town, lookups, whose, threads=1) == LineTypeReport(looked_up=20, known=19, failed=1)
    assert looked_up(town, lookups, whose, days=0.99).looked_up == 0
    assert looked_up(town, lookups, whose, days=1).looked_up == 1


def test_answers_that_get_lost_in_a_row_end_the_run(town: Town) -> None:
    numbers = [f"+150455501{index:02d}" for index in range(20)]
    whose = Whose(list_id=town.list_of("acme", numbers))
    report = looked_up(town, Lookups(dict.fromkeys(numbers, AnswerLostError())), whose, threads=1)
    assert (report.looked_up, report.failed, report.stopped) == (5, 5, "5 answers in a row got lost.")


def test_a_run_looks_up_no_more_than_it_may(town: Town) -> None:
    whose = Whose(list_id=town.list_of("acme", [HOME, CELL, OFFICE]))
    lookups = Lookups()
    assert [looked_up(town, lookups, whose, limit=2).looked_up for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("answer", "stage"),
    [
        (an_answer(HOME), "due"),
        (an_answer(HOME, valid=False), "due"),  # another of the person's numbers may be next
        (an_answer(HOME, LineType.UNKNOWN), "blocked"),
        (an_answer(HOME, error_code=60600), "blocked"),
    ],
)
def test_news_of_a_number_opens_those_who_waited_for_it(town: Town, answer: LineTypeAnswer, stage: str) -> None:
    campaign = town.campaign("other")
    waiting = town.blocked(campaign, "other", Cure.LINE_TYPE, number=HOME)
    stranger = town.blocked(campaign, "other", Cure.LINE_TYPE, number=CELL)
    looked_up(town, Lookups({HOME: answer}), Whose(list_id=town.list_of("acme", [HOME])))
    assert [town.enrollment(row).stage for row in (waiting, stranger)] == [stage, "blocked"]


def test_findings_are_written_by_chunks(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(town.store), "bulk_rows", 2)
    numbers = [f"+150455501{index:02d}" for index in range(5)]
    whose = Whose(list_id=town.list_of("acme", numbers))
    assert looked_up(town, Lookups(), whose).looked_up == 5
    with town.store.read() as tx:
        keys = [town.store.keyring.number_key(number) for number in numbers]
        assert set(number_facts.line_types(tx, keys).values()) == {LineType.LANDLINE}


@pytest.mark.parametrize("whose", [{}, {"list_id": 1, "campaign_id": 1}])
def test_whose_numbers_is_said_once(whose: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Whose(**whose)  # type: ignore[arg-type]
