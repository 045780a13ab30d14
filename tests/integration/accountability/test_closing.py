"""A seller leaves: what goes, what stays and why; killed anywhere it goes on; and nobody else is touched."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.config_files import load_closing_law
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.errors import UserError
from orchestrator.domain.leaving import ClosingState, Way
from orchestrator.installation import prove
from orchestrator.persistence import access_queries, attempts, campaigns, removals, sellers
from orchestrator.persistence import consents as ledger
from orchestrator.persistence.access_queries import Asked
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.ownership import STAYS
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.deliveries import inbox
from orchestrator.persistence.tables.people import contacts
from orchestrator.persistence.tables.proof import removals as removals_table
from orchestrator.persistence.tables.rights import carrier_erasures, holds
from orchestrator.pipeline.consents import expiring
from orchestrator.pipeline.leaving.closing import Closer, Order
from orchestrator.pipeline.monthly import report as monthly
from orchestrator.pipeline.retention import holding
from orchestrator.settings import Settings
from tests.integration.accountability.conftest import Typed
from tests.integration.accountability.leavers import SENDERS, a_life, long_ago, rows_of, rows_of_the_installation
from tests.integration.consents.builders import a_consent
from tests.integration.rights.people import LAW as RIGHTS
from tests.world import NOON, World, numbers

ADA, BOB, EVE = numbers(3)
LATER = NOON + timedelta(hours=1)


def closer(store: Store) -> Closer:
    return Closer(store, load_closing_law(), "cli:ops")


def an_order(way: Way = Way.DELETE, file: Path | None = None, **changes: Any) -> Order:
    facts = {"keeps_suppressions": False, "because": "the contract has ended", **changes}
    return Order(seller_id="acme", way=way, file=file, **facts)


def two_sellers(world: World, country: str = "GB") -> None:
    a_life(world, "acme", [ADA, BOB], country)
    a_life(world, "other", [ADA, EVE], country)


def test_everything_is_returned_opened_then_deleted_and_certified(world: World, typed: Typed, tmp_path: Path) -> None:
    two_sellers(world)
    others, nobodys = rows_of(world.store, "other"), rows_of_the_installation(world.store)
    file, paper = tmp_path / "acme.zip", tmp_path / "certificate"
    order = ("sellers", "close", "acme", "--return", str(file), "--certificate", str(paper))
    assert "--because" in typed(*order).complained
    preview = typed(*order, "--dry-run", "--json").json
    assert preview["goes"]["contacts"] == 2
    assert not file.exists()
    done = typed(*order, "--because", "the contract has ended", "--json")
    assert done.code == 0, done.complained
    assert done.json["deleted"] == preview["goes"] | {"inbox": 1}
    kept = {"sellers", "closings", "accesses", "access_numbers", "actions", "removals", "carrier_erasures"}
    assert {one["table"] for one in done.json["kept"]} == kept
    assert file.stat().st_mode & 0o777 == 0o600
    with ZipFile(file) as zipped:
        manifest = json.loads(zipped.read("manifest.json"))
        points = [json.loads(line) for line in zipped.read("contact_points.jsonl").splitlines()]
        refusals = [json.loads(line) for line in zipped.read("suppressions.jsonl").splitlines()]
        heard = json.loads(zipped.read("inbox.jsonl"))
    assert sorted(point["number"] for point in points) == [ADA, BOB]
    assert [refusal["number"] for refusal in refusals] == [ADA]
    assert heard["event"]["to"] == SENDERS["acme"]
    assert manifest["tables"]["contacts"]["rows"] == 2
    assert set(rows_of(world.store, "acme")) <= set(STAYS)
    assert rows_of(world.store, "other") == others
    assert rows_of_the_installation(world.store) == nobodys
    assert "the contract has ended" in paper.with_suffix(".html").read_text("utf-8")
    with world.store.read() as tx:
        [reading] = access_queries.in_order(tx, Asked(seller_id="acme"))
        causes = set(tx.execute(select(removals_table.c.cause)).scalars())
        asked = tx.execute(select(carrier_erasures.c.sid)).scalars().all()
    assert (reading.action, reading.people, causes) == ("closing", 2, {"closing"})
    assert sorted(sid[:2] for sid in asked) == ["CA", "CA", "SM"]
    assert "asked to delete 3 calls and texts" in done.json["left_to_do"][0]
    assert "leaves" in typed("sellers", "set", "acme", "--own-firm").complained
    again = typed("sellers", "close", "acme", "--certificate", str(tmp_path / "again"), "--json")
    assert again.json["closed_at"] == done.json["closed_at"]


def test_what_the_law_wants_kept_stays_sealed_and_is_named(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    two_sellers(world, country="US")
    closed = closer(sqlite_store).close(an_order(), LATER)
    kept = {one["table"]: (one["rows"], one["why"]) for one in closed.certificate["kept"]}
    assert (kept["attempts"][0], kept["consents"][0], kept["suppressions"][0]) == (2, 2, 1)
    assert "16 CFR 310.5" in kept["attempts"][1]
    left = rows_of(sqlite_store, "acme")
    assert set(left) - set(STAYS) == {"attempts", "consents", "suppressions"}
    world.close()


@pytest.mark.parametrize(("years", "stays"), [(5, True), (6, False)])
def test_calls_older_than_the_law_asks_go(sqlite_store: Store, years: int, stays: bool) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    two_sellers(world, country="US")
    long_ago(world, "acme", years)
    closer(sqlite_store).close(an_order(), NOON)
    assert ("attempts" in rows_of(sqlite_store, "acme")) == stays
    world.close()


def test_refusals_stay_where_the_contract_says_so(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    two_sellers(world)
    closed = closer(sqlite_store).close(an_order(keeps_suppressions=True), LATER)
    assert len(rows_of(sqlite_store, "acme")["suppressions"]) == 1
    assert any("contract" in one["why"] for one in closed.certificate["kept"])
    world.close()


def test_it_waits_for_what_is_on_its_way_and_takes_it_back(world: World) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact([ADA], automated=True), world.a_contact([BOB], automated=True))
    assert world.dispatch(campaign) == 2
    waiting = closer(world.store).close(an_order(), LATER)
    assert (waiting.state, closer(world.store).on_its_way("acme")) == (ClosingState.STOPPING, 2)
    with world.store.read() as tx:
        assert campaigns.fetch(tx, campaign).state == "cancelled"
        with pytest.raises(UserError, match="leaves"):
            sellers.require(tx, "acme")
    assert len(rows_of(world.store, "acme")["cancellations"]) == 2
    for attempt in world.attempts():
        _end(world, attempt.id)
    assert closer(world.store).close(an_order(), LATER).state == ClosingState.CLOSED
    assert set(rows_of(world.store, "acme")) - set(STAYS) <= {"attempts", "consents"}


def _end(world: World, attempt_id: Any) -> None:
    with world.store.write() as tx:
        attempts.end(tx, attempt_id, Outcome.CANCELED, LATER, {})


class _KilledError(Exception):
    """Stands for a process that is gone."""


@pytest.mark.parametrize("after", [1, 15])
def test_killed_in_the_middle_of_deleting_it_goes_on(world: World, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    two_sellers(world)
    others = rows_of(world.store, "other")
    with monkeypatch.context() as patched:
        _kill_after(patched, after)
        with pytest.raises(_KilledError):
            closer(world.store).close(an_order(), LATER)
    with pytest.raises(UserError, match="begun with --delete"):
        closer(world.store).close(an_order(Way.RETURN, Path("x.zip")), LATER)
    closed = closer(world.store).close(an_order(), LATER)
    assert (closed.state, closed.certificate["deleted"]["contacts"]) == (ClosingState.CLOSED, 2)
    assert set(rows_of(world.store, "acme")) <= set(STAYS)
    assert rows_of(world.store, "other") == others
    with world.store.read() as tx:
        noted = tx.execute(select(removals_table.c.rows).where(removals_table.c.relation == "contacts")).scalars()
        assert sum(len(rows) for rows in noted) == 2


def _kill_after(patched: pytest.MonkeyPatch, times: int) -> None:
    noted, left = removals.note, [times]

    def dying(*args: Any, **facts: Any) -> int:
        if left[0] == 0:
            raise _KilledError
        left[0] -= 1
        return noted(*args, **facts)

    patched.setattr("orchestrator.persistence.removals.note", dying)


def test_killed_while_it_is_written_no_half_zip_is_there_and_nothing_went(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    two_sellers(world)
    file = tmp_path / "out" / "acme.zip"
    file.parent.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", _die)
        with pytest.raises(_KilledError):
            closer(sqlite_store).close(an_order(Way.RETURN, file), LATER)
    assert list(file.parent.iterdir()) == []
    assert len(rows_of(sqlite_store, "acme")["contacts"]) == 2
    closed = closer(sqlite_store).close(an_order(Way.RETURN, file), LATER)
    assert closed.certificate["returned"]["rows"]["contacts"] == 2
    assert file.exists()
    world.close()


def _die(_: int) -> None:
    raise _KilledError


PEOPLE = st.lists(st.sampled_from(numbers(6)), unique=True, max_size=4)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mine=PEOPLE, others=PEOPLE, country=st.sampled_from(["US", "GB", "CA"]), keeps=st.booleans())
def test_nothing_of_another_seller_is_touched_whoever_they_share(
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    keyring: Keyring,
    mine: list[str],
    others: list[str],
    country: str,
    keeps: bool,
) -> None:
    path = tmp_path_factory.mktemp("closing") / "one.sqlite3"
    shutil.copy(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    store = prove(Store(engine, keyring), Settings())
    world = World(store, InProcessCarrier(now=lambda: NOON))
    a_life(world, "acme", mine, country)
    a_life(world, "other", others, country)
    before, nobodys = rows_of(store, "other"), rows_of_the_installation(store)
    foreign_news = _news(store)
    closer(store).close(an_order(keeps_suppressions=keeps), LATER)
    assert rows_of(store, "other") == before
    assert rows_of_the_installation(store) == nobodys
    assert set(rows_of(store, "acme")) - set(STAYS) <= {"attempts", "consents", "suppressions"}
    assert _news(store) == foreign_news - bool(mine)
    world.close()
    engine.dispose()


def _news(store: Store) -> int:
    with store.read() as tx:
        return len(tx.execute(select(inbox)).all())


def test_while_a_hold_stands_a_seller_is_not_closed(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    two_sellers(world)
    key, keyring = sqlite_store.keyring.number_key(ADA), sqlite_store.keyring
    with sqlite_store.write() as tx:
        reason = keyring.seal("a complaint", "holds.reason")
        facts = {"seller_id": "acme", "number_key": key, "reason_sealed": reason, "placed_at": NOON, "placed_by": "ops"}
        tx.execute(insert(holds).values(facts))
    with pytest.raises(UserError, match="1 holds of complaints or claims"):
        closer(sqlite_store).close(an_order(), LATER)
    with sqlite_store.write() as tx:
        tx.execute(update(holds).values(released_at=NOON, released_by="ops"))
    assert closer(sqlite_store).close(an_order(), LATER).state == ClosingState.CLOSED
    world.close()


def test_a_hold_that_comes_while_a_closing_waits_keeps_the_data(sqlite_store: Store) -> None:
    world = World(sqlite_store, InProcessCarrier(now=lambda: NOON))
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact([ADA], automated=True))
    world.dispatch(campaign)
    assert closer(sqlite_store).close(an_order(), LATER).state == ClosingState.STOPPING
    holding.place(sqlite_store, "acme", ADA, "a claim", "cli:ops", LATER)
    _end(world, world.attempts()[0].id)
    with pytest.raises(UserError, match="1 holds of complaints or claims"):
        closer(sqlite_store).close(an_order(), LATER)
    assert world.count(contacts) == 1
    world.close()


def test_what_the_law_keeps_of_a_seller_that_has_left_is_told_and_stops_nobody_elses(world: World) -> None:
    two_sellers(world, country="US")
    assert closer(world.store).close(an_order(), LATER).state == ClosingState.CLOSED
    over = {"happened_at": NOON - timedelta(days=400), "expires_at": NOON}
    with world.store.write() as tx:
        ledger.record(tx, world.store.keyring, a_consent("other", number=EVE, **over), NOON)
    assert expiring.run_once(world.store, world.rulebook, LATER) > 0
    report = monthly.report_of(world.store, world.rulebook, RIGHTS, "acme", "2026-11", LATER)
    assert not report.is_empty


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say what becomes of the data"),
        (("--delete", "--return", "x.zip", "--because", "x"), "Name one of"),
        (("--return", "/nowhere/x.zip", "--because", "x"), "There is no folder /nowhere"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_missing_is_said(world: World, typed: Typed, words: tuple[str, ...], sentence: str) -> None:
    world.a_seller()
    done = typed("sellers", "close", "acme", *words)
    assert (done.code, sentence in done.complained) == (1, True), done.complained
    assert "There is no seller" in typed("sellers", "close", "nobody", "--delete", "--because", "x").complained
