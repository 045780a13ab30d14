"""A number that turns out to be somebody else's."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert

from orchestrator.domain.contact_request import ConsentChannel
from orchestrator.persistence.tables.people import consents, contact_points


def part(tx: Connection, *, seller_id: str, contact_id: int, number_key: bytes, now: datetime) -> bool:
    """Take the number from the person and end every consent for it; False where they had not got it any more.

    The end of the consents is a row of its own: one that is imported later with an earlier date counts nowhere.
    """
    ended = {
        "seller_id": seller_id,
        "contact_id": contact_id,
        "number_key": number_key,
        "event": "withdrawn",
        "channel": ConsentChannel.ANY,
        "happened_at": now,
        "recorded_at": now,
    }
    tx.execute(insert(consents).values(ended))
    theirs = contact_points.c.contact_id == contact_id, contact_points.c.number_key == number_key
    return tx.execute(delete(contact_points).where(*theirs)).rowcount > 0
