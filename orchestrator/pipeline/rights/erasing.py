"""An erasure from the stop to the report: it survives being killed anywhere, and doing any part twice changes nothing.

First the no is committed with the journal, under the lock that imports take, so that whoever imports meanwhile either
is seen afterwards or sees the no. Then whatever is on its way is taken back and waited for: its carrier's answers are
found by the number. Only then rows go, and with the last batch the report is written.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.rights import Asked, IdentityCheck, RequestState, Right
from orchestrator.log import log
from orchestrator.persistence import contacts, erasures, holds
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.free_space import forget_old_pages
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.reception.stops import suppress, take_back
from orchestrator.pipeline.rights import subjects, taking_out
from orchestrator.pipeline.rights.keeping import kept_after
from orchestrator.pipeline.rights.objecting import stops_for
from orchestrator.pipeline.rights.requests import Case, take_down
from orchestrator.pipeline.rights.subjects import Subject
from orchestrator.pipeline.rights.traces import empty_requests
from orchestrator.pipeline.rights.treatment import LOOK_AT, Erased, Treatment
from orchestrator.pipeline.rights.treatments import TREATMENTS

STEP = "step:rights"
A_DAY = timedelta(days=1)
UNFINISHED = (RequestState.HELD, RequestState.STOPPING, RequestState.ERASING)
CONTACTS, FINISHED, OLD_PAGES = "contacts", "finished", "old pages"


@dataclass(frozen=True, slots=True)
class Eraser:
    """What an erasure needs besides the request. ``by``: who is named in the log."""

    store: Store
    law: RightsLaw
    by: str = STEP

    def ask(self, asked: Asked, seller_id: str, now: datetime) -> Record:
        """Take the request down and begin, or go on with the one that is open; the request as it stands then.

        It waits by itself for proof of who asks, for a hold to end, and for what is on its way to be taken back.
        """
        with self.store.write() as tx:
            contacts.lock_seller(tx, seller_id)
            case = Case(tx, self.store.keyring, self.law, self.by, now)
            subject = subjects.require_one(subjects.find(tx, self.store.keyring, asked.named, seller_id))
            row = take_down(case, subject, asked)
            if row.state == RequestState.OPEN and row.identity not in {IdentityCheck.NEEDED, IdentityCheck.FAILED}:
                self._stop(case, row, subject)
        return self.go_on(row.id, now)

    def go_on(self, request_id: int, now: datetime) -> Record:
        """Do what can be done at this moment; the request as it stands then."""
        row = self._fetch(request_id)
        if row.state == RequestState.HELD:
            row = self._release(row, now)
        if row.state == RequestState.STOPPING:
            row = self._take_out(row, now)
        if row.state == RequestState.ERASING:
            self._finish(row, now)
        return self._fetch(request_id)

    def run_once(self, now: datetime) -> int:
        """Go on with every erasure that is not finished; how many were finished. One that fails stops no other."""
        with self.store.read() as tx:
            waiting = [row for row in stored.in_states(tx, UNFINISHED) if row.kind == Right.ERASE]
            ended = stored.ended_since(tx, now - A_DAY)
            unforgotten = [row.id for row in ended if row.progress.get(OLD_PAGES) == "kept"]
        for request_id in unforgotten:
            self._forget_old_pages(request_id)
        return sum(self._guarded(row.id, now) for row in waiting)

    def _guarded(self, request_id: int, now: datetime) -> bool:
        try:
            row = self.go_on(request_id, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next ring tries again, and the others go on
            log.error("rights.erasure_failed", request=request_id, error=type(error).__name__)
            return False
        if row.state == RequestState.DONE:
            log.info("rights.erased", request=row.id, seller=row.seller_id)
        return bool(row.state == RequestState.DONE)

    def _fetch(self, request_id: int) -> Record:
        with self.store.read() as tx:
            return stored.fetch(tx, request_id)

    def _stop(self, case: Case, row: Record, subject: Subject) -> None:
        """The no and the journal, in the transaction that begins it; on hold, the no alone."""
        for one in stops_for(subject, SuppressionKind.ERASED, row.id):
            suppress(case.tx, one, case.now)
        standing = holds.standing(case.tx, subject.seller_id, list(subject.numbers))
        if standing:
            case.log(row.id, "held", {"holds": [hold.id for hold in standing]})
            stored.change(case.tx, row.id, state=RequestState.HELD)
            return
        self._begin(case, row, subject)

    def _begin(self, case: Case, row: Record, subject: Subject) -> None:
        external = [bytes(person.external_key) for person in subject.people if person.external_key is not None]
        erasures.note(
            case.tx,
            seller_id=subject.seller_id,
            numbers=subject.numbers.keys(),
            external=external,
            contact_id=row.contact_id,
            request_id=row.id,
            now=case.now,
        )
        case.log(row.id, "stopped", {"numbers": len(subject.numbers)})
        stored.change(case.tx, row.id, state=RequestState.STOPPING)

    def _release(self, row: Record, now: datetime) -> Record:
        """Begin once nothing holds the data any more."""
        with self.store.write() as tx:
            contacts.lock_seller(tx, row.seller_id)
            case = Case(tx, self.store.keyring, self.law, self.by, now)
            subject = self._subject(tx, row)
            current = stored.fetch(tx, row.id)
            held = holds.standing(tx, row.seller_id, list(subject.numbers))
            if not held and current.state == RequestState.HELD:
                self._begin(case, current, subject)
            return stored.fetch(tx, row.id)

    def _take_out(self, row: Record, now: datetime) -> Record:
        """Take back what is on its way; once nothing is, take the person out in one transaction."""
        with self.store.read() as tx:
            subject = self._subject(tx, row)
        take_back(self.store, stops_for(subject, SuppressionKind.ERASED, row.id), now)
        with self.store.write() as tx:
            contacts.lock_seller(tx, row.seller_id)  # nobody becomes a contact between the look and the emptying
            current = stored.fetch(tx, row.id)
            subject = self._subject(tx, row)
            taking_out.lock(tx, subject)
            if current.state == RequestState.STOPPING and not taking_out.is_on_its_way(tx, subject):
                self._empty(tx, row, subject, now)
            return stored.fetch(tx, row.id)

    def _subject(self, tx: Connection, row: Record) -> Subject:
        numbers = stored.numbers_of(tx, row.id)
        found = subjects.again(tx, row.seller_id, row.contact_id, numbers, row.jurisdiction)
        # A number that came meanwhile, or that a journal does not name, is theirs as well.
        return replace(found, numbers={**subjects.numbers_of(tx, row.seller_id, found.contact_ids), **numbers})

    def _empty(self, tx: Connection, row: Record, subject: Subject, now: datetime) -> None:
        who = self._erased(row, subject.contact_ids, subject.own_keys, now)
        taking_out.take_out(tx, subject, who)
        stored.add_numbers(tx, row.id, subject.numbers)
        progress = {CONTACTS: list(subject.contact_ids), FINISHED: []}
        stored.change(tx, row.id, state=RequestState.ERASING, progress=progress)
        stored.log(tx, self.store.keyring, row.id, "person taken out", self.by, now, {"people": len(subject.people)})

    def _finish(self, row: Record, now: datetime) -> None:
        """Every table in turn, then the report; where a worker was killed, the next begins with that table again."""
        with self.store.read() as tx:
            numbers = stored.numbers_of(tx, row.id)
        own = frozenset(key for key, shared in numbers.items() if not shared)
        who = self._erased(row, tuple(row.progress[CONTACTS]), own, now)
        for place, treatment in enumerate(TREATMENTS):
            name = f"{place}:{treatment.table.name}"
            if name not in self._fetch(row.id).progress[FINISHED]:
                self._treat(treatment, who)
                self._tick_off(row.id, name)
        self._report(row, who, now)
        self._forget_old_pages(row.id)

    def _forget_old_pages(self, request_id: int) -> None:
        """Empty the database's log of old pages; where readers keep it, the next ring tries again."""
        forgotten = forget_old_pages(self.store)
        with self.store.write() as tx:
            progress = stored.fetch(tx, request_id).progress
            stored.change(tx, request_id, progress={**progress, OLD_PAGES: "gone" if forgotten else "kept"})

    def _treat(self, treatment: Treatment, who: Erased) -> None:
        """Look without a lock, since some tables are looked through whole; write by few rows."""
        after = None
        while True:
            with self.store.read() as tx:
                rows, after = treatment.look(tx, who, after, LOOK_AT)
            for start in range(0, len(rows), self.store.bulk_rows):
                with self.store.write() as tx:
                    treatment.treat(tx, who, rows[start : start + self.store.bulk_rows])
                self.store.rest()
            if after is None:
                return

    def _tick_off(self, request_id: int, name: str) -> None:
        with self.store.write() as tx:
            progress = stored.fetch(tx, request_id).progress
            stored.change(tx, request_id, progress={**progress, FINISHED: [*progress[FINISHED], name]})

    def _report(self, row: Record, who: Erased, now: datetime) -> None:
        with self.store.write() as tx:
            if stored.fetch(tx, row.id).state != RequestState.ERASING:
                return
            files = empty_requests(tx, who)
            kept = kept_after(tx, self.law, who, row.jurisdiction)
            told = [one.name for one in self.law.recipients if one.told == "by-hand"]
            report = {"people": len(who.contact_ids), "kept": kept, "files": files, "tell": told}
            stored.log(tx, self.store.keyring, row.id, "erased", self.by, now, report)
            stored.end(tx, row.id, RequestState.DONE, now, report)

    def _erased(self, row: Record, contact_ids: tuple[int, ...], own_keys: frozenset[bytes], now: datetime) -> Erased:
        return Erased(
            request_id=row.id,
            seller_id=row.seller_id,
            contact_ids=contact_ids,
            own_keys=own_keys,
            keyring=self.store.keyring,
            now=now,
        )
