"""Somebody with the database file in their hands: whatever they do to what was sealed is found, and named.

They have a copy of the file and SQLite's own tools, and not the keys.
"""
# ruff: noqa: S608 - the attacker's words

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Integer, LargeBinary, Uuid

from orchestrator.installation import prove
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.sealing.subject import Subject
from orchestrator.persistence.sealing.subjects import CONTENTS, SUBJECTS
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.columns import Moment
from orchestrator.pipeline.sealing.findings import VerifyReport
from orchestrator.pipeline.sealing.heads import export
from orchestrator.pipeline.sealing.verifying import verify
from orchestrator.settings import Settings
from tests.integration.sealing.history import a_history, sealed, unguard
from tests.world import NOON

HELD = [subject for subject in SUBJECTS if subject.form != "rejudgements.made/1"]


class Attacker:
    """A copy of the sealed file, changed by hand."""

    def __init__(self, path: Path, keyring: Keyring) -> None:
        self.path, self.keyring = path, keyring

    def run(self, statement: str, *values: object) -> int:
        """Change the file; how many rows that touched."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            return connection.execute(statement, values).rowcount
        finally:
            connection.close()

    def ask(self, query: str, *values: object) -> tuple[object, ...]:
        connection = sqlite3.connect(self.path)
        try:
            found: tuple[object, ...] = connection.execute(query, values).fetchone()
            return found
        finally:
            connection.close()

    def verified(self, **more: object) -> VerifyReport:
        engine = open_engine(f"sqlite:///{self.path}")
        try:
            return verify(Store(engine, self.keyring), NOON + timedelta(hours=1), **more)  # type: ignore[arg-type]
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def sealed_file(sqlite_template: Path, keyring: Keyring, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything is sealed, once for all attacks."""
    folder = tmp_path_factory.mktemp("sealed")
    shutil.copy(sqlite_template, folder / "own.sqlite3")
    engine = open_engine(f"sqlite:///{folder / 'own.sqlite3'}")
    store = prove(Store(engine, keyring), Settings())
    sealed(a_history(store))
    unguard(store)
    path = taken(store, folder / "sealed.sqlite3").path
    engine.dispose()
    return path


@pytest.fixture
def attacker(sealed_file: Path, keyring: Keyring, tmp_path: Path) -> Attacker:
    """A copy of the file is in their hands."""
    return Attacker(Path(shutil.copy(sealed_file, tmp_path / "copy.sqlite3")), keyring)


def taken(store: Store, path: Path) -> Attacker:
    """The file as it is, with what its log of writes holds."""
    with sqlite3.connect(str(store.engine.url.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(str(store.engine.url.database), path)
    return Attacker(path, store.keyring)


def another(column: Column[object]) -> str:
    """SQL for another value than the column's own."""
    name, kind = f'"{column.name}"', column.type
    if isinstance(kind, LargeBinary | Uuid):
        return "'00000000000070008000000000000000'" if isinstance(kind, Uuid) else "x'00000000000000000000000000000000'"
    if isinstance(kind, JSON):
        return """'["another"]'"""
    if isinstance(kind, Boolean):
        return f"NOT COALESCE({name}, 0)"
    if isinstance(kind, Moment):
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', COALESCE({name}, '2026-11-23 17:00:00'), '+1 second')"
    if isinstance(kind, Date):
        return f"date(COALESCE({name}, '2026-01-01'), '+1 day')"
    return f"COALESCE({name}, 0) + 100" if isinstance(kind, Integer) else f"COALESCE({name}, '') || 'x'"


def test_every_column_that_was_sealed_is_found_edited(
    attacker: Attacker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each kind one row, of that one column: all kinds at once, and their columns one after the other."""
    monkeypatch.setattr("orchestrator.pipeline.sealing.findings.FINDINGS_KEPT", 100)
    assert attacker.verified().is_sound
    longest = max(len(subject.columns) for subject in HELD)
    for n in range(1, longest):  # the first is the row's own name: of a row without it, see those that are deleted
        copy = Attacker(Path(shutil.copy(attacker.path, tmp_path / "one.sqlite3")), attacker.keyring)
        edited = {_edited(copy, subject, subject.columns[n]) for subject in HELD if n < len(subject.columns)}
        found = [(one.relation, one.row_id) for one in copy.verified().findings]
        assert set(found) == edited, f"the columns of number {n}"


def _edited(attacker: Attacker, subject: Subject, name: str) -> tuple[str, str]:
    """The row of that kind that was edited: of kinds that share a table each its own."""
    table, condition = subject.relation.name, subject.ready.replace("r.", "")
    (key,) = attacker.ask(f'SELECT "{subject.key}" FROM {table} WHERE {condition} ORDER BY rowid LIMIT 1')
    new = another(subject.relation.c[name])
    assert attacker.run(f'UPDATE {table} SET "{name}" = {new} WHERE "{subject.key}" = ?', key) == 1
    return table, str(key)


def test_every_row_that_was_sealed_is_found_deleted(attacker: Attacker, tmp_path: Path) -> None:
    for subject in HELD:
        copy = Attacker(Path(shutil.copy(attacker.path, tmp_path / "one.sqlite3")), attacker.keyring)
        table, condition = subject.relation.name, subject.ready.replace("r.", "")
        (key,) = copy.ask(f'SELECT "{subject.key}" FROM {table} WHERE {condition} LIMIT 1')
        copy.run(f'DELETE FROM {table} WHERE "{subject.key}" = ?', key)
        found = copy.verified().findings
        assert (found[0].relation, found[0].row_id) == (table, str(key))
        assert "gone" in found[0].wrong
        assert found[0].position is not None


@pytest.mark.parametrize("value", ["x'00ff'", "CAST(x'ff' AS TEXT)", "'[not JSON'", "1.5", "char(0)"])
def test_what_fits_no_column_is_found_and_named_as_well(attacker: Attacker, value: str) -> None:
    """SQLite takes anything anywhere; what stands behind it in the log is verified all the same."""
    attacker.run(f"UPDATE decisions SET rules = {value}, mode = {value} WHERE rowid = 2")
    attacker.run("UPDATE consents SET level = 'express' WHERE id = 6")
    ((key,), found) = attacker.ask("SELECT id FROM decisions WHERE rowid = 2"), attacker.verified().findings
    assert {(one.relation, one.row_id) for one in found} == {("decisions", key), ("consents", "6")}


def test_words_that_were_sealed_are_found_taken_away_and_exchanged(attacker: Attacker, tmp_path: Path) -> None:
    """The words of another row open with the same key: that they are not this row's is found all the same."""
    for form, (subject, content) in CONTENTS.items():
        copy = Attacker(Path(shutil.copy(attacker.path, tmp_path / "one.sqlite3")), attacker.keyring)
        table, column = subject.relation.name, content.column
        (key,) = copy.ask(f"SELECT id FROM {table} WHERE {column} IS NOT NULL LIMIT 1")
        other = attacker.keyring.seal("other words", content.context) if content.context else "other words"
        for value in (other, b"k1:" + b"0" * 40, b""):
            copy.run(f"UPDATE {table} SET {column} = ? WHERE id = ?", value, key)
            assert [(one.row_id, one.wrong) for one in copy.verified().findings] == [
                (str(key), "its words are not those that were sealed")
            ], form


def test_an_entry_taken_from_the_log_is_missed(attacker: Attacker) -> None:
    (row,) = attacker.ask("SELECT row_id FROM seals WHERE log = 'acme' AND position = 5")
    attacker.run("DELETE FROM seals WHERE log = 'acme' AND position = 5")
    report = attacker.verified()
    assert (report.findings[0].position, report.findings[0].wrong) == (5, "entry 5 is missing from the log")
    assert next(log.good for log in report.logs if log.log == "acme") is None
    assert row in {finding.row_id for finding in report.findings}, "its row has no entry any more"


def test_entries_that_change_places_are_found_at_the_first(attacker: Attacker) -> None:
    for position, becomes in ((3, 9000), (5, 3), (9000, 5)):
        attacker.run("UPDATE seals SET position = ? WHERE log = 'acme' AND position = ?", becomes, position)
    found = attacker.verified().findings
    assert [finding.position for finding in found[:2]] == [3, 5]


@pytest.mark.parametrize("column", ["form", "row_id", "salt", "commitment", "removed_by"])
def test_an_entry_that_is_edited_is_found(attacker: Attacker, column: str) -> None:
    value = {
        "form": "'consents.recorded/1'",
        "row_id": "'no-such-row'",
        "salt": "NULL",
        "commitment": "zeroblob(32)",
        "removed_by": "1, salt = NULL",
    }[column]
    attacker.run(f"UPDATE seals SET {column} = {value} WHERE log = 'acme' AND position = 4")
    assert attacker.verified().findings[0].position == 4


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE seal_heads SET root = zeroblob(32)",
        "UPDATE seal_heads SET at = '2026-11-23 18:00:00.000000'",
        "UPDATE seal_heads SET complete = NOT complete",
        "UPDATE seal_heads SET mac = zeroblob(32)",
        "UPDATE seal_heads SET size = size + 1",
        "UPDATE seal_logs SET size = size - 1",
        "UPDATE seal_logs SET frontier = zeroblob(length(frontier))",
        "UPDATE seal_logs SET mac = zeroblob(32)",
        "UPDATE seal_logs SET key_sealed = zeroblob(32)",
        "UPDATE seal_heads SET at = 'never'",
        "UPDATE seals SET salt = 'text'",
        "UPDATE seals SET form = x'ff', row_id = x'ff' WHERE log = 'acme' AND position = 4",
        "UPDATE seals SET form = 'unheard.of/9' WHERE log = 'acme' AND position = 4",
        "DELETE FROM seal_logs",
    ],
)
def test_what_is_kept_of_a_log_is_found_edited(attacker: Attacker, change: str) -> None:
    attacker.run(change)
    assert not attacker.verified().is_sound


def test_a_tail_that_is_cut_is_found_by_the_logs_own_note(attacker: Attacker) -> None:
    (size,) = attacker.ask("SELECT size FROM seal_logs WHERE log = 'acme'")
    attacker.run("DELETE FROM seals WHERE log = 'acme' AND position >= ?", int(str(size)) - 2)
    attacker.run("DELETE FROM seal_heads WHERE log = 'acme'")
    wrong = [finding.wrong for finding in attacker.verified().findings]
    assert f"the log was cut: it holds {int(str(size)) - 2} entries of {size}" in wrong


def test_a_whole_older_file_is_found_by_a_head_that_was_kept_elsewhere(sqlite_store: Store, tmp_path: Path) -> None:
    """Rows, log and heads put back together are sound in themselves: only what left the house knows of the rest."""
    world = a_history(sqlite_store, people=2)
    sealed(world)
    older = taken(sqlite_store, tmp_path / "older.sqlite3")
    world.a_contact(["+12125550177"], automated=True)
    world.now += timedelta(seconds=10)
    sealed(world)
    kept = export(sqlite_store, world.now)
    assert older.verified().is_sound
    found = older.verified(kept=kept.roots).findings
    assert [finding.log for finding in found] == ["acme"]
    assert found[0].wrong.startswith("the log was cut: a head kept elsewhere is over")
    assert taken(sqlite_store, tmp_path / "newer.sqlite3").verified(kept=kept.roots).is_sound
    other = {log: dict.fromkeys(roots, b"0" * 32) for log, roots in kept.roots.items()}
    assert len(taken(sqlite_store, tmp_path / "other.sqlite3").verified(kept=other).findings) == 2


@pytest.mark.parametrize("marked", ["sealed_in", "NULL"])
def test_a_row_that_is_slipped_in_is_found(attacker: Attacker, marked: str) -> None:
    """Marked as sealed it has no entry; unmarked it says that it is of a time when all was sealed."""
    columns = ", ".join(f'"{column.name}"' for column in SUBJECTS[2].relation.c)
    values = columns.replace('"id"', "9999").replace('"sealed_in"', marked)
    values = values.replace('"recorded_at"', "'2026-10-01 12:00:00.000000'")
    attacker.run(f"INSERT INTO consents ({columns}) SELECT {values} FROM consents LIMIT 1")
    assert [(one.relation, one.row_id) for one in attacker.verified().findings] == [("consents", "9999")]


def test_a_removal_that_is_made_up_takes_nothing_away(attacker: Attacker) -> None:
    """Rewriting the note of another removal licenses nothing: that one was sealed."""
    attacker.run("UPDATE removals SET rows = '[\"1\"]', relation = 'consents'")
    attacker.run("DELETE FROM consents WHERE id = 1")
    found = {(one.relation, one.row_id) for one in attacker.verified().findings}
    assert {("consents", "1"), ("removals", "1")} <= found
