"""Which security measures are really on: each is looked at, and what is off is said as plainly."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.seals import seal_heads

OTHERS_MAY = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What of the settings bears on security. ``file``: of SQLite. ``keys_beside``: no key is set elsewhere."""

    file: Path | None
    keys_beside: bool
    public_url: str | None
    carrier_url: str | None


Said = tuple[bool, str]  # whether it is on, and the sentence


def measures(store: Store, around: Around) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is on, and what is not."""
    said = [*_always(store), _database(store, around), _keys(around), *_transport(around), _sealing(store)]
    return tuple(sentence for on, sentence in said if on), tuple(sentence for on, sentence in said if not on)


def _always(store: Store) -> Iterator[Said]:
    keys = len(store.keyring.ciphers)
    yield (
        True,
        f"Names, addresses, numbers, texts and notes are encrypted field by field (AES-GCM, {keys} in the ring).",
    )
    yield True, "Numbers are joined and indexed by a keyed hash alone (pseudonymised)."
    yield True, "Logs hide all but the last two digits of every number."
    yield True, "Callbacks of the carrier are refused without its signature."
    yield True, "Readings of people's data in bulk are on record with who, why and whose (`evidence accesses`)."


def _database(store: Store, around: Around) -> Said:
    if around.file is not None:
        closed = not around.file.stat().st_mode & OTHERS_MAY
        return _one(
            closed,
            "The database file can be read by its owner alone.",
            f"Other users of the machine can read the database; close it with `chmod 600 {around.file.name}`.",
        )
    with store.read() as tx:
        query = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        encrypted = bool(tx.execute(query).scalar_one_or_none())
    return _one(
        encrypted,
        "The connection to the database is encrypted (asked of the server).",
        "The connection to the database is not encrypted; add sslmode=verify-full if it leaves the machine.",
    )


def _keys(around: Around) -> Said:
    return _one(
        not around.keys_beside,
        "The keys are not read from a file beside the database.",
        "The key lies beside the database: whoever copies the folder has both; set ORCHESTRATOR_SECRET_KEYS.",
    )


def _transport(around: Around) -> Iterator[Said]:
    yield _one(
        around.carrier_url is None or around.carrier_url.startswith("https://"),
        "Requests to the carrier travel under TLS.",
        "Requests to the carrier do not travel under TLS: they stay on this machine, as in a trial.",
    )
    if around.public_url is not None:
        yield _one(
            around.public_url.startswith("https://"),
            "The carrier's callbacks come under TLS.",
            "The carrier's callbacks come without TLS; set ORCHESTRATOR_PUBLIC_URL to an https address.",
        )


def _sealing(store: Store) -> Said:
    with store.read() as tx:
        any_head = tx.execute(select(seal_heads.c.log).limit(1)).first() is not None
    return _one(
        any_head,
        "Decisions, attempts, consents and refusals are sealed into logs that show tampering.",
        "Nothing is sealed yet: a worker seals decisions, consents and refusals as it runs.",
    )


def _one(on: bool, so: str, not_so: str) -> Said:
    return on, so if on else not_so
