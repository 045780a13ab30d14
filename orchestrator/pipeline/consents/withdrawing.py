"""A consent is withdrawn, by whatever means the person chose: one call for form, letter, voice, link and script.

Withdrawing is as easy as giving, and never in doubt: it is on record, it stops what a no stops, and what is on its way
is taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from orchestrator.domain.card_numbers import without_cards
from orchestrator.domain.consent_event import Collection, ConsentEvent, ConsentState, Evidence
from orchestrator.domain.contact_request import Channel, ConsentChannel, Purpose, SuppressionKind
from orchestrator.persistence import cancellations, consent_ledger, consents, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.pipeline.reception.stops import REASON, Stop, keep, suppress, take_back

# A no to being sold to is an objection: it reaches over all that sells (GDPR art. 21(3)), and service goes on.
OBJECTED = frozenset({Purpose.TELEMARKETING, Purpose.FUNDRAISING, Purpose.POLITICAL, Purpose.RESEARCH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a person takes back from one seller: everything, or one channel, or one purpose."""

    seller_id: str
    number: str  # E.164
    means: Collection
    words: str  # how it was said; kept as evidence
    recorded_by: str
    channel: ConsentChannel = ConsentChannel.ANY
    purpose: Purpose | None = None
    happened_at: datetime | None = None  # None: now
    refused: bool = False  # they were asked, and said no


def withdraw(store: Store, said: Withdrawal, now: datetime) -> int:
    """Record the withdrawal and let it take effect at once; the number of its entry.

    All that the person gave is taken back with it where neither channel nor purpose is named. A no to one channel
    leaves the other open to contact that sells nothing; a no to a service purpose stops that purpose alone.
    """
    key = store.keyring.number_key(said.number)
    stops = stops_of(said, key)
    with store.write() as tx:
        if not stops:  # whoever dispatches looks again for a stop, and for nothing else
            consent_ledger.lock_holders(tx, said.seller_id, key)
        entry = consents.record(tx, store.keyring, _event(said, now), now, number_key=key)
        for stop in stops:
            (suppress if _is_whole(said) else keep)(tx, stop, now)
    take_back(store, stops, now)
    if not stops:
        _take_back_service(store, said, now)
    return entry


def stops_of(said: Withdrawal, number_key: bytes) -> Sequence[Stop]:
    """The no that comes with it; none for a purpose that sells nothing, where the consent alone is at stake."""
    if said.purpose is not None and said.purpose not in OBJECTED:
        return ()
    kind = SuppressionKind.DO_NOT_CALL if said.purpose is None else SuppressionKind.OBJECTION
    stop = Stop(
        seller_id=said.seller_id,
        number_key=number_key,
        kind=kind,
        source=f"consent withdrawn by {said.means.value.replace('_', ' ')}",
        channel=said.channel,
    )
    return (stop,)


def _is_whole(said: Withdrawal) -> bool:
    return said.purpose is None and said.channel is ConsentChannel.ANY


def _event(said: Withdrawal, now: datetime) -> ConsentEvent:
    return ConsentEvent(
        seller_id=said.seller_id,
        number=said.number,
        event=ConsentState.REFUSED if said.refused else ConsentState.WITHDRAWN,
        channel=said.channel,
        purpose=said.purpose,
        happened_at=said.happened_at or now,
        collection=said.means,
        recorded_by=said.recorded_by,
        # A no is never refused for what else it says.
        evidence={Evidence.NUMBER: said.number, Evidence.WORDS: without_cards(said.words)},
    )


def _take_back_service(store: Store, said: Withdrawal, now: datetime) -> None:
    """Looks in a new transaction, as every stop does.

    Whoever was deciding about the person has been waited for, and is seen here; whoever decides later sees the entry.
    """
    with store.write() as tx:
        cancellations.file(tx, sorted(_on_their_way(tx, said, store.keyring.number_key(said.number))), REASON, now)


def _on_their_way(tx: Connection, said: Withdrawal, number_key: bytes) -> Sequence[UUID]:
    live = suppressions.live_with(tx, said.seller_id, number_key)
    channels = [channel.value for channel in Channel if said.channel.covers(channel)]
    query = (
        select(attempts.c.id)
        .join(campaigns, campaigns.c.id == attempts.c.campaign_id)
        .where(attempts.c.id.in_(live), campaigns.c.purpose == said.purpose, attempts.c.channel.in_(channels))
    )
    return tx.execute(query).scalars().all()
