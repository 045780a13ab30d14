"""Look line types up before people are called: a number that nobody has looked up is treated as mobile."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, and_, select

from orchestrator.domain.carrier import Carrier, LineTypeAnswer
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.decision import Cure
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    AnswerLostError,
    CarrierBusyError,
    CarrierError,
    DispatchUncertainError,
    NumberDeadError,
)
from orchestrator.persistence import number_facts
from orchestrator.persistence.dossiers import NUMBER
from orchestrator.persistence.enrollment_cures import reopen_holders
from orchestrator.persistence.number_facts import Finding, Freshness, SealedNumber
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.people import contact_points, sellers
from orchestrator.pipeline.lookup_patience import Patience

MAX_AGE_DAYS = 90
UNKNOWN_AGAIN = timedelta(days=30)
FAILED_AGAIN = timedelta(days=1)
INVALID = "lookup: no valid number"
LOST = 0  # a code that no carrier has, where an answer got lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose numbers are looked up: exactly one of a list, a campaign, or numbers themselves."""

    list_id: int | None = None
    campaign_id: int | None = None
    number_keys: Sequence[bytes] | None = None

    def __post_init__(self) -> None:
        """Refuse to guess."""
        if [self.list_id, self.campaign_id, self.number_keys].count(None) != 2:
            raise ValueError("exactly one of list_id, campaign_id and number_keys")

    def contact_points(self) -> ColumnElement[bool]:
        """The contact points that are meant."""
        if self.list_id is not None:
            listed = select(list_rows.c.contact_id).where(list_rows.c.list_id == self.list_id)
            return contact_points.c.contact_id.in_(listed)
        if self.campaign_id is not None:
            enrolled = select(enrollments.c.contact_id).where(
                enrollments.c.campaign_id == self.campaign_id, enrollments.c.stage != EnrollmentStage.DONE
            )
            return contact_points.c.contact_id.in_(enrolled)
        of_anybody = contact_points.c.seller_id.in_(select(sellers.c.id))  # lets the index on (seller, number) serve
        return and_(of_anybody, contact_points.c.number_key.in_(self.number_keys or ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTypeReport:
    """What one run found. ``stopped`` says why it ended early; the numbers that are left stay due."""

    looked_up: int = 0
    known: int = 0
    unknown: int = 0
    failed: int = 0
    dead: int = 0
    reopened: int = 0
    stopped: str | None = None


def run_once(
    store: Store,
    carrier: Carrier,
    now: datetime,
    limit: int,
    whose: Whose,
    *,
    threads: int = 16,
    max_age_days: int = MAX_AGE_DAYS,
) -> LineTypeReport:
    """Look up to ``limit`` numbers that lack a line type, or have an old one, and write what is found by chunks.

    A carrier that is busy, or an account that may not look up, stops the run: what was found until then is kept.
    """
    freshness = Freshness(known=timedelta(days=max_age_days), unknown=UNKNOWN_AGAIN, failed=FAILED_AGAIN)
    with store.read() as tx:
        wanted = number_facts.without_line_type(tx, whose.contact_points(), now, freshness, limit)
    lookup = _Lookup(store, carrier)
    found: list[Finding] = []
    reopened = 0
    for chunk in lookup.chunks(wanted, threads):
        with store.write() as tx:
            number_facts.record(tx, chunk, now)
        store.rest()
        reopened += reopen_holders(store, Cure.LINE_TYPE, [f.number_key for f in chunk if _is_news(f)], now)
        found += chunk
    return _report(found, reopened, lookup.patience.stopped)


class _Lookup:
    """Asks the carrier from several threads, until its patience is at an end."""

    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store, self._carrier = store, carrier
        self.patience = Patience("line_type")

    def chunks(self, wanted: Sequence[SealedNumber], threads: int) -> Iterator[list[Finding]]:
        """Findings as they come, so many at a time as one transaction may write."""
        with ThreadPoolExecutor(threads, "lookup") as pool:
            findings = (finding for finding in pool.map(self._find, wanted) if finding is not None)
            while chunk := list(islice(findings, self._store.bulk_rows)):
                yield chunk

    def _find(self, sealed: SealedNumber) -> Finding | None:
        """What the carrier says of the number; None when it was not asked, or could not say now."""
        if self.patience.stopped is not None:
            return None
        number = self._store.keyring.open(sealed.number_sealed, NUMBER)
        try:
            found = _finding(sealed.number_key, self._carrier.line_type(number))
        except (AnswerLostError, DispatchUncertainError) as error:
            self.patience.lose(error)
            return _lost(sealed, error.carrier_code)
        except (CarrierBusyError, AccountMisconfiguredError) as error:
            self.patience.end(error)
            return None
        except NumberDeadError as error:
            code = error.carrier_code
            return Finding(number_key=sealed.number_key, line_type=LineType.UNKNOWN, error=code, dead=INVALID)
        except CarrierError as error:
            return _lost(sealed, error.carrier_code)
        except Exception as error:  # noqa: BLE001 - one strange answer must not lose those that were paid for beside it
            self.patience.lose(error)
            return _lost(sealed, None)
        self.patience.renew()
        return found


def _lost(sealed: SealedNumber, code: int | None) -> Finding:
    return Finding(number_key=sealed.number_key, line_type=LineType.UNKNOWN, error=code or LOST)


def _finding(number_key: bytes, answer: LineTypeAnswer) -> Finding:
    if answer.error_code is not None:  # before validity: what failed says nothing, and dead is for good
        return Finding(number_key=number_key, line_type=LineType.UNKNOWN, error=answer.error_code)
    if not answer.valid:
        return Finding(number_key=number_key, line_type=LineType.UNKNOWN, dead=INVALID)
    return Finding(number_key=number_key, line_type=answer.line_type)


def _is_news(finding: Finding) -> bool:
    return finding.dead is not None or finding.line_type is not LineType.UNKNOWN


def _report(found: Sequence[Finding], reopened: int, stopped: str | None) -> LineTypeReport:
    living = [finding for finding in found if finding.dead is None]
    known = sum(finding.line_type is not LineType.UNKNOWN for finding in living)
    failed = sum(finding.error is not None for finding in living)
    return LineTypeReport(
        looked_up=len(found),
        known=known,
        unknown=len(living) - known - failed,
        failed=failed,
        dead=len(found) - len(living),
        reopened=reopened,
        stopped=stopped,
    )
