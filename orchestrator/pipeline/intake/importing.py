"""A file into a list, chunk by chunk: each is read, judged and committed with how far the import has come."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from orchestrator.domain.contact_request import Purpose, SuppressionKind
from orchestrator.domain.errors import UserError
from orchestrator.persistence import contacts, lists
from orchestrator.persistence.enrollment_cures import reopen_people
from orchestrator.persistence.lists import Import
from orchestrator.persistence.store import Store
from orchestrator.pipeline.intake.consent_cells import UNPROVEN
from orchestrator.pipeline.intake.entry import Entry, EntryReader
from orchestrator.pipeline.intake.layout import Layout
from orchestrator.pipeline.intake.matching import Crowd, OnRegistry
from orchestrator.pipeline.intake.records import Record
from orchestrator.pipeline.intake.rejects import RejectsFile
from orchestrator.pipeline.intake.verdicts import Judged, Verdict
from orchestrator.pipeline.reception.stops import Stop, take_back

Bring = Callable[[set[bytes], set[bytes]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """What goes where, and what is asked about it: which countries have rules, which numbers are on a registry."""

    layout: Layout
    seller_id: str
    list_name: str
    country: str
    covered: Callable[[str], bool]
    on_registry: OnRegistry = field(default=lambda numbers: [False] * len(numbers))
    rejects: Path | None = None
    purpose: Purpose | None = None  # of consents that name none

    @property
    def reading(self) -> dict[str, object]:
        """How the file is read: the same file read otherwise is not the same import."""
        said = {} if self.purpose is None else {"consent_purpose": self.purpose.value}
        return {**self.layout.as_reading(self.country), **said}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import, or the part of it that ran, did. ``is_repeat``: the file was in the list before, unchanged."""

    list_name: str
    records: int
    counts: Mapping[str, int]
    is_finished: bool
    is_repeat: bool
    unproven: int
    rejects: Path | None


def run_import(
    store: Store,
    order: ImportOrder,
    clock: Callable[[], datetime],
    hear: Callable[[Sequence[Judged]], None],
    stopped: Callable[[], bool],
    bring: Bring | None = None,
) -> ImportReport:
    """Import, or go on where a stopped or killed run committed last; ``hear`` gets every record's verdict in order.

    A finished import of the same file changes nothing: its verdicts are told again. ``stopped`` is asked after each
    chunk. ``bring`` is told each chunk's keys before it is judged (a dry run copies in whom it knows by them).
    """
    current = _opened(store, order, clock())
    repeat = current.is_finished
    work = _Work(store, order, clock, bring, current)
    path = order.rejects if not repeat else None
    if path is None:
        finished = _through(work, None, hear, stopped)
        return work.report(finished=finished, repeat=repeat, rejects=None)
    with RejectsFile(path, order.layout) as rejects:
        finished = _through(work, rejects, hear, stopped)
        return work.report(finished=finished, repeat=repeat, rejects=rejects.publish() if finished else None)


def _through(
    work: "_Work",
    rejects: RejectsFile | None,
    hear: Callable[[Sequence[Judged]], None],
    stopped: Callable[[], bool],
) -> bool:
    """Every chunk in turn; False where somebody stopped it before the end."""
    for records in work.chunks():
        judged = work.settle(records)
        if rejects is not None:
            rejects.add_all(records, judged)
        hear(judged)
        if stopped():
            return False
    work.finish()
    return True


class _Work:
    """One run over the file."""

    def __init__(
        self, store: Store, order: ImportOrder, clock: Callable[[], datetime], bring: Bring | None, current: Import
    ) -> None:
        self.store, self.order, self.clock, self.bring = store, order, clock, bring
        self.current = current
        self.reader = EntryReader(order.layout, order.country, order.covered, order.purpose)
        self.seen = self.unproven = 0
        self.committed_at = 0.0

    def chunks(self) -> Iterator[list[Record]]:
        """Records by the chunk; none is partly done already."""
        records = self.order.layout.records()
        while True:
            left = self.current.records_done - self.seen
            chunk = list(islice(records, min(left, self.store.bulk_rows) if left > 0 else self.store.bulk_rows))
            if not chunk:
                return
            yield chunk

    def settle(self, records: Sequence[Record]) -> list[Judged]:
        """The chunk's verdicts: as stored where it is done, else decided and committed now."""
        now = self.clock()
        entries = [self.reader.read(record, now) for record in records]
        done = self.seen < self.current.records_done
        judged = self._remembered(entries) if done else self._decided(entries, now)
        self.seen += len(records)
        self.unproven += sum(UNPROVEN in verdict.reason for verdict in judged)
        return judged

    def finish(self) -> None:
        """Say that the import is whole."""
        if not self.current.is_finished:
            with self.store.write() as tx:
                lists.finish(tx, self.current, self.clock())

    def report(self, *, finished: bool, repeat: bool, rejects: Path | None) -> ImportReport:
        """What came of it."""
        return ImportReport(
            list_name=self.order.list_name,
            records=self.current.records_done,
            counts={verdict.value: self.current.counts.get(verdict.value, 0) for verdict in Verdict},
            is_finished=finished,
            is_repeat=repeat,
            unproven=self.unproven,
            rejects=rejects,
        )

    def _remembered(self, entries: Sequence[Entry]) -> list[Judged]:
        with self.store.read() as tx:
            rows = lists.verdicts(tx, self.current.id, entries[0].line, entries[-1].line)
        return [
            Judged(
                line=entry.line,
                verdict=Verdict(rows[entry.line].verdict),
                numbers=entry.numbers,
                reason=rows[entry.line].reason or "",
                contact_id=rows[entry.line].contact_id,
            )
            for entry in entries
        ]

    def _decided(self, entries: Sequence[Entry], now: datetime) -> list[Judged]:
        order = self.order
        crowd = Crowd(self.store.keyring, order.seller_id, now, order.on_registry, self.current.list_id)
        chunk = [crowd.keyed(entry) for entry in entries]
        if self.bring is not None:
            self.bring(*crowd.keys(chunk))
        self.store.rest(since=self.committed_at)  # reading the chunk has been most of it already
        with self.store.write() as tx:
            contacts.lock_seller(tx, self.order.seller_id)
            crowd.meet(tx, chunk)
            judged = crowd.judge(tx, chunk)
            contacts.store(tx, crowd.additions, now)
            self.current = self._recorded(tx, judged)
        self.committed_at = time.monotonic()
        stops = [
            Stop(seller_id=self.order.seller_id, number_key=key, kind=SuppressionKind.DO_NOT_CALL, source="import")
            for key in crowd.noes.newly_silenced
        ]
        take_back(self.store, stops, now)
        if self.bring is None:  # a dry run has nobody to re-open
            merged = [verdict.contact_id for verdict in judged if verdict.verdict is Verdict.MERGED]
            reopen_people(self.store, [contact_id for contact_id in merged if contact_id is not None], now)
        return judged

    def _recorded(self, tx: Connection, judged: Sequence[Judged]) -> Import:
        counts = Counter(self.current.counts) + Counter(verdict.verdict.value for verdict in judged)
        rows = [
            {
                "import_id": self.current.id,
                "line": verdict.line,
                "list_id": self.current.list_id,
                "contact_id": verdict.contact_id,
                "verdict": verdict.verdict.value,
                "reason": verdict.reason or None,
            }
            for verdict in judged
        ]
        lists.record(tx, self.current, rows, counts)
        return replace(self.current, records_done=self.current.records_done + len(rows), counts=dict(counts))


def _opened(store: Store, order: ImportOrder, now: datetime) -> Import:
    """The import's row, made where this file is new to the list."""
    digest, reading = order.layout.form.digest, order.reading
    with store.write() as tx:
        found = lists.find_import(tx, order.seller_id, order.list_name, digest)
        if found is not None:
            _require_same_reading(found, reading, order)
            return found
        return lists.begin_import(
            tx,
            seller_id=order.seller_id,
            list_name=order.list_name,
            digest=digest,
            file_name=order.layout.form.path.name,
            reading=reading,
            now=now,
        )


def _require_same_reading(found: Import, reading: Mapping[str, object], order: ImportOrder) -> None:
    if dict(found.reading) != reading:
        raise UserError(
            f"This file went into the list '{order.list_name}' with another --country, --map or --consent-purpose; use "
            "the same ones, or import it into another list with --name."
        )
