"""A database opens only under the keys that it was written with, and nothing personal lies in it in clear."""

from pathlib import Path

import pytest
from sqlalchemy import select

from orchestrator.bootstrap import House
from orchestrator.domain.errors import SettingError, UserError, WrongKeyError
from orchestrator.installation import open_store, prove
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.people import contacts
from orchestrator.settings import Settings, load
from tests.world import World, in_memory, numbers


def test_another_key_is_refused_at_start_with_one_sentence(store: Store) -> None:
    other = Store(store.engine, Keyring.parse(Keyring.generate()))
    with pytest.raises(WrongKeyError, match="written with other keys"):
        prove(other, Settings())


def test_a_new_key_in_front_encrypts_and_the_old_one_still_opens(store: Store) -> None:
    old = Keyring.generate()
    ring = Keyring.parse(old)
    sealed = ring.seal("Ada", "x")
    newer = Keyring.parse(f"k2:{Keyring.generate().partition(':')[2]},{old}")
    assert newer.open(sealed, "x") == "Ada"
    assert newer.seal("Ada", "x").startswith(b"k2:")
    assert newer.chained(ring.chain).number_key("+12125550100") == ring.number_key("+12125550100")


def test_what_is_sealed_for_one_column_opens_in_no_other(keyring: Keyring) -> None:
    with pytest.raises(WrongKeyError):
        keyring.open(keyring.seal("Ada", "contacts.profile"), "consents.evidence")


@pytest.mark.parametrize("text", ["", "k1", "k1:short", "k 1:" + "A" * 43 + "=", "k1:" + "A" * 40])
def test_malformed_keys_are_named_and_not_shown(text: str) -> None:
    with pytest.raises(SettingError, match="ORCHESTRATOR_SECRET_KEYS must read") as error:
        Keyring.parse(text)
    assert "A" * 40 not in str(error.value)


def test_on_sqlite_a_key_is_made_once_for_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new").mkdir()
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'o.sqlite3'}")
    monkeypatch.delenv("ORCHESTRATOR_SECRET_KEYS", raising=False)
    first = open_store(load()).keyring.number_key("+12125550100")
    said = capsys.readouterr().err
    key_file = tmp_path / "new" / "o.sqlite3.keys"
    assert "a key was made" in said
    assert "A new database was made" in said
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert open_store(load()).keyring.number_key("+12125550100") == first
    assert capsys.readouterr().err == ""
    key_file.unlink()
    with pytest.raises(WrongKeyError, match="is missing beside the database"):
        open_store(load())


def test_a_new_database_is_nobody_elses_from_its_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However its making ends: a migration that was killed leaves no file that everybody may read."""
    file = tmp_path / "o.sqlite3"

    def die(_: object) -> None:
        assert file.stat().st_mode & 0o777 == 0o600
        raise KeyboardInterrupt

    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", f"sqlite:///{file}")
    monkeypatch.delenv("ORCHESTRATOR_SECRET_KEYS", raising=False)
    monkeypatch.setattr("orchestrator.persistence.migrate.upgrade", die)
    with pytest.raises(KeyboardInterrupt):
        open_store(load())


def test_on_postgresql_a_missing_key_and_an_empty_database_are_errors(
    postgres_cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_cluster.format(name="postgres")
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", url)
    monkeypatch.delenv("ORCHESTRATOR_SECRET_KEYS", raising=False)
    with pytest.raises(SettingError, match="ORCHESTRATOR_SECRET_KEYS is not set"):
        open_store(load())
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", Keyring.generate())
    with pytest.raises(UserError, match="orchestrator migrate"):
        open_store(load())


def test_no_number_and_no_name_lies_in_the_file_in_clear(sqlite_store: Store, sqlite_url: str) -> None:
    world = World(sqlite_store, in_memory(lambda: world.now))
    campaign, people = world.a_campaign(), numbers(5, start=10)
    world.enrol(campaign, *[world.a_contact([number]) for number in people])
    world.dispatch(campaign)
    world.close()
    with sqlite_store.read() as tx:
        assert tx.execute(select(contacts.c.id)).all()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    for secret in (*people, *(number[2:] for number in people), "Ada"):
        assert secret.encode() not in content


def test_a_database_that_cannot_be_reached_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", "mysql://localhost/x")
    with pytest.raises(SettingError, match="must begin with sqlite:/// or postgresql://"):
        _ = House(load()).store


def test_a_database_in_memory_is_refused_since_several_processes_share_it() -> None:
    with pytest.raises(SettingError, match="names no file"):
        open_engine("sqlite://")
