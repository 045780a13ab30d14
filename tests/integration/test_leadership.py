"""One worker paces at a time, and its death lets the next one lead."""

import subprocess
import sys
from pathlib import Path

from orchestrator.persistence.leadership import Leadership
from orchestrator.persistence.store import Store, open_engine

HOLDS = """
import sys
from pathlib import Path
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.leadership import Leadership
from orchestrator.persistence.store import Store, open_engine
leadership = Leadership(Store(open_engine(sys.argv[1]), Keyring({}, {})))
print(leadership.hold(), flush=True)
sys.stdin.read()
"""


def test_only_one_leads_and_whoever_lets_go_makes_room(store: Store) -> None:
    first, second = Leadership(store), Leadership(store)
    assert first.hold()
    assert first.hold()
    assert not second.hold()
    first.release()
    assert second.hold()
    second.release()


def test_a_killed_leader_is_followed_by_another(store: Store, database_url: str) -> None:
    command = [sys.executable, "-c", HOLDS, database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "True"
        mine = Leadership(store)
        assert not mine.hold()
        other.kill()
        other.wait()
        while not mine.hold():  # the server notices the closed connection in its own time
            pass
        mine.release()


def test_a_database_opened_by_another_name_has_the_same_leader(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path
) -> None:
    link = tmp_path / "another-name.sqlite3"
    link.symlink_to(sqlite_url.removeprefix("sqlite:///"))
    by_link = Leadership(Store(open_engine(f"sqlite:///{link}"), sqlite_store.keyring))
    first = Leadership(sqlite_store)
    assert first.hold()
    assert not by_link.hold()
    first.release()
    assert by_link.hold()
    by_link.release()
