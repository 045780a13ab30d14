"""Requests, breaches, holds, doubts and changes in an answer to a complaint: told, proved, and silent about others."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from orchestrator.persistence import removals
from orchestrator.persistence.house_history import HouseHistory
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.accountability import breach_steps, breaches
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.retention import retention_runs
from orchestrator.persistence.tables.rights import rights_numbers, rights_requests
from orchestrator.pipeline.evidence.checking import check_pack
from tests.integration.sealing.history import a_history, sealed
from tests.integration.sealing.test_packs import NUMBER, a_complaint, a_pack, changed, edited, part, written
from tests.world import NOON, World, numbers

__all__ = ["a_pack"]  # a pack for all whose words are changed

READ = numbers(2)[0]  # with another, by cli:ops at noon
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return a_history(sqlite_store)


def of_form(items: list[dict[str, Any]], *columns: str) -> list[dict[str, Any]]:
    """The items whose sealed row has these columns."""
    return [item for item in items if set(columns) <= item.get("row", {}).keys()]


def test_a_request_is_told_with_its_deadline_its_steps_and_its_end(store: Store, tmp_path: Path) -> None:
    world = a_history(store)
    evidence = written(world, tmp_path / "pack.zip", a_complaint())
    (request,) = part(evidence, 15)
    assert (request["row"]["kind"], request["due_on"], request["in_time"]) == ("access", "2026-11-23", True)
    assert [(step["row"]["step"], step["note"]["words"]) for step in request["steps"]] == [
        ("received", '{"channel": "letter"}')
    ]
    assert request["end"]["row"]["report"] == {"files written": 2}
    checked = check_pack(tmp_path / "pack.zip").form
    assert (checked["findings"], checked["not_sealed"]) == ([], 0)


def test_a_request_of_whoever_shares_the_number_is_shown_and_not_opened(world: World, tmp_path: Path) -> None:
    with world.store.write() as tx:
        tx.execute(update(rights_numbers).values(is_shared=True))
        tx.execute(update(rights_requests).values(contact_id=1))
    (request,) = part(written(world, tmp_path / "pack.zip", a_complaint()), 15)
    assert request["entry"]["proof"] == "withheld"
    assert request["steps"] == ["received"]
    assert not {"asked", "row"} & request.keys()
    (request,) = part(written(world, tmp_path / "pack.zip", a_complaint(contact_id=1)), 15)
    assert request["row"]["kind"] == "access"


@pytest.mark.parametrize(
    ("changes", "touched"),
    [
        ({}, True),
        ({"actor": "*"}, True),
        ({"actor": "cli:eve"}, False),
        ({"until": NOON}, False),
        ({"since": NOON + A_MINUTE, "until": NOON + 2 * A_MINUTE}, False),
        ({"actor": "agent:kim"}, True),  # who had the person on the line
        ({"actor": "agent:lee"}, False),
    ],
)
def test_a_breach_touches_a_number_that_its_account_read_in_its_time(
    world: World, changes: dict[str, Any], touched: bool
) -> None:
    a_breach(world, **changes)
    key = world.store.keyring.number_key(READ)
    with world.store.read() as tx:
        span = {"begins": NOON, "ends": NOON + A_MINUTE}
        found = HouseHistory(tx=tx, seller_id="acme", number_key=key, **span).breaches()
    assert bool(found) is touched


def a_breach(world: World, **changes: Any) -> None:
    """By somebody who used ops' account around noon; other people stand in its counts."""
    span = {"actor": "cli:ops", "since": NOON - A_MINUTE, "until": NOON + A_MINUTE, "found": [{"people": 77}]}
    with world.store.write() as tx:
        tx.execute(update(breaches).values({**span, **changes}))


def test_a_breach_is_told_without_what_it_was_to_others(world: World, tmp_path: Path) -> None:
    """Neither how many other people it touched, nor whom other sellers told."""
    world.a_seller("beta")
    a_breach(world)
    with world.store.write() as tx:
        row = {"breach_id": 1, "seller_id": "beta", "whom": "people", "was_told": True, "at": NOON, "by": "kim"}
        tx.execute(insert(breach_steps).values(**row, note="by post"))
    (told,) = part(written(world, tmp_path / "pack.zip", a_complaint(number=READ)), 16)
    assert told["what_happened"]["words"] == "a laptop"
    assert [(step["row"]["seller_id"], step["row"]["whom"]) for step in told["told"]] == [("acme", "authority")]
    assert told["counts"]["entry"]["proof"] == "withheld"
    assert told["end"]["row"]["closed_because"] == "told"
    assert b"77" not in _evidence(tmp_path / "pack.zip", 16)
    assert check_pack(tmp_path / "pack.zip").is_sound


def _evidence(path: Path, number: int) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return json.dumps(part(json.loads(archive.read("evidence.json")), number)).encode()


def test_holds_and_what_went_by_law_are_told_and_nothing_of_other_peoples_rows(world: World, tmp_path: Path) -> None:
    key = world.store.keyring.number_key(NUMBER)
    own, other = (
        [row.id for row in world.attempts() if (bytes(row.number_key) == key) is is_own] for is_own in (True, False)
    )
    sealed(world)
    note = {"how": How.BLANKED, "cause": Cause.RETENTION, "reason": "us.messages", "at": world.now}
    with world.store.write() as tx:
        tx.execute(update(attempts).values(body_sealed=None))
        for rows in (own, [*own, *other], other):
            removals.note(tx, relation=attempts, rows=rows, seller_id="acme", **note)  # type: ignore[arg-type]
        tx.execute(update(retention_runs).values(seller_id=None))
    items = part(written(world, tmp_path / "pack.zip", a_complaint()), 17)
    (hold,) = of_form(items, "placed_by")
    assert (hold["reason"]["words"], hold["released"]["row"]["released_by"]) == ("a claim", "kim")
    assert len(of_form(items, "subject_key")) == 1, "its erasure"
    gone = [item for item in items if "by retention (us.messages)" in item.get("sentence", "")]
    assert ["row" in item for item in gone] == [True, False], "one of its own alone, one that names others too"
    assert [item["entry"]["proof"] for item in items if "Run of retention" in item.get("sentence", "")] == ["withheld"]
    assert check_pack(tmp_path / "pack.zip").is_sound


def test_doubts_and_changes_by_staff_stand_with_who_and_why(world: World, tmp_path: Path) -> None:
    evidence = written(world, tmp_path / "pack.zip", a_complaint())
    asked, decided = of_form(part(evidence, 6), "id")[-2:]
    assert asked["row"]["sid"] == "SM" + "1" * 32
    assert decided["sentence"] == "kim read it as a refusal, 2026-11-23 17:00:00 UTC."
    assert (decided["row"]["decision"], decided["row"]["decided_by"]) == ("stop", "kim")
    (move,) = of_form(part(evidence, 11), "action")
    assert move["row"]["detail"] == {"from": "running", "to": "paused"}
    assert (move["row"]["by"], move["because"]["words"]) == ("kim", "lunch")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"words": "lunch"', b'"words": "dinner"'),
        (b'"decision": "stop"', b'"decision": "other"'),
        (b'"words": "a claim"', b'"words": "a chime"'),
        (b'"step": "received"', b'"step": "answered"'),
        (b'"files written": 2', b'"files written": 3'),
    ],
)
def test_whoever_changes_a_word_of_it_is_found(a_pack: bytes, tmp_path: Path, was: bytes, becomes: bytes) -> None:
    path = tmp_path / "pack.zip"
    path.write_bytes(a_pack)
    findings = check_pack(changed(path, edited("evidence.json", was, becomes))).form["findings"]
    assert any("something else than it says" in one for one in findings)
