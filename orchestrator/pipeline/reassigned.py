"""Ask the Reassigned Numbers Database, at a price for each number, and open whoever waited for the answer."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from orchestrator.domain.carrier import Carrier
from orchestrator.domain.contact_request import ReassignedResult
from orchestrator.domain.decision import Cure
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    AnswerLostError,
    CarrierBusyError,
    CarrierError,
    DispatchUncertainError,
)
from orchestrator.domain.reassignment import day_of
from orchestrator.persistence import reassigned_answers
from orchestrator.persistence.dossiers import NUMBER
from orchestrator.persistence.enrollment_cures import reopen_answered, reopen_holders
from orchestrator.persistence.reassigned_answers import Told, Which
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.lookup_patience import Patience

ASKED_AGAIN = timedelta(hours=12)  # at the earliest: the database changes once a month, and each question costs
AT_ONCE = 50  # asked before they are written together: those that a crash loses were paid for, and rest
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A number to ask about, with the last day on which it is known to have been the person's."""

    number_key: bytes
    number: str
    last_verified_on: date

    @property
    def which(self) -> Which:
        """What the answer is kept by."""
        return self.number_key, self.last_verified_on


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignedReport:
    """What one run was told. ``asked`` were paid for; ``stopped`` says why it ended early."""

    asked: int = 0
    reassigned: int = 0
    unchanged: int = 0
    no_data: int = 0
    unanswered: int = 0
    reopened: int = 0
    stopped: str | None = None


def unasked(store: Store, wanted: Sequence[Wanted], now: datetime) -> list[Wanted]:
    """Those that were not asked about lately, each number and day once."""
    once = {one.which: one for one in wanted}
    with store.read() as tx:
        keys = sorted({key for key, _ in once})
        lately = reassigned_answers.asked_lately(tx, keys, now, ASKED_AGAIN)
    return [one for which, one in once.items() if which not in lately]


def look_up(
    store: Store,
    carrier: Carrier,
    wanted: Sequence[Wanted],
    now: datetime,
    *,
    threads: int = 16,
    progress: Callable[[int], None] = lambda _asked: None,
) -> ReassignedReport:
    """Ask about these, write what is told by chunks, and open whoever waited for it.

    That a chunk is asked is written before it is: where its answers cannot be written it still rests for hours, and
    nothing is paid for twice in a row. A carrier that is busy, answers that get lost in a row, or an account without
    approval, stop the run.
    """
    questions, told, reopened = _Questions(store, carrier, now), list[Told](), 0
    for chunk in questions.chunks(unasked(store, wanted, now), threads):
        news = [one.number_key for one in chunk if one.result is not None]
        reopened += reopen_holders(store, Cure.REASSIGNED, news, now)
        progress(len(chunk))
        told += chunk
    return _report(told, reopened, questions.patience.stopped)


def run_once(store: Store, carrier: Callable[[], Carrier], now: datetime, limit: int) -> ReassignedReport:
    """Ask about up to ``limit`` numbers of those whom running campaigns cannot contact for want of an answer."""
    reopened = reopen_answered(store, now)
    wanted = list(islice(_waiting(store, now), limit))
    if not wanted:
        return ReassignedReport(reopened=reopened)
    return look_up(store, carrier(), wanted, now)


def _waiting(store: Store, now: datetime) -> Iterator[Wanted]:
    after = 0
    while True:
        with store.read() as tx:
            rows = reassigned_answers.waiting(tx, now, after, PAGE)
        if not rows:
            return
        yield from unasked(store, [_wanted(store, row) for row in rows], now)
        after = rows[-1].id


def _wanted(store: Store, row: Record) -> Wanted:
    return Wanted(
        number_key=bytes(row.number_key),
        number=store.keyring.open(row.number_sealed, NUMBER),
        last_verified_on=day_of(row.proven_at or row.recorded_at),
    )


class _Questions:
    """Asks the carrier from several threads, until its patience is at an end."""

    def __init__(self, store: Store, carrier: Carrier, now: datetime) -> None:
        self._store, self._carrier, self._now = store, carrier, now
        self.patience = Patience("reassigned")

    def chunks(self, wanted: Sequence[Wanted], threads: int) -> Iterator[list[Told]]:
        """What was told and is written, so many at a time as are written together."""
        with ThreadPoolExecutor(threads, "reassigned") as pool:
            for start in range(0, len(wanted), AT_ONCE):
                if self.patience.stopped is not None:
                    return
                told = self._chunk(wanted[start : start + AT_ONCE], pool)
                if told:
                    yield told

    def _chunk(self, some: Sequence[Wanted], pool: ThreadPoolExecutor) -> list[Told]:
        with self._store.write() as tx:
            before = reassigned_answers.begin(tx, [one.which for one in some], self._now)
        told = [answer for answer in pool.map(self._ask, some) if answer is not None]
        asked = {(one.number_key, one.last_verified_on) for one in told}
        with self._store.write() as tx:
            reassigned_answers.record(tx, told, self._now)
            reassigned_answers.take_back(tx, [one.which for one in some if one.which not in asked], before)
        self._store.rest()
        return told

    def _ask(self, one: Wanted) -> Told | None:
        """What the carrier says; None where it was certainly not asked."""
        if self.patience.stopped is not None:
            return None
        try:
            answer = self._carrier.reassigned(one.number, one.last_verified_on)
        except (AnswerLostError, DispatchUncertainError) as error:
            self.patience.lose(error)
            return _told(one, None, error.carrier_code)
        except (CarrierBusyError, AccountMisconfiguredError) as error:
            self.patience.end(error)
            return None
        except CarrierError as error:
            return _told(one, None, error.carrier_code)
        except Exception as error:  # noqa: BLE001 - one strange answer must not lose those that were paid for beside it
            self.patience.lose(error)
            return _told(one, None, None)
        self.patience.renew()
        return _told(one, answer.result, answer.error_code)


def _told(one: Wanted, result: ReassignedResult | None, error: int | None) -> Told:
    return Told(number_key=one.number_key, last_verified_on=one.last_verified_on, result=result, error=error)


def _report(told: Sequence[Told], reopened: int, stopped: str | None) -> ReassignedReport:
    results = [one.result for one in told]
    return ReassignedReport(
        asked=len(told),
        reassigned=results.count(ReassignedResult.YES),
        unchanged=results.count(ReassignedResult.NO),
        no_data=results.count(ReassignedResult.NO_DATA),
        unanswered=results.count(None),
        reopened=reopened,
        stopped=stopped,
    )
