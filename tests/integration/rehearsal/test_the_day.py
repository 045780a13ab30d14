"""The rehearsed day: the pipeline's own decisions at the right second, told so that every person is accounted for."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from orchestrator.domain.contact_request import LineType, Mode
from orchestrator.domain.errors import UserError
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.rehearsal.cost import Charge
from tests.integration.rehearsal.conftest import Staged

EIGHT = datetime(2026, 12, 1, 13, 0, tzinfo=UTC)  # in New York


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database: the day runs on a copy in memory, and that either is copied alike is shown beside this file."""
    return sqlite_url


def test_the_same_seed_gives_the_same_day_and_another_seed_another(staged: Staged) -> None:
    theatre = staged(people=12)
    first, again, other = (theatre.rehearse(seed=seed) for seed in (1, 1, 2))
    assert again == first
    assert other.outcomes != first.outcomes or other.utilisation != first.utilisation


@pytest.mark.parametrize(("seconds_before", "wait"), [(1, 1), (0, 0), (90, 90)])
def test_nobody_is_called_before_the_window_opens_and_somebody_in_its_first_second(
    staged: Staged, seconds_before: int, wait: int
) -> None:
    """The window of the test's rulebook opens at eight in New York."""
    theatre = staged(people=3)
    start = EIGHT - timedelta(seconds=seconds_before)
    played = theatre.play(start=start, lasts=timedelta(minutes=6))
    with played.memory.read() as tx:
        planned = tx.execute(select(attempts.c.planned_at).order_by(attempts.c.planned_at)).scalars().all()
    assert planned[0] == start + timedelta(seconds=wait) == EIGHT


def test_a_window_that_opens_while_nobody_else_is_due_is_met_to_the_second(staged: Staged) -> None:
    """With texts alone no agent is ready and no machine dials: nothing but the opening itself calls for a look."""
    theatre = staged(people=3, voice=False, sms=True, line_type=LineType.MOBILE)
    played = theatre.play(start=EIGHT - timedelta(seconds=47), lasts=timedelta(minutes=6))
    with played.memory.read() as tx:
        planned = tx.execute(select(attempts.c.planned_at).order_by(attempts.c.planned_at)).scalars().all()
    assert planned[0] == EIGHT


def test_nothing_is_placed_at_or_after_the_end(staged: Staged) -> None:
    theatre = staged(people=40)
    played = theatre.play(lasts=timedelta(minutes=6))
    with played.memory.read() as tx:
        rows = tx.execute(select(attempts)).all()
    assert max(row.planned_at for row in rows) < played.rehearsal.end
    assert all(row.stage == "ended" for row in rows), "what was in flight at the end comes to its own"


def test_every_attempt_stands_on_a_decision_of_the_gate(staged: Staged) -> None:
    played = staged(people=10).play()
    with played.memory.read() as tx:
        allowed = {row.attempt_id for row in tx.execute(select(decisions).where(decisions.c.verdict == "allow"))}
        made = set(tx.execute(select(attempts.c.id)).scalars())
    assert made
    assert made <= allowed


def test_calls_keep_to_the_accounts_calls_per_second(staged: Staged) -> None:
    """Two a second with a burst of two seconds: never more than four in one second, nor over two a second for long."""
    played = staged(people=60).play(agents=30)
    with played.memory.read() as tx:
        planned = tx.execute(select(attempts.c.planned_at)).scalars().all()
    by_second = Counter(int(at.timestamp()) for at in planned)
    assert max(by_second.values()) <= 4
    assert len(planned) <= 2 * (max(by_second) - min(by_second) + 1) + 4


def test_everybody_is_accounted_for(staged: Staged) -> None:
    report = staged(people=30).rehearse(agents=1)
    assert report.due == report.people == 30
    assert report.contacted + sum(entry.people for entry in report.not_contacted) == 30
    assert report.contacted == sum(hour.calls for hour in report.hours), "nobody is called twice in ten minutes"
    assert sum(report.utilisation.values()) == pytest.approx(1.0)


def test_a_small_list_is_finished_and_the_moment_is_told(staged: Staged) -> None:
    report = staged(people=4).rehearse(lasts=timedelta(minutes=30))
    assert report.finished_at is not None
    assert report.start < report.finished_at < report.start + timedelta(minutes=30)


def test_a_list_that_is_too_long_for_the_agents_is_not_finished(staged: Staged) -> None:
    report = staged(people=40).rehearse(agents=1)
    assert report.finished_at is None
    assert ("not_reached", "nobody was free") in {(entry.stage, entry.rule) for entry in report.not_contacted}


def test_previews_are_accepted_by_the_modelled_agents(staged: Staged) -> None:
    """Mobiles without consent to automated calls wait for an agent's own yes."""
    report = staged(people=6, line_type=LineType.MOBILE).rehearse(lasts=timedelta(minutes=20))
    assert set(report.outcomes) == {Mode.PREVIEW}
    assert report.contacted == 6


def test_texts_are_sent_answered_and_billed_by_the_segment(staged: Staged) -> None:
    theatre = staged(people=40, voice=False, sms=True, line_type=LineType.MOBILE)
    report = theatre.rehearse(lasts=timedelta(minutes=30))
    sent = sum(report.outcomes["sms"].values())
    segments = {item.charge: item.count for item in report.bill.items}[Charge.SEGMENT]
    assert sent == 40
    assert segments >= 40
    assert report.agents == 0


def test_without_agents_it_says_how_to_get_some(staged: Staged) -> None:
    with pytest.raises(UserError, match="--agents N"):
        staged(people=2).rehearse(agents=None)


def test_a_canary_pauses_the_rehearsed_campaign_as_it_will_in_life(staged: Staged) -> None:
    theatre = staged(people=10, canary_contacts=2)
    report = theatre.rehearse()
    assert report.contacted == 2
    assert report.state == "paused"


def test_the_answers_to_the_other_days_questions_stay(staged: Staged) -> None:
    """Two rehearsals of one engine share nothing: the second is not changed by the first."""
    theatre = staged(people=8)
    alone = theatre.rehearse(seed=3)
    theatre.rehearse(seed=4)
    assert theatre.rehearse(seed=3) == alone
