"""The consent ledger's rows: written once, one event a row, and never changed but by the law."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, func, insert, select

from orchestrator.domain.consent_event import ConsentEvent, ConsentState, Evidence
from orchestrator.persistence import own_words
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.consenting import consent_terms
from orchestrator.persistence.tables.people import consents

EVIDENCE = "consents.evidence"
Row = Mapping[str, Any]
# Number key, channel, level, whether machines are covered, purpose, and when it was given where that is proven.
Identity: TypeAlias = tuple[bytes, str, str | None, bool, str | None, datetime | None]


def record(
    tx: Connection, keyring: Keyring, event: ConsentEvent, now: datetime, *, number_key: bytes | None = None
) -> int:
    """Write the event; the number of its row.

    ``number_key`` where it is known already: the event's number may then be empty.
    """
    key = keyring.number_key(event.number) if number_key is None else number_key
    row = row_of(keyring, event, key, now, terms_id=terms_of(tx, event.seller_id))
    written: int = tx.execute(insert(consents).values(row).returning(consents.c.id)).scalar_one()
    own_words.heard(tx, event, key, now)
    return written


def row_of(keyring: Keyring, event: ConsentEvent, key: bytes, now: datetime, *, terms_id: int | None) -> Row:
    """The event as a row, sealed: every row names the same columns, so that many go in at once."""
    return {
        "seller_id": event.seller_id,
        "contact_id": event.contact_id,
        "number_key": key,
        "event": event.event.value,
        "channel": event.channel.value,
        "level": event.level.value if event.level is not None else None,
        "automated": event.automated,
        "happened_at": event.happened_at,
        "recorded_at": now,
        "expires_at": event.expires_at,
        "states_period": event.states_period,
        "source": event.source.value if event.source is not None else None,
        "subject": event.subject,
        "to_caller": event.to_caller,
        "opt_out_offered": event.opt_out_offered,
        "evidence_sealed": _sealed(keyring, event.evidence),
        "record_id": event.record_id or new_id(now),
        "purpose": event.purpose.value if event.purpose is not None else None,
        "language": event.language,
        "jurisdiction": event.jurisdiction,
        "collection": event.collection.value if event.collection is not None else None,
        "notice": event.notice,
        "notice_version": event.notice_version,
        "recorded_by": event.recorded_by,
        "list_id": event.list_id,
        "terms_id": terms_id,
    }


def terms_of(tx: Connection, seller_id: str) -> int | None:
    """The terms that the seller asks for consent on today: the newest; None where none were ever named."""
    newest = select(consent_terms.c.id).where(consent_terms.c.seller_id == seller_id)
    return tx.execute(newest.order_by(consent_terms.c.id.desc()).limit(1)).scalar_one_or_none()


def last_given(tx: Connection, seller_id: str, number_key: bytes) -> datetime | None:
    """The moment of the youngest yes on record for the number; None where there is none."""
    query = select(func.max(consents.c.happened_at)).where(
        consents.c.seller_id == seller_id,
        consents.c.number_key == number_key,
        consents.c.event == ConsentState.GIVEN.value,
    )
    found: datetime | None = tx.execute(query).scalar()
    return found


def known(tx: Connection, seller_id: str, number_keys: Collection[bytes]) -> set[Identity]:
    """What tells apart every consent that was given for these numbers."""
    query = select(
        consents.c.number_key,
        consents.c.channel,
        consents.c.level,
        consents.c.automated,
        consents.c.purpose,
        consents.c.happened_at,
        consents.c.evidence_sealed.is_not(None).label("proven"),
    ).where(
        consents.c.seller_id == seller_id,
        consents.c.number_key.in_(number_keys),
        consents.c.event == ConsentState.GIVEN.value,
    )
    return {_identity(row) for row in tx.execute(query)}


def _identity(row: Record) -> Identity:
    given_at = row.happened_at if row.proven else None
    return bytes(row.number_key), row.channel, row.level, row.automated, row.purpose, given_at


def _sealed(keyring: Keyring, evidence: Mapping[str, Any] | None) -> bytes | None:
    """Evidence as it is kept: the text shown goes with its hash, so that a copy of it can be compared."""
    if not evidence:
        return None
    kept = dict(evidence)
    if text := kept.get(Evidence.TEXT):
        kept.setdefault(Evidence.TEXT_SHA256, hashlib.sha256(str(text).encode()).hexdigest())
    return keyring.seal_json(kept, EVIDENCE)
