"""The installation's own Ed25519 key: made once, kept sealed, and what every head that leaves is signed with."""

from base64 import b64decode, b64encode
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.seals import signing_keys

PRIVATE = "signing_keys.private"
ONLY = 1


def signing_key(store: Store, now: datetime) -> Ed25519PrivateKey:
    """The key; made where there is none, once over all processes. Raises WrongKeyError."""
    query = select(signing_keys.c.private_sealed).where(signing_keys.c.id == ONLY)
    with store.read() as tx:
        kept = tx.execute(query).scalar()
    if kept is None:
        with store.write() as tx:
            build = sqlite.insert if store.is_sqlite else postgresql.insert
            tx.execute(build(signing_keys).values(_fresh(store, now)).on_conflict_do_nothing())
            kept = tx.execute(query).scalar_one()
    return Ed25519PrivateKey.from_private_bytes(b64decode(store.keyring.open(kept, PRIVATE)))


def _fresh(store: Store, now: datetime) -> dict[str, object]:
    key = Ed25519PrivateKey.generate()
    private = b64encode(key.private_bytes_raw()).decode()
    return {
        "id": ONLY,
        "public_key": key.public_key().public_bytes_raw(),
        "private_sealed": store.keyring.seal(private, PRIVATE),
        "made_at": now,
    }


def public_key(store: Store) -> bytes | None:
    """The key that heads of this installation are checked with; None before the first left it."""
    with store.read() as tx:
        found = tx.execute(select(signing_keys.c.public_key).where(signing_keys.c.id == ONLY)).scalar()
    return None if found is None else bytes(found)
