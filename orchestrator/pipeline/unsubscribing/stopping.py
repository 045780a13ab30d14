"""A person's no by the link: on record with its evidence, in force at once, and what is on its way taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from orchestrator.domain.consent_event import Collection, ConsentEvent, ConsentState
from orchestrator.domain.contact_request import ConsentChannel, SuppressionKind
from orchestrator.persistence import consents, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import consents as consents_table
from orchestrator.pipeline.reception.group_commit import transact
from orchestrator.pipeline.reception.stops import Stop, keep, suppress, take_back

SOURCE = "unsubscribe link"


def stop(store: Store, attempt: Record, channel: ConsentChannel, evidence: Mapping[str, Any], now: datetime) -> None:
    """Stop this seller for the number of the attempt; said again it changes nothing.

    One channel alone leaves the other open to what sells nothing.
    """
    said = Stop(
        seller_id=attempt.seller_id,
        number_key=bytes(attempt.number_key),
        kind=SuppressionKind.DO_NOT_CALL,
        source=SOURCE,
        campaign_id=attempt.campaign_id,
        channel=channel,
    )
    transact(store, lambda tx: _record(tx, store, said, evidence, now))
    take_back(store, [said], now)


def _record(tx: Connection, store: Store, said: Stop, evidence: Mapping[str, Any], now: datetime) -> None:
    if _stands(tx, said):
        return
    (suppress if said.channel is ConsentChannel.ANY else keep)(tx, said, now)
    event = ConsentEvent(
        seller_id=said.seller_id,
        number="",
        event=ConsentState.WITHDRAWN,
        channel=said.channel,
        happened_at=now,
        collection=Collection.WEB_FORM,
        recorded_by="step:people",
        evidence=evidence,
    )
    consents.record(tx, store.keyring, event, now, number_key=said.number_key)


def _stands(tx: Connection, said: Stop) -> bool:
    """Whether the same no stands already, younger than any yes: a button pressed twice is one no."""
    given = select(func.max(consents_table.c.happened_at)).where(
        consents_table.c.seller_id == said.seller_id,
        consents_table.c.number_key == said.number_key,
        consents_table.c.event == ConsentState.GIVEN.value,
    )
    last_yes = tx.execute(given).scalar()
    return any(
        row.kind == said.kind and row.channel in {said.channel, "any"} and (last_yes is None or row.at > last_yes)
        for row in suppressions.standing(tx, said.seller_id, said.number_key)
    )
