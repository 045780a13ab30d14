"""Our stops told to the carrier's own list, where that is switched on: from an outbox, so that nothing is lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from orchestrator.domain.carrier_lists import MOST_NEWS_AT_ONCE, CarrierLists, ConsentNews
from orchestrator.domain.contact_request import Channel, ConsentChannel
from orchestrator.domain.errors import CarrierError
from orchestrator.domain.sender import Sender
from orchestrator.domain.text_sender import SenderType
from orchestrator.log import log
from orchestrator.persistence import dossiers, senders, suppressions, threads
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record, real_now
from orchestrator.persistence.tables.conversations import consent_outbox
from orchestrator.persistence.tables.conversations import threads as threads_table
from orchestrator.persistence.tables.people import contact_points
from orchestrator.persistence.tables.people import suppressions as suppressions_table

NUMBER = "consent_outbox.number"
FILED_AT_ONCE = 50
MOST_TRIES = 8
LONGEST_WAIT_SECONDS = 3600
BY_MESSAGE = {"opt-out": "opt-out-message", "opt-in": "opt-in-message"}


@dataclass(frozen=True, slots=True)
class NewsReport:
    """How many pieces of news were filed, told, and refused for now or for good."""

    filed: int = 0
    told: int = 0
    refused: int = 0


def run_once(store: Store, lists: CarrierLists, now: datetime) -> NewsReport:
    """File what changed, and make one request: whoever rings this once a second stays below 100 a minute."""
    with store.write() as tx:
        filed = _file(tx, store.keyring, now)
    with store.read() as tx:
        rows = _due(tx)
    if not rows:
        return NewsReport(filed)
    told = _tell(store, lists, rows, now)
    return NewsReport(filed, told, len(rows) - told)


def _file(tx: Connection, keyring: Keyring, now: datetime) -> int:
    """Turn stops that the carrier was not told of, and starts, into news for each sender of the seller."""
    fresh = (
        select(suppressions_table)
        .where(suppressions_table.c.news_filed_at.is_(None))
        .order_by(suppressions_table.c.id)
        .limit(FILED_AT_ONCE)
        .with_for_update(skip_locked=True)  # a START while we read is news of its own
    )
    rows = tx.execute(fresh).all()
    latest = {(row.seller_id, bytes(row.number_key)): row for row in rows}
    told = {whose: _news(tx, keyring, row) for whose, row in latest.items()}
    news = [one for of_one in told.values() for one in of_one]
    if news:
        _supersede(tx, [whose for whose, of_one in told.items() if of_one])
        tx.execute(insert(consent_outbox).values(due_at=real_now()), news)
    ids = [row.id for row in rows]
    filed = update(suppressions_table).where(suppressions_table.c.id.in_(ids))
    tx.execute(filed.values(news_filed_at=now))
    return len(news)


def _supersede(tx: Connection, whose: Iterable[tuple[str, bytes]]) -> None:
    """Older news of the number that is still to be told never is: told again late, it would undo what is newer."""
    for seller_id, key in whose:
        theirs = (consent_outbox.c.seller_id == seller_id) & (consent_outbox.c.number_key == key)
        tx.execute(update(consent_outbox).where(theirs, consent_outbox.c.due_at.is_not(None)).values(due_at=None))


def _news(tx: Connection, keyring: Keyring, row: Record) -> list[dict[str, object]]:
    """What the carrier is told of this number; nothing where nobody knows the number itself any more."""
    key = bytes(row.number_key)
    number = _number(tx, keyring, row.seller_id, key)
    if number is None:
        return []
    status = "opt-out" if _stopped(tx, row.seller_id, key) else "opt-in"
    shared = {
        "seller_id": row.seller_id,
        "number_key": key,
        "number_sealed": keyring.seal(number, NUMBER),
        "status": status,
        "source": BY_MESSAGE[status] if row.kind == "stop_reply" else "others",
        "said_at": row.texts_again_at or row.lifted_at or row.at,
    }
    return [
        {**shared, "sender": sender.address, "correlation_id": uuid4().hex}
        for sender in _texting(senders.everyone(tx, row.seller_id))
    ]


def _texting(held: Sequence[Sender]) -> list[Sender]:
    """The seller's messaging services; where there is none, the numbers."""
    services = [sender for sender in held if sender.type is SenderType.SERVICE]
    return services or [sender for sender in held if sender.hears]


def _stopped(tx: Connection, seller_id: str, key: bytes) -> bool:
    return any(
        row.texts_again_at is None and ConsentChannel(row.channel).covers(Channel.SMS)
        for row in suppressions.standing(tx, seller_id, key)
    )


def _number(tx: Connection, keyring: Keyring, seller_id: str, key: bytes) -> str | None:
    for table, context in ((contact_points, dossiers.NUMBER), (threads_table, threads.NUMBER)):
        query = select(table.c.number_sealed).where(table.c.seller_id == seller_id, table.c.number_key == key)
        sealed = tx.execute(query.limit(1)).scalar()
        number = keyring.open(sealed, context) if sealed is not None else ""
        if number:  # of somebody who was erased the row is there, and the number is not
            return number
    return None


def _due(tx: Connection) -> Sequence[Record]:
    query = select(consent_outbox).where(consent_outbox.c.due_at <= real_now())
    return tx.execute(query.order_by(consent_outbox.c.id).limit(MOST_NEWS_AT_ONCE)).all()


def _tell(store: Store, lists: CarrierLists, rows: Sequence[Record], now: datetime) -> int:
    news = [
        ConsentNews(
            correlation_id=row.correlation_id,
            number=store.keyring.open(row.number_sealed, NUMBER),
            sender=row.sender,
            status=row.status,
            source=row.source,
            said_at=row.said_at,
        )
        for row in rows
    ]
    try:
        codes = lists.tell_consents(news)
    except CarrierError as error:
        log.warning("consents.not_told", news=len(rows), error=type(error).__name__, code=error.carrier_code)
        codes = {}
    with store.write() as tx:
        return sum(_settle(tx, row, codes, now) for row in rows)


def _settle(tx: Connection, row: Record, codes: Mapping[str, int], now: datetime) -> bool:
    """Told, or to be told again later, or given up after many tries with the carrier's last word kept."""
    code = codes.get(row.correlation_id)
    if code == 0:
        values: dict[str, object] = {"due_at": None, "told_at": now, "error_code": None}
    elif row.tries + 1 >= MOST_TRIES:
        values = {"due_at": None, "tries": row.tries + 1, "error_code": code}
    else:
        wait = min(2.0**row.tries, LONGEST_WAIT_SECONDS)
        values = {"due_at": real_now(wait), "tries": row.tries + 1, "error_code": code}
    still_to_tell = (consent_outbox.c.id == row.id) & consent_outbox.c.due_at.is_not(None)
    tx.execute(update(consent_outbox).where(still_to_tell).values(values))
    return code == 0
