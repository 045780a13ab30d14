"""Signed links out: a token names an attempt, and by it the seller and the number, which are not in it."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.persistence import attempts
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.signed_links import SIGNATURE_BYTES, is_signed, sign
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.engine import Engine

FIELD = "unsubscribe"  # of a template
USE = "unsubscribe"
GOOD_FOR = timedelta(days=365)
EPOCH, A_DAY = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1)  # a day: hosts' clocks differ
ID_BYTES = 16
TOKEN_LETTERS = 32


def token_for(keyring: Keyring, attempt_id: UUID, seller_id: str, number_key: bytes) -> str:
    """32 letters that nobody else can make."""
    signature = sign(keyring, USE, _content(attempt_id, seller_id, number_key))
    return urlsafe_b64encode(attempt_id.bytes + signature).decode()


def way_out(engine: Engine, attempt_id: UUID, seller_id: str, number_key: bytes) -> dict[str, str]:
    """The field that a template may name; without a public address there is none, and such a text is not sent."""
    if engine.people_url is None:
        return {}
    return {FIELD: link(engine.people_url, token_for(engine.store.keyring, attempt_id, seller_id, number_key))}


def example(engine: Engine) -> dict[str, str]:
    """The field as long as it will be, for whoever looks at texts before they are sent; it opens nothing."""
    return {} if engine.people_url is None else {FIELD: link(engine.people_url, "x" * TOKEN_LETTERS)}


def link(people_url: str, token: str) -> str:
    """Where the token's page is."""
    return f"{people_url}/people/u/{token}"


def attempt_of(tx: Connection, keyring: Keyring, token: str, now: datetime) -> Record | None:
    """The attempt that the token names; None for one that is forged, mistyped, expired or no longer on record."""
    read = _parts(token)
    if read is None:
        return None
    attempt_id, signature = read
    if not -A_DAY <= now - EPOCH - _since_epoch(attempt_id) <= GOOD_FOR:
        return None
    attempt = attempts.fetch(tx, attempt_id)
    if attempt is None:
        return None
    content = _content(attempt_id, attempt.seller_id, bytes(attempt.number_key))
    return attempt if is_signed(keyring, USE, content, signature) else None


def _parts(token: str) -> tuple[UUID, bytes] | None:
    if len(token) != TOKEN_LETTERS or not token.isascii():
        return None
    try:
        read = urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        return None
    if len(read) != ID_BYTES + SIGNATURE_BYTES or urlsafe_b64encode(read).decode() != token:
        return None
    return UUID(bytes=read[:ID_BYTES]), read[ID_BYTES:]


def _since_epoch(attempt_id: UUID) -> timedelta:
    """An attempt's id begins with its moment in milliseconds; a forged one may name a year that no calendar has."""
    return timedelta(milliseconds=attempt_id.int >> 80)


def _content(attempt_id: UUID, seller_id: str, number_key: bytes) -> bytes:
    return attempt_id.bytes + number_key + seller_id.encode()
