"""A number that turns out to be somebody else's."""

from datetime import datetime

from sqlalchemy import Connection, delete

from orchestrator.domain.consent_event import ConsentEvent, ConsentState
from orchestrator.domain.contact_request import ConsentChannel
from orchestrator.persistence import consents
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.people import contact_points


def part(
    tx: Connection, keyring: Keyring, *, seller_id: str, contact_id: int, number_key: bytes, now: datetime
) -> bool:
    """Take the number from the person and end every consent for it; False where they had not got it any more.

    The end of the consents is a row of its own: one that is imported later with an earlier date counts nowhere.
    """
    ended = ConsentEvent(
        seller_id=seller_id,
        contact_id=contact_id,
        number="",
        event=ConsentState.INVALIDATED,
        channel=ConsentChannel.ANY,
        happened_at=now,
    )
    consents.record(tx, keyring, ended, now, number_key=number_key)
    theirs = contact_points.c.contact_id == contact_id, contact_points.c.number_key == number_key
    return tx.execute(delete(contact_points).where(*theirs)).rowcount > 0
