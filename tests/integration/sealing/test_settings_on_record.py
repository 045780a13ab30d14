"""Whoever changes a setting is on record with what they set, in the transaction that sets it; so are config's files."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from orchestrator.persistence import actions as stored
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.proof import actions
from orchestrator.pipeline import configuration_watch
from tests.integration.accountability.conftest import Typed, typed, world
from tests.world import NOON, World

__all__ = ["typed", "world"]
OWN = "+12125550144"


def done(store: Store) -> list[Record]:
    with store.read() as tx:
        return list(tx.execute(select(actions).order_by(actions.c.id)).all())


def test_every_setting_that_is_typed_is_on_record_with_the_hand(world: World, typed: Typed) -> None:
    new = ("sellers", "add", "beta", "--name", "Beta", "--callback-number", "+12125550100", "--country", "US")
    commands = (
        (new, "seller added", "seller beta"),
        (("sellers", "register", "beta", "US-TX"), "seller registered", "seller beta"),
        (("sellers", "set", "beta", "--data-protection-officer", "B. Officer"), "protection set", "seller beta"),
        (("sellers", "require", "beta", "policy"), "papers required", "seller beta"),
        (("senders", "add", OWN, "--seller", "beta"), "sender added", f"sender {OWN}"),
        (("senders", "set", OWN, "--daily-cap", "9"), "sender changed", f"sender {OWN}"),
        (("senders", "rest", OWN, "--reason", "complaints"), "sender rests", f"sender {OWN}"),
        (("senders", "use", OWN), "sender in use again", f"sender {OWN}"),
        (("senders", "brand", "BETA", "--seller", "beta", "--daily-cap", "99"), "brand capped", "seller beta"),
        (("callers", "cap", OWN, "5"), "caller id capped", f"sender {OWN}"),
        (("callers", "rest", OWN, "--reason", "labelled"), "caller id rests", f"sender {OWN}"),
        (("callers", "use", OWN), "caller id in use again", f"sender {OWN}"),
    )
    for words, _, _ in commands:
        came = typed(*words)
        assert came.code == 0, came.complained
    rows = done(world.store)
    assert [(row.action, row.about) for row in rows] == [(action, about) for _, action, about in commands]
    assert {(row.by, row.seller_id) for row in rows} == {("cli:ops", "beta")}
    by_action = {row.action: row.detail for row in rows}
    assert by_action["sender changed"] == {"daily_segments": 9}
    assert by_action["protection set"] == {"fields": ["officer"]}, "not who it is"
    assert by_action["caller id rests"] == {"why": "labelled"}


def test_what_fails_is_not_on_record(world: World, typed: Typed) -> None:
    assert typed("senders", "use", OWN).code == 1
    assert typed("sellers", "register", "nobody", "US-TX").code == 1
    assert done(world.store) == []


def test_files_of_the_configuration_are_noted_when_they_change(store: Store, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    first, second = tmp_path / "rules" / "own.toml", tmp_path / "pacing.toml"
    first.write_text("a = 1")
    second.write_text("b = 1")
    assert configuration_watch.note(store, tmp_path, "cli:ops", NOON) == ["pacing.toml", "rules/own.toml"]
    assert configuration_watch.note(store, tmp_path, "cli:ops", NOON) == []
    second.write_text("b = 2")
    later = NOON + timedelta(hours=1)
    assert configuration_watch.note(store, tmp_path, "cli:kim", later) == ["pacing.toml"]
    first.unlink()
    assert configuration_watch.note(store, tmp_path, "cli:kim", later) == ["rules/own.toml"]
    rows = done(store)
    assert [(row.by, row.detail["changed"]) for row in rows] == [
        ("cli:ops", []),
        ("cli:kim", ["pacing.toml"]),
        ("cli:kim", ["rules/own.toml"]),
    ]
    assert rows[0].detail["files"].keys() == {"pacing.toml", "rules/own.toml"}
    with store.read() as tx:
        found = stored.in_force(tx, stored.CONFIGURATION, later, later + timedelta(hours=1))
    assert [row.id for row in found] == [row.id for row in rows], "the one in force at first, and those within"
