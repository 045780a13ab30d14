"""Hold a day of our books against the carrier's own list of it: nothing may leave the account undecided.

The carrier's pages are sorted one by one, and each page's alarms are stored before the next is asked for. Of a day only
the names that were listed stay in memory.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from orchestrator.domain.carrier import Carrier
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import CarrierBusyError, CarrierError
from orchestrator.domain.reconciling import AlarmKind, Sort
from orchestrator.log import log
from orchestrator.persistence import carrier_books, reconciliations
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.reconcile_sorting import Books, Sorted, open_books

NO_SUCH_RECORD = 20404
FRESH = timedelta(minutes=10)  # what the carrier was just given it may not show yet
ASKED_AT_MOST = 2000  # attempts of a channel that are asked for by name, a request each
LOGGED_AT_MOST = 50  # alarms of one look that the log names


@dataclass
class DayReport:
    """What one look at a day came to. ``unasked``: attempts not listed that were too many to be asked for by name."""

    day: date
    tally: Counter[str] = field(default_factory=Counter)
    raised: int = 0
    cleared: int = 0
    unasked: int = 0
    open: int = 0


def reconcile_day(
    store: Store,
    carrier: Carrier,
    day: date,
    by: str,
    now: Callable[[], datetime],
    progress: Callable[[int], None] = lambda _: None,
) -> DayReport:
    """Look at the day (UTC). Raises CarrierBusyError where the carrier does not answer: the look has no end then."""
    with store.write() as tx:
        number = reconciliations.begin(tx, day, by, now())
    report, look = DayReport(day), _Look(store, carrier, day, now, progress, open_books(store))
    for channel in (Channel.VOICE, Channel.SMS):
        look.at(channel, report)
    with store.write() as tx:
        reconciliations.finish(tx, number, report.tally, now())
        report.open = reconciliations.count_open(tx, day)
    if report.raised:
        log.error("carrier.reconciled_with_alarms", day=str(day), raised=report.raised, open=report.open)
    return report


@dataclass
class _Look:
    store: Store
    carrier: Carrier
    day: date
    now: Callable[[], datetime]
    progress: Callable[[int], None]
    books: Books
    agents_calls: dict[str, bool] = field(default_factory=dict)

    def at(self, channel: Channel, report: DayReport) -> None:
        """All that the carrier lists, then what it should have listed."""
        listed: set[str] = set()
        for page in self.carrier.began_on(channel, self.day):
            listed.update(record.sid for record in page)
            found = self.books.sort(page, self._is_agents)
            report.tally.update(f"{channel}.{one.sort}" for one in found)
            self._store_alarms([self._alarm(one) for one in found if isinstance(one.sort, AlarmKind)], report)
            self._clear([one.record.sid for one in found if isinstance(one.sort, Sort)], report)
            self.progress(len(page))
        self._missing(channel, listed, report)

    def _is_agents(self, sid: str) -> bool:
        """Whether the carrier says that this call rang one of our agents; each is asked about once."""
        if sid not in self.agents_calls:
            try:
                self.agents_calls[sid] = self.carrier.fetch_call(sid).to in self.books.addresses
            except CarrierBusyError:
                raise
            except CarrierError:
                self.agents_calls[sid] = False
        return self.agents_calls[sid]

    def _missing(self, channel: Channel, listed: set[str], report: DayReport) -> None:
        """Attempts that the list leaves out are asked for by name: a list lags, and leaves out what never began."""
        missing, besides = self._unlisted(channel, listed)
        report.unasked += besides
        for attempt in missing:
            self._ask_for(channel, attempt, report)

    def _unlisted(self, channel: Channel, listed: set[str]) -> tuple[list[Record], int]:
        """As many as are asked for by name, and how many there are besides."""
        since, until = reconciliations.day_began(self.day), reconciliations.day_ended(self.day)
        with self.store.read() as tx:
            rows = carrier_books.named_attempts(tx, channel.value, since, until)
            unlisted = (row for row in rows if row.sid not in listed)
            return list(islice(unlisted, ASKED_AT_MOST)), sum(1 for _ in unlisted)

    def _ask_for(self, channel: Channel, attempt: Record, report: DayReport) -> None:
        found = self._found(channel, attempt.sid)
        if found:
            report.tally[f"{channel}.not_listed"] += 1
            self._clear([attempt.sid], report)
        elif self.now() - attempt.planned_at < FRESH:
            report.tally[f"{channel}.{Sort.UNSETTLED}"] += 1
        else:
            report.tally[f"{channel}.{AlarmKind.NOT_AT_CARRIER}"] += 1
            self._store_alarms([self._missing_alarm(channel, attempt)], report)

    def _found(self, channel: Channel, sid: str) -> bool:
        try:
            self.carrier.fetch_call(sid) if channel is Channel.VOICE else self.carrier.fetch_message(sid)
        except CarrierError as error:
            if error.carrier_code == NO_SUCH_RECORD:
                return False
            raise
        return True

    def _alarm(self, one: Sorted) -> dict[str, Any]:
        record = one.record
        return {
            **self._row(str(one.sort), record.sid, record.channel, record.to, record.from_),
            "direction": record.direction,
            "status": record.status,
            "happened_at": record.created_at,
            "attempt_id": one.attempt_id,
        }

    def _missing_alarm(self, channel: Channel, attempt: Record) -> dict[str, Any]:
        to = self.store.keyring.open(attempt.to_sealed, TO)
        return {
            **self._row(AlarmKind.NOT_AT_CARRIER, attempt.sid, channel, to, attempt.from_address),
            "direction": "ours",
            "status": attempt.stage,
            "happened_at": attempt.planned_at,
            "attempt_id": attempt.id,
        }

    def _row(self, kind: str, sid: str, channel: Channel, to: str, from_: str | None) -> dict[str, Any]:
        ends = self.store.keyring.seal_json({"to": to, "from": from_}, reconciliations.ENDS)
        return {
            "kind": kind,
            "sid": sid,
            "channel": channel.value,
            "day": self.day,
            "ends_sealed": ends,
            "found_at": self.now(),
        }

    def _store_alarms(self, rows: Sequence[dict[str, Any]], report: DayReport) -> None:
        if not rows:
            return
        with self.store.write() as tx:
            new = set(reconciliations.raise_alarms(tx, rows))
        for row in [row for row in rows if row["sid"] in new][: max(0, LOGGED_AT_MOST - report.raised)]:
            log.error("carrier.alarm", kind=row["kind"], sid=row["sid"], channel=row["channel"], day=str(self.day))
        report.raised += len(new)

    def _clear(self, sids: Sequence[str], report: DayReport) -> None:
        """What is on both sides' books by now is an alarm no more."""
        with self.store.read() as tx:
            standing = reconciliations.open_among(tx, sids)
        if standing:
            with self.store.write() as tx:
                report.cleared += reconciliations.clear_found(tx, standing, self.now())
