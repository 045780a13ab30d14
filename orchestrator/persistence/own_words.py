"""The person's own yes, with its proof: what alone opens again what they stopped, as the gate reads it."""

from collections import defaultdict
from collections.abc import Collection as Group
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from orchestrator.compliance.consent_needed import GIVEN
from orchestrator.compliance.suppression import THE_PERSONS_OWN
from orchestrator.domain.consent_event import Collection, ConsentEvent, ConsentState
from orchestrator.domain.contact_request import Channel, ConsentChannel, SuppressionKind
from orchestrator.persistence import erasures
from orchestrator.persistence.tables.people import consents

OWN = (
    consents.c.event == ConsentState.GIVEN.value,
    consents.c.level.in_([level.value for level in GIVEN]),
    consents.c.source.in_([source.value for source in THE_PERSONS_OWN]),
    or_(consents.c.collection.is_(None), consents.c.collection != Collection.IMPORT.value),
    consents.c.to_caller,
    consents.c.evidence_sealed.is_not(None),
)
# Whoever is restricted, or asked to cease, does not change that by agreeing to be contacted.
ENDED_BY_A_NEW_YES = frozenset(
    {
        SuppressionKind.DO_NOT_CALL,
        SuppressionKind.STOP_REPLY,
        SuppressionKind.KEYPRESS_OPT_OUT,
        SuppressionKind.OBJECTION,
        SuppressionKind.ERASED,
    }
)


def latest(tx: Connection, seller_id: str, number_keys: Group[bytes]) -> Mapping[bytes, Mapping[Channel, datetime]]:
    """When each of these numbers last said yes to the seller of their own accord, by channel."""
    query = (
        select(consents.c.number_key, consents.c.channel, func.max(consents.c.happened_at).label("at"))
        .where(consents.c.seller_id == seller_id, consents.c.number_key.in_(number_keys), *OWN)
        .group_by(consents.c.number_key, consents.c.channel)
    )
    found: dict[bytes, dict[Channel, datetime]] = defaultdict(dict)
    for row in tx.execute(query) if number_keys else ():
        said = found[bytes(row.number_key)]
        for channel in Channel:
            if ConsentChannel(row.channel).covers(channel):
                said[channel] = max(said.get(channel, row.at), row.at)
    return found


def is_own(event: ConsentEvent) -> bool:
    """Whether this is such a yes."""
    return (
        event.event is ConsentState.GIVEN
        and event.level in GIVEN
        and event.source in THE_PERSONS_OWN
        and event.collection is not Collection.IMPORT
        and event.to_caller
        and event.evidence is not None
    )


def heard(tx: Connection, event: ConsentEvent, number_key: bytes, now: datetime) -> None:
    """Let the own id of somebody who was erased come in again, now that they have said yes anew."""
    if is_own(event):
        erasures.lift(tx, event.seller_id, number_key, now)
