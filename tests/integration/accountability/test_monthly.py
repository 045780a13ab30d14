"""A month is recounted from rows: what happened in it counts, to the second of the seller's own clock."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import ConsentChannel, LineType, SuppressionKind, SuppressionScope
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import UserError
from orchestrator.law import load_rulebook
from orchestrator.persistence import attempts, cancellations, protection, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import cancellations as cancellations_table
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.lists import scrubs
from orchestrator.persistence.tables.people import consents
from orchestrator.persistence.tables.people import suppressions as suppressions_table
from orchestrator.pipeline.monthly import report as monthly
from tests.integration.accountability.conftest import Typed
from tests.integration.rights.people import LAW as RIGHTS
from tests.world import CONFIG, NOON, World, numbers

ADA, BOB = numbers(2)
MIDNIGHT = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)  # in New York


def of_month(world: World, text: str = "2026-11", now: datetime = MIDNIGHT) -> dict[str, Any]:
    return monthly.report_form(monthly.report_of(world.store, world.rulebook, RIGHTS, "acme", text, now))


def rows(report: dict[str, Any], section: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = report["sections"][section]["rows"]
    return found


def in_new_york(world: World) -> None:
    world.a_seller()
    with world.store.write() as tx:
        protection.change(tx, world.store.keyring, "acme", {"time_zone": "America/New_York"}, "cli:ops", NOON)


def refuse(world: World, number: str, at: datetime, source: str = "reply", **more: Any) -> None:
    with world.store.write() as tx:
        key = world.store.keyring.number_key(number)
        kind = SuppressionKind.STOP_REPLY
        suppressions.add(tx, seller_id="acme", number_key=key, kind=kind, at=at, source=source, **more)


def heard(world: World, number: str, at: datetime) -> None:
    row = {"seller_id": "acme", "number_key": world.store.keyring.number_key(number), "channel": "sms", "sid": "SM1"}
    with world.store.write() as tx:
        values = {**row, "id": world.attempts()[0].id, "sender": "+12125550101", "at": at}
        tx.execute(insert(inbound_contacts).values(values))


def called(world: World, number: str = ADA) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact([number], automated=True))
    assert world.dispatch(campaign) == 1


def end(world: World, outcome: Outcome, at: datetime, **facts: Any) -> None:
    [attempt] = world.attempts()
    with world.store.write() as tx:
        attempts.end(tx, attempt.id, outcome, at, facts)


def test_a_call_a_refusal_and_its_taking_back_are_counted(world: World) -> None:
    in_new_york(world)
    called(world)
    heard(world, ADA, NOON + timedelta(seconds=10))
    refuse(world, ADA, NOON + timedelta(seconds=11))
    [attempt] = world.attempts()
    waiting = of_month(world)
    assert rows(waiting, "opt_outs")[1]["not_yet"] == 1
    with world.store.write() as tx:
        cancellations.file(tx, [attempt.id], "stop", NOON)
        tx.execute(update(cancellations_table).values(done_at=NOON + timedelta(seconds=14)))
    report = of_month(world)
    assert rows(report, "attempts") == [
        {"channel": "voice", "mode": "predictive", "outcome": attempt.stage, "attempts": 1},
    ]
    stored, ended = rows(report, "opt_outs")
    assert (stored["p50_seconds"], stored["worst_seconds"]) == (1.0, 1.0)
    assert (ended["p95_seconds"], ended["not_yet"]) == (4.0, 0)
    assert rows(report, "contacts_after_no") == []
    assert rows(report, "decisions")[0]["verdict"] == "allow"
    assert (report["zone"], report["is_over"], report["is_empty"]) == ("America/New_York", True, False)


def test_a_no_that_no_text_said_is_not_timed_from_one_about_something_else(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    called(world)
    heard(world, ADA, NOON - timedelta(minutes=5))
    refuse(world, ADA, NOON, source="request 1")
    stored = rows(of_month(world), "opt_outs")[0]
    assert (stored["refusals"], stored["worst_seconds"]) == (1, 0.0)
    world.close()


@pytest.mark.parametrize(
    ("after", "lifted", "outcome", "counted"),
    [
        (timedelta(seconds=-1), None, Outcome.NO_ANSWER, 1),
        (timedelta(0), None, Outcome.NO_ANSWER, 0),  # at that very moment: it was on its way
        (timedelta(seconds=-1), timedelta(seconds=0), Outcome.NO_ANSWER, 0),
        (timedelta(seconds=-1), timedelta(seconds=1), Outcome.NO_ANSWER, 1),
        (timedelta(seconds=-1), None, Outcome.NEVER_SENT, 0),
    ],
)
def test_a_contact_after_a_refusal_is_listed(
    sqlite_store: Store, after: timedelta, lifted: timedelta | None, outcome: Outcome, counted: int
) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    called(world)
    end(world, outcome, NOON + timedelta(seconds=30))
    refuse(world, ADA, NOON + after)
    if lifted is not None:
        with sqlite_store.write() as tx:
            tx.execute(update(suppressions_table).values(lifted_at=NOON + lifted))
    assert len(rows(of_month(world), "contacts_after_no")) == counted
    world.close()


@pytest.mark.parametrize(("started", "counted"), [(timedelta(seconds=-1), 0), (timedelta(seconds=1), 1)])
def test_texts_after_a_start_are_none_after_a_refusal(sqlite_store: Store, started: timedelta, counted: int) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    texts = world.a_campaign(voice=False, sms=True)
    world.enrol(texts, world.a_contact([ADA], line_type=LineType.MOBILE, texts=True), lane=Lane.SMS)
    world.dispatch(texts, Lane.SMS)
    refuse(world, ADA, NOON - timedelta(minutes=1))
    with sqlite_store.write() as tx:
        suppressions.reopen_texts(tx, "acme", sqlite_store.keyring.number_key(ADA), NOON + started)
    assert len(rows(of_month(world), "contacts_after_no")) == counted
    world.close()


def test_a_no_to_another_number_campaign_or_channel_is_not_counted_against_a_call(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    called(world)
    end(world, Outcome.NO_ANSWER, NOON + timedelta(seconds=30))
    before = NOON - timedelta(days=1)
    refuse(world, BOB, before)
    refuse(world, ADA, before, channel=ConsentChannel.SMS)
    refuse(world, ADA, before, scope=SuppressionScope.CAMPAIGN, campaign_id=99)
    assert rows(of_month(world), "contacts_after_no") == []
    world.close()


def test_abandoned_calls_are_held_against_the_countrys_own_window(sqlite_store: Store) -> None:
    law = load_rulebook(CONFIG)
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    called(world)
    end(world, Outcome.ABANDONED, NOON + timedelta(seconds=9), answered_at=NOON, abandoned_at=NOON)
    world.rulebook = law
    [row] = rows(of_month(world), "abandonment")
    assert (row["live_answered"], row["abandoned"], row["share"], row["kept"]) == (1, 1, 1.0, "NO")
    assert (row["country"], row["limit"]) == ("US", 0.03)
    assert row["window_from"] <= "2026-11-23T17:00:00Z" < row["window_until"]
    world.close()


def test_the_first_and_the_last_second_of_the_month_are_the_sellers_own(world: World) -> None:
    in_new_york(world)
    begins = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
    for at in (begins - timedelta(seconds=1), begins, MIDNIGHT - timedelta(seconds=1), MIDNIGHT):
        _consent(world, at)
        _scrub(world, at)
    report = of_month(world, now=MIDNIGHT + timedelta(days=1))
    assert rows(report, "consents") == [{"event": "given", "channel": "voice", "events": 2}]
    assert [row["at"] for row in rows(report, "scrubs")] == ["2026-11-01T04:00:00Z", "2026-12-01T04:59:59Z"]


def _consent(world: World, at: datetime) -> None:
    key = world.store.keyring.number_key(ADA)
    row = {"seller_id": "acme", "number_key": key, "event": "given", "channel": "voice", "level": "express"}
    with world.store.write() as tx:
        tx.execute(insert(consents).values(**row, happened_at=at, recorded_at=at))


def _scrub(world: World, at: datetime) -> None:
    row = {"seller_id": "acme", "by": "ops", "snapshots": {"us-dnc": ["a" * 64]}, "counts": {"numbers": 3}}
    with world.store.write() as tx:
        tx.execute(insert(scrubs).values(**row, started_at=at, finished_at=at))


def test_the_report_is_written_for_people_scripts_and_spreadsheets(world: World, typed: Typed, tmp_path: Path) -> None:
    called(world)
    _scrub(world, datetime.now(UTC))
    folder = tmp_path / "november"
    assert typed("sellers", "set", "acme", "--time-zone", "Europe/London").code == 0
    done = typed("accountability", "report", "acme", "--month", f"{datetime.now(UTC):%Y-%m}", "-o", str(folder))
    assert done.code == 0, done.complained
    assert "The month is not over." in done.said
    names = {path.suffix for path in folder.iterdir()}
    assert names == {".html", ".json", ".csv"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    with next(folder.glob("*-scrubs.csv")).open(encoding="utf-8") as table, next(folder.glob("*.html")).open() as shown:
        assert "T" in next(row["at"] for row in csv.DictReader(table))
        assert re.search(r">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC<", shown.read())
    empty = typed("accountability", "report", "acme", "--month", "2001-02", "-o", str(folder))
    assert "Nothing of this seller is on record" in empty.said
    page = (folder / "acme-2001-02.html").read_text("utf-8")
    assert "2001-02 in Europe/London (the seller&#x27;s own zone, as set)" in page
    assert "has not begun" in typed("accountability", "report", "acme", "--month", "2999-01", "-o", "x").complained


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    world.a_seller()
    world.close()
    with sqlite_store.write() as tx:
        tx.execute(insert(scrubs).values(seller_id="acme", by="=cmd()", started_at=NOON, snapshots={}, counts={}))
    report = monthly.report_of(sqlite_store, world.rulebook, RIGHTS, "acme", "2026-11", MIDNIGHT)
    [_, line] = csv.reader(io.StringIO(monthly.files(report)["acme-2026-11-scrubs.csv"]))
    assert "'=cmd()" in line


def test_no_month_is_counted_before_it_begins(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    in_new_york(world)
    world.close()
    with pytest.raises(UserError, match="has not begun in America/New_York"):
        of_month(world, "2026-12", MIDNIGHT - timedelta(seconds=1))
    assert of_month(world, "2026-12", MIDNIGHT)["is_empty"]
