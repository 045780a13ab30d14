"""The consent ledger's rows: written once, one event a row."""

from datetime import datetime

from sqlalchemy import Connection, insert

from orchestrator.domain.consent_event import ConsentEvent
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.people import consents

EVIDENCE = "consents.evidence"


def record(
    tx: Connection, keyring: Keyring, event: ConsentEvent, now: datetime, *, number_key: bytes | None = None
) -> int:
    """Write the event; the number of its row.

    ``number_key`` where it is known already: the event's number may then be empty.
    """
    row = {
        "seller_id": event.seller_id,
        "contact_id": event.contact_id,
        "number_key": keyring.number_key(event.number) if number_key is None else number_key,
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
        "evidence_sealed": keyring.seal_json(dict(event.evidence), EVIDENCE) if event.evidence else None,
    }
    written: int = tx.execute(insert(consents).values(row).returning(consents.c.id)).scalar_one()
    return written
