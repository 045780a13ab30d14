"""A person's no, found in a delivery: suppressed with it, and whatever is on its way is taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.contact_request import ConsentChannel, SuppressionKind
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import cancellations, consents, enrollments, senders, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.people import sellers
from orchestrator.pipeline.reception.group_commit import transact

OPT_OUT_KEY = "9"
REASON = "stop"


CARRIER_WORDS = frozenset({Intent.STOP, Intent.START, Intent.HELP})
Classify = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One seller that this number no longer wants to hear from. ``spare``: the call in which it was said.

    ``channel`` is the one that was named: what sells stops on every channel, other contact on that one alone.
    """

    seller_id: str
    number_key: bytes
    kind: SuppressionKind
    source: str
    campaign_id: int | None = None
    spare: UUID | None = None
    channel: ConsentChannel = ConsentChannel.ANY


def intent_of(event: CarrierEvent, classify: Classify) -> Intent:
    """What the message wants; the carrier's own word counts first."""
    said = (event.opt_out_type or "").lower()
    return Intent(said if said in CARRIER_WORDS else classify(event.body or ""))


def stops_in(tx: Connection, number_key: Callable[[str], bytes], event: CarrierEvent, intent: Intent) -> list[Stop]:
    """Whom the delivery says no to; nobody for most deliveries."""
    if event.kind is EventKind.KEYPRESS and event.digits == OPT_OUT_KEY:
        if event.reference is not None:
            return _keyed_in_our_call(tx, event.reference)
        return _to_owners(tx, number_key, event, SuppressionKind.KEYPRESS_OPT_OUT, "keypress in an inbound call")
    if event.kind is EventKind.INBOUND_MESSAGE and intent in {Intent.STOP, Intent.UNSURE}:
        return _to_owners(tx, number_key, event, SuppressionKind.STOP_REPLY, "reply")
    return []


def suppress(tx: Connection, stop: Stop, now: datetime) -> int:
    """Store the no, over all campaigns and channels of the seller, and end what waits for them; the no's number."""
    suppression_id = keep(tx, stop, now)
    enrollments.suppress(tx, stop.seller_id, stop.number_key, now)
    return suppression_id


def keep(tx: Connection, stop: Stop, now: datetime) -> int:
    """Store the no alone: the number is contacted no more, and whoever else they are waits on; the no's number.

    It is younger than every yes on record, whatever a clock says that was set back or runs behind another's.
    """
    return suppressions.add(
        tx,
        seller_id=stop.seller_id,
        number_key=stop.number_key,
        kind=stop.kind,
        channel=stop.channel,
        campaign_id=stop.campaign_id,
        at=max(now, consents.last_given(tx, stop.seller_id, stop.number_key) or now),
        source=stop.source,
    )


def take_back(store: Store, stops: Sequence[Stop], now: datetime) -> None:
    """File what is still on its way for cancelling.

    Looks in a new transaction, after the no is committed: an attempt that is being made meanwhile either is seen here,
    or sees the no itself when it looks again. Doing it twice changes nothing.
    """
    for stop in stops:
        transact(store, lambda tx, stop=stop: _file(tx, stop, now))  # type: ignore[misc]


def _file(tx: Connection, stop: Stop, now: datetime) -> None:
    live = suppressions.live_with(tx, stop.seller_id, stop.number_key)
    # The call in which it was said ends by its own document.
    cancellations.file(tx, sorted(live - {stop.spare}), REASON, now)


def seller_of_sender(tx: Connection, event: CarrierEvent) -> str | None:
    """Whose number, or messaging service, the delivery came to."""
    return senders.receiving(tx, event.to, event.messaging_service).seller_id


def _keyed_in_our_call(tx: Connection, reference: UUID) -> list[Stop]:
    row = tx.execute(
        select(attempts.c.seller_id, attempts.c.number_key, attempts.c.campaign_id).where(attempts.c.id == reference)
    ).one_or_none()
    if row is None:
        return []
    kind = SuppressionKind.KEYPRESS_OPT_OUT
    return [
        Stop(
            seller_id=row.seller_id,
            number_key=row.number_key,
            kind=kind,
            source="keypress",
            campaign_id=row.campaign_id,
            spare=reference,
        )
    ]


def _to_owners(
    tx: Connection, number_key: Callable[[str], bytes], event: CarrierEvent, kind: SuppressionKind, source: str
) -> list[Stop]:
    """The seller who owns the sender; every seller where nobody is known to, since a no must not fall between."""
    if not event.from_.startswith("+"):  # withheld: there is no number to keep
        return []
    owner = seller_of_sender(tx, event)
    owners = [owner] if owner is not None else tx.execute(select(sellers.c.id)).scalars().all()
    key = number_key(event.from_)
    return [Stop(seller_id=one, number_key=key, kind=kind, source=source) for one in owners]
