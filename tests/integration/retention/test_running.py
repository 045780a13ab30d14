"""What is over goes to the tick, what is held or needed stays, and every row that goes is noted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.domain.errors import UserError
from orchestrator.persistence import holds
from orchestrator.persistence.retention import of_calls
from orchestrator.persistence.retention.due import Due
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts, live_attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.deliveries import deliveries, inbox
from orchestrator.persistence.tables.desk import dispositions
from orchestrator.persistence.tables.people import consents, contact_points, contacts, suppressions
from orchestrator.persistence.tables.proof import removals
from orchestrator.persistence.tables.retention import last_uses, retention_runs
from orchestrator.persistence.tables.rights import carrier_erasures
from orchestrator.pipeline import nightly_retention
from orchestrator.pipeline.retention import holding, treating
from orchestrator.pipeline.retention.previewing import preview
from orchestrator.pipeline.rights import carrier_side
from tests.integration.retention.past import (
    HISTORY_DAYS,
    LAW,
    TEXT,
    TICK,
    a_call,
    a_consent,
    a_delivery,
    every_row_that_goes_is_noted,
    left,
    ran,
    retention,
    stopping_after,
)
from tests.world import NOON, World, numbers

AMERICAN, OTHER, CALLER = numbers(3, start=30)
GERMAN, FRENCH, BRITISH = "+4930123456", "+33123456789", "+442079460123"
LEAP_DAY = datetime(2024, 2, 29, 10, 0, tzinfo=UTC)
OWN = """
seller = "beta"
[[period]]
class = "attempts"
jurisdiction = ["*"]
keep = { years = 1 }
why = "no claims outlive a year there"
"""


@pytest.fixture
def past(world: World) -> World:
    world.a_seller()
    return world


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_calls_go_at_the_last_tick_of_their_own_country(past: World) -> None:
    """Five years in America, from a leap day; three in France; what is of nowhere known stays for the longest."""
    american = a_call(past, AMERICAN, "US", LEAP_DAY)
    french = a_call(past, FRENCH, "FR", LEAP_DAY)
    french_end, american_end = at("2027-03-01T00:00:00"), at("2029-03-01T00:00:00")
    assert ran(past.store, french_end - TICK).tally.gone == []
    with every_row_that_goes_is_noted(past.store):
        gone = {(line["table"], line["rule"], line["rows"]) for line in ran(past.store, french_end).tally.gone}
    assert gone == {("attempts", "fr.attempts", 1), ("decisions", "decisions", 1)}
    assert left(past.store, attempts) == {american}
    ran(past.store, american_end - TICK)
    assert left(past.store, attempts) == {american}
    ran(past.store, american_end)
    assert [left(past.store, table) for table in (attempts, decisions, dispositions)] == [set(), set(), set()]
    assert french != american


def test_a_held_number_keeps_everything_and_lets_go_when_it_is_released(past: World) -> None:
    long_ago, now = at("2015-05-01T10:00:00"), NOON
    held = a_call(past, AMERICAN, "US", long_ago)
    a_call(past, OTHER, "US", long_ago)
    yes = a_consent(past, AMERICAN, long_ago)
    a_consent(past, OTHER, long_ago)
    kept = {a_delivery(past, AMERICAN, long_ago), a_delivery(past, CALLER, long_ago, held)}
    a_delivery(past, OTHER, long_ago)
    number = holding.place(past.store, "acme", AMERICAN, "a claim before the court", "cli:ops", now)
    told = preview(past.store, LAW, now)
    assert {(line["table"], line["rows"]) for line in told.stayed if line["why"] == "held"} == {
        ("attempts", 1), ("consents", 1), ("decisions", 1), ("inbox", 2),
    }  # fmt: skip
    with every_row_that_goes_is_noted(past.store):
        report = ran(past.store, now)
    assert report.tally.gone == told.gone, "a preview is what the run then does"
    tables = (attempts, consents, inbox)
    assert [left(past.store, table) for table in tables] == [{held}, {yes}, kept]
    assert left(past.store, deliveries) == set()
    assert holding.release(past.store, number, "cli:ops", now)
    assert not holding.release(past.store, number, "cli:ops", now)
    ran(past.store, now)
    assert [left(past.store, table) for table in tables] == [set(), set(), set()]


def test_a_hold_that_is_placed_while_a_batch_is_looked_for_keeps_its_rows(past: World) -> None:
    a_call(past, AMERICAN, "US", at("2015-05-01T10:00:00"))
    due = Due(of_calls.ATTEMPTS, LAW, NOON)
    with past.store.read() as tx:
        found = due.page(tx, None, 100)
    assert len(found) == 1
    holding.place(past.store, "acme", AMERICAN, "a letter came", "cli:ops", NOON)
    with past.store.write() as tx:
        assert treating.treat(tx, past.store, due, found) == []
    assert past.count(attempts) == 1
    assert past.count(removals) == 0


def test_the_proof_of_a_consent_lives_from_each_use_though_the_calls_are_gone(past: World) -> None:
    """Beta keeps calls a year; the proof of its consents runs three years from the last one all the same."""
    law = RetentionLaw.parse(TEXT, {"retention/beta.toml": OWN})
    past.a_seller("beta")
    granted, used = at("2020-01-15T10:00:00"), at("2022-06-30T12:00:00")
    yes = a_consent(past, BRITISH, granted, seller_id="beta")
    no = a_consent(past, BRITISH, granted + timedelta(days=1), "withdrawn", seller_id="beta")
    a_call(past, BRITISH, "NZ", used, seller_id="beta")
    a_call(past, OTHER, "NZ", used, seller_id="beta")
    ran(past.store, at("2023-06-30T12:00:00"), law)
    assert left(past.store, attempts) == set()
    with past.store.read() as tx:
        uses = tx.execute(select(last_uses)).all()
    assert [(use.number_key, use.used_at, use.country) for use in uses] == [
        (past.store.keyring.number_key(BRITISH), used, "NZ")
    ], "and of nobody without a consent"
    ends = at("2025-06-30T12:00:00")
    ran(past.store, ends - TICK, law)
    assert left(past.store, consents) == {yes, no}
    ran(past.store, ends, law)
    assert left(past.store, consents) == set(), "the yes and the no go together"
    assert past.count(last_uses) == 0


def test_a_german_consent_lives_five_years_from_its_last_use(past: World) -> None:
    yes = a_consent(past, GERMAN, at("2020-01-15T10:00:00"))
    a_call(past, GERMAN, "DE", at("2024-02-29T09:00:00"))
    ends = at("2029-03-01T00:00:00")
    ran(past.store, ends - TICK)
    assert left(past.store, consents) == {yes}
    ran(past.store, ends)
    assert left(past.store, consents) == set()


def test_nothing_goes_that_is_not_over_yet(past: World) -> None:
    long_ago = at("2015-05-01T10:00:00")
    live = a_call(past, AMERICAN, "US", long_ago, stage="in_doubt")
    waiting = a_call(past, OTHER, "US", long_ago, followed_up=False)
    with past.store.write() as tx:
        tx.execute(insert(live_attempts).values(number_key=b"x" * 16, channel="voice", attempt_id=live, since=long_ago))
        row = {"seller_id": "acme", "number_key": b"x" * 16, "kind": "do_not_call", "channel": "any", "source": "x"}
        tx.execute(insert(suppressions).values(**row, at=long_ago))
    report = ran(past.store, NOON)
    assert left(past.store, attempts) == {live, waiting}
    assert past.count(decisions) == 2
    assert (past.count(suppressions), past.count(live_attempts)) == (1, 1)
    assert {line["why"] for line in report.tally.stayed} == {"not over yet"}


def test_a_run_refuses_where_a_rule_looks_back_further_than_calls_are_kept(past: World) -> None:
    a_call(past, AMERICAN, "US", at("2015-05-01T10:00:00"))
    wanted = retention(past.store, NOON)
    object.__setattr__(wanted, "history_days", 1200)
    with pytest.raises(UserError, match="looks 1200 days back"):
        wanted.run("cli:ops")
    assert (past.count(attempts), past.count(retention_runs)) == (1, 0)


def test_a_run_that_is_cut_off_is_gone_on_with_and_a_night_has_one(past: World) -> None:
    long_ago = at("2015-05-01T10:00:00")
    for _ in range(3):
        a_call(past, AMERICAN, "US", long_ago)
    with every_row_that_goes_is_noted(past.store):
        cut = retention(past.store, NOON, may_go_on=stopping_after(14)).run("nightly")
        assert not cut.finished
        again = nightly_retention.run_once(retention(past.store, NOON + timedelta(minutes=29)), 4)
        assert again is None, "somebody may still be at it"
        later = NOON + timedelta(minutes=30)
        done = nightly_retention.run_once(retention(past.store, later), 4)
    assert done is not None
    assert done.finished
    assert left(past.store, attempts) == left(past.store, decisions) == set()
    assert nightly_retention.run_once(retention(past.store, later + timedelta(hours=1)), 4) is None
    tomorrow = nightly_retention.run_once(retention(past.store, later + timedelta(days=1)), 4)
    assert tomorrow is not None
    with past.store.read() as tx:
        ended = tx.execute(select(retention_runs.c.finished_at).order_by(retention_runs.c.id)).scalars().all()
    assert [moment is not None for moment in ended] == [False, True, True]
    assert cut.rows + done.rows == 6


def test_somebody_without_contact_goes_whole_and_their_proof_stays(past: World) -> None:
    campaign = past.a_campaign()
    person = past.a_contact([AMERICAN], automated=True)
    busy = past.a_contact([OTHER])
    past.enrol(campaign, person, busy)
    with past.store.write() as tx:
        tx.execute(update(enrollments).where(enrollments.c.contact_id == person).values(stage="done"))
    last = past.now + timedelta(days=200)
    a_call(past, AMERICAN, "US", last, contact_id=person)
    ends = last.replace(year=last.year + 5)
    ran(past.store, ends - TICK)
    assert left(past.store, contacts) == {person, busy}
    with past.store.write() as tx:
        tx.execute(update(attempts).values(stage="in_doubt"))
    ran(past.store, ends)
    assert left(past.store, contacts) == {person, busy}, "a call to them is not over"
    with past.store.write() as tx:
        tx.execute(update(attempts).values(stage="ended"))
    with every_row_that_goes_is_noted(past.store):
        ran(past.store, ends)
    assert left(past.store, contacts) == {busy}
    assert past.count(contact_points) == past.count(enrollments) == 1
    assert past.count(attempts) == past.count(consents) == 0, "whose five years end with it"


def test_words_go_before_the_record_that_they_were_sent(past: World) -> None:
    then = at("2023-05-01T10:00:00")
    body = past.store.keyring.seal("Your visit is due", "attempts.body")
    sent = a_call(past, FRENCH, "FR", then, body_sealed=body)
    ends = at("2025-05-01T10:00:00")
    ran(past.store, ends - TICK)
    assert past.attempt(sent).body_sealed is not None
    ran(past.store, ends)
    assert past.attempt(sent).body_sealed is None
    with past.store.read() as tx:
        note = tx.execute(select(removals)).one()
    assert (note.relation, note.how, note.cause, note.reason, note.rows) == (
        "attempts", "blanked", "retention", "message-bodies", [str(sent)],
    )  # fmt: skip


def test_the_carrier_is_asked_to_delete_what_it_holds(past: World) -> None:
    carrier = past.carrier
    assert isinstance(carrier, InProcessCarrier)
    then = at("2026-01-01T10:00:00")
    a_call(past, GERMAN, "DE", then, sid="CA" + "1" * 32)
    a_call(past, AMERICAN, "US", then, sid="CA" + "2" * 32)
    ends = then + timedelta(days=180)
    ran(past.store, ends - TICK)
    assert past.count(carrier_erasures) == 0
    ran(past.store, ends)
    ran(past.store, ends)
    assert past.count(carrier_erasures) == 1
    assert carrier_side.run_once(past.store, carrier, ends).confirmed == 1
    with past.store.read() as tx:
        row = tx.execute(select(carrier_erasures)).one()
    assert (row.sid, row.result) == ("CA" + "1" * 32, "gone")
    assert past.count(attempts) == 2


def test_a_run_beside_a_worker_takes_nothing_that_the_caps_count(past: World) -> None:
    """A worker dispatches in between; whoever was called within the rules' look-back is still counted."""
    campaign = past.a_campaign()
    people = [past.a_contact([number]) for number in numbers(4, start=20)]
    past.enrol(campaign, *people)
    a_call(past, numbers(1, start=20)[0], "US", past.now - timedelta(days=HISTORY_DAYS), contact_id=people[0])
    old = a_call(past, numbers(1, start=20)[0], "US", past.now - timedelta(days=6 * 366), contact_id=people[0])

    def work() -> bool:
        past.dispatch(campaign)
        return True

    retention(past.store, past.now, may_go_on=work).run("cli:ops")
    planned = [attempt for attempt in past.attempts() if attempt.planned_at == past.now]
    assert len(planned) == 4
    assert old not in left(past.store, attempts)
    assert len(past.attempts()) == 5


def test_a_seller_may_be_looked_at_alone(past: World) -> None:
    past.a_seller("beta")
    long_ago = at("2015-05-01T10:00:00")
    ours = a_call(past, AMERICAN, "US", long_ago)
    theirs = a_call(past, AMERICAN, "US", long_ago, seller_id="beta")
    a_delivery(past, AMERICAN, long_ago)
    assert {line["table"] for line in preview(past.store, LAW, NOON, "beta").gone} == {"attempts", "decisions"}
    retention(past.store, NOON).run("cli:ops", "beta")
    assert left(past.store, attempts) == {ours} != {theirs}
    assert past.count(inbox) == 1, "raw deliveries are of no one seller"


def test_reasons_of_holds_are_sealed_and_refuse_cards(past: World) -> None:
    with pytest.raises(UserError, match="payment card"):
        holding.place(past.store, "acme", AMERICAN, "paid with 4111 1111 1111 1111", "cli:ops", NOON)
    holding.place(past.store, "acme", AMERICAN, "a claim", "cli:ops", NOON)
    assert [row["reason"] for row in holding.told(past.store, None, released_too=False)] == ["a claim"]
    with past.store.read() as tx:
        row = holds.standing(tx, "acme", [past.store.keyring.number_key(AMERICAN)])[0]
    assert b"a claim" not in bytes(row.reason_sealed)


def test_a_count_of_everything_is_quick_enough_to_be_asked_for(store: Store) -> None:
    """Each holding is counted by one statement, on either database."""
    World(store, None).a_seller()  # type: ignore[arg-type]
    assert preview(store, LAW, NOON).lines == {}
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(retention_runs)).scalar_one() == 0
