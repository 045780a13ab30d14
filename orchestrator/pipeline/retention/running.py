"""A run of retention: what is over goes, in batches that let others in; killed anywhere, the next run goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.persistence.free_space import forget_old_pages
from orchestrator.persistence.retention import runs
from orchestrator.persistence.retention.due import GOES, Due
from orchestrator.persistence.retention.holdings import HOLDINGS
from orchestrator.persistence.store import Store
from orchestrator.pipeline.retention import months, treating
from orchestrator.pipeline.retention.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What became of one run. ``finished`` is False where another took the lead meanwhile."""

    number: int
    finished: bool
    tally: Tally

    @property
    def rows(self) -> int:
        """How many rows went, were emptied, or were filed for the carrier to delete."""
        return sum(line["rows"] for line in self.tally.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What a run needs. ``history_days``: how far back any rule in force looks; periods must be longer than that."""

    store: Store
    law: RetentionLaw
    history_days: int
    clock: Callable[[], datetime]
    may_go_on: Callable[[], bool] = lambda: True

    def run(self, by: str, seller_id: str | None = None) -> RunReport:
        """Treat every holding; UserError, and nothing is touched, where a period is shorter than a rule looks back."""
        self.law.require_history(self.history_days)
        now, tally = self.clock(), Tally()
        with self.store.write() as tx:
            law = sha256(repr(self.law).encode()).hexdigest()
            number = runs.begin(tx, judged_at=now, now=now, by=by, seller_id=seller_id, law=law)
        finished = self._all(number, now, seller_id, tally)
        if finished:
            self._report_stays(now, seller_id, tally)
        with self.store.write() as tx:
            runs.report(tx, number, tally.gone, tally.stayed, self.clock() if finished else None)
        forget_old_pages(self.store)
        return RunReport(number=number, finished=finished, tally=tally)

    def _all(self, number: int, now: datetime, seller_id: str | None, tally: Tally) -> bool:
        """Every holding in turn; False where another has taken the lead."""
        for holding in HOLDINGS:
            if seller_id is not None and holding.seller is None:
                continue
            due = Due(holding, self.law, now, seller_id)
            if not self._treat(due, number, tally):
                return False
        return True

    def _treat(self, due: Due, number: int, tally: Tally) -> bool:
        """Batch by batch; what went is in the report with each, so that a run that is killed has told of all it did."""
        if due.seller_id is None:
            months.drop_what_is_over(self.store, due, tally)
        after = None
        while self.may_go_on():
            with self.store.read() as tx:
                rows = due.page(tx, after, self.store.bulk_rows)
            if not rows:
                return True
            with self.store.write() as tx:
                tally.add_all(due, treating.treat(tx, self.store, due, rows))
                runs.report(tx, number, tally.gone, tally.stayed)
            after = due.key_of(rows[-1])
            self.store.rest()
        return False

    def _report_stays(self, now: datetime, seller_id: str | None, tally: Tally) -> None:
        for holding in HOLDINGS:
            if seller_id is None or holding.seller is not None:
                self._stays_of(Due(holding, self.law, now, seller_id), tally)

    def _stays_of(self, due: Due, tally: Tally) -> None:
        with self.store.read() as tx:
            for row in due.tally(tx):
                if row.why != GOES:
                    tally.add(due, row, row.many, row.why)
