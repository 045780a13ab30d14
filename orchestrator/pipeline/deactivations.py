"""Numbers that carriers took back: dead for us, and what was agreed under them is void, whoever has them next."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, insert, select

from orchestrator.domain.carrier_lists import CarrierLists
from orchestrator.domain.consent_event import ConsentEvent, ConsentState
from orchestrator.domain.consent_standing import ended_by
from orchestrator.domain.contact_request import ConsentChannel
from orchestrator.domain.errors import CarrierError
from orchestrator.log import log
from orchestrator.persistence import number_facts
from orchestrator.persistence.by_number import of_any_seller
from orchestrator.persistence.consents import record
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import deactivation_days, threads
from orchestrator.persistence.tables.people import consents, contact_points

BY = "step:deactivations"
SAID = (
    *(consents.c.seller_id, consents.c.number_key, consents.c.contact_id, consents.c.event, consents.c.channel),
    *(consents.c.purpose, consents.c.happened_at, consents.c.record_id),
)
DAYS_BACK = 30  # nights that nobody worked are made up for


@dataclass(frozen=True, slots=True)
class DeactivationReport:
    """A day's list: how many numbers it names, how many of them are on our lists, how many consents it voided."""

    day: date
    listed: int
    known: int
    consents: int


def run_once(store: Store, lists: Callable[[], CarrierLists], now: datetime) -> list[DeactivationReport]:
    """Read the days that are over and were not read yet; a day that cannot be had now is asked for again."""
    reports = []
    with store.read() as tx:
        days = _due(tx, now.astimezone(UTC).date() - timedelta(days=1))
    for day in days:
        try:
            reports.append(read_day(store, lists(), day, BY, now))
        except CarrierError as error:
            log.warning("deactivations.not_read", day=str(day), error=type(error).__name__, code=error.carrier_code)
            break
    return reports


def read_day(store: Store, lists: CarrierLists, day: date, by: str, now: datetime) -> DeactivationReport:
    """Read the carriers' list of a day and write what it says of numbers that we know; doing it twice adds nothing."""
    numbers = lists.deactivated_on(day)
    known = voided = 0
    for start in range(0, len(numbers), store.bulk_rows):
        keys = [store.keyring.number_key(number) for number in numbers[start : start + store.bulk_rows]]
        with store.write() as tx:
            ours = _known(tx, keys)
            for key in ours:
                number_facts.mark_dead(tx, key, f"deactivated by its carrier on {day}", now)
            voided += _void(tx, store.keyring, ours, day, now)
        known += len(ours)
        store.rest()
    report = DeactivationReport(day, len(numbers), known, voided)
    with store.write() as tx:
        _note(tx, report, by, now)
    return report


def _due(tx: Connection, latest: date) -> list[date]:
    """Days without a look, the oldest first; a new installation begins with the latest."""
    earliest = latest - timedelta(days=DAYS_BACK)
    query = select(deactivation_days.c.day).where(deactivation_days.c.day >= earliest)
    done = set(tx.execute(query).scalars())
    first = min(done, default=latest)
    return [day for day in (first + timedelta(days=n) for n in range((latest - first).days + 1)) if day not in done]


def _known(tx: Connection, keys: Sequence[bytes]) -> list[bytes]:
    found = {
        bytes(key)
        for table in (contact_points, consents, threads)
        for key in tx.execute(select(table.c.number_key).where(of_any_seller(table, keys))).scalars()
    }
    return sorted(found)


def _void(tx: Connection, keyring: Keyring, keys: Iterable[bytes], day: date, now: datetime) -> int:
    """Consents given up to the end of that day end with it; a later one is the next owner's."""
    last_second = datetime.combine(day, time(23, 59, 59), UTC)
    said = select(*SAID).where(of_any_seller(consents, list(keys)), consents.c.happened_at <= last_second)
    about: dict[tuple[str, bytes], list[Record]] = defaultdict(list)
    for row in tx.execute(said.order_by(consents.c.id)):
        about[row.seller_id, bytes(row.number_key)].append(row)
    # A number may be taken back more than once, and what its last owner agreed to is void as well.
    standing = {whose: one for whose, rows in about.items() if (one := _last_that_stands(rows)) is not None}
    for (seller_id, key), given in sorted(standing.items(), key=lambda item: item[0]):
        record(tx, keyring, _voided(seller_id, given.contact_id, last_second), now, number_key=key)
    return len(standing)


def _last_that_stands(rows: Sequence[Record]) -> Record | None:
    given = [row for row in rows if row.event == ConsentState.GIVEN and ended_by(row, rows) is None]
    return given[-1] if given else None


def _voided(seller_id: str, contact_id: int | None, at: datetime) -> ConsentEvent:
    return ConsentEvent(
        seller_id=seller_id,
        number="",
        event=ConsentState.INVALIDATED,
        channel=ConsentChannel.ANY,
        happened_at=at,
        contact_id=contact_id,
        recorded_by=BY,
    )


def _note(tx: Connection, report: DeactivationReport, by: str, now: datetime) -> None:
    tx.execute(deactivation_days.delete().where(deactivation_days.c.day == report.day))
    row = {"day": report.day, "read_at": now, "listed": report.listed, "known": report.known, "by": by}
    tx.execute(insert(deactivation_days).values(row))
