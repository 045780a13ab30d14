"""Hold the sealed logs against the rows that they speak of, and against heads that were kept elsewhere."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from orchestrator.domain.errors import UserError
from orchestrator.persistence.sealing import logs, strays
from orchestrator.persistence.sealing.stream import one_state
from orchestrator.persistence.sealing.subject import Subject
from orchestrator.persistence.sealing.subjects import SUBJECTS
from orchestrator.persistence.store import Store
from orchestrator.pipeline.sealing.by_right import Removals
from orchestrator.pipeline.sealing.findings import FINDINGS_KEPT, Finding, Unsealed, VerifyReport
from orchestrator.pipeline.sealing.log_check import LogCheck

Kept = Mapping[str, Mapping[int, bytes]]  # roots by log and size, as somebody keeps them elsewhere


def verify(
    store: Store,
    now: datetime,
    log: str | None = None,
    kept: Kept | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> VerifyReport:
    """Verify every log, or one; raises UserError where there is none of that name.

    What was sealed after ``now`` was sealed by a clock that has been set back since, and dates nothing.
    """
    began = time.perf_counter()
    with one_state(store) as tx:
        rings = strays.rings(tx)
        removals = Removals(tx)
        rows = [row for row in logs.every(tx) if log in {None, row.log}]
        if log is not None and not rows and log not in (kept or {}):
            raise UserError(f"There is no sealed log of '{log}'; nothing of that seller was sealed yet.")
        checks = [LogCheck(tx, store.keyring, row, removals, rings) for row in rows]
        reports = [check.run(frozenset((kept or {}).get(check.row.log, {})), progress) for check in checks]
        unsealed, old = _not_sealed(tx, log, max((ring for ring in rings if ring <= now), default=None))
        beside = [*_lost(tx, log), *_against(checks, kept or {}), *old, *_inserted(tx, log, checks)]
    return VerifyReport(reports, unsealed, beside, time.perf_counter() - began)


def _lost(tx: Connection, log: str | None) -> list[Finding]:
    """Logs whose own row, with their key, is gone."""
    return [
        Finding(log=name, wrong=f"the log's own row is gone, with its key; {size} entries were in it")
        for name, size in strays.logs_without_row(tx).items()
        if log in {None, name}
    ]


def _against(checks: Sequence[LogCheck], kept: Kept) -> list[Finding]:
    """What the heads that are kept elsewhere say against this database."""
    known = {check.row.log: check for check in checks}
    return [
        finding
        for name, roots in kept.items()
        for size, root in roots.items()
        if (finding := _contradiction(name, known.get(name), size, root)) is not None
    ]


def _contradiction(name: str, check: LogCheck | None, size: int, root: bytes) -> Finding | None:
    held = check.report.entries if check is not None else 0
    if held < size:
        wrong = f"the log was cut: a head kept elsewhere is over {size} entries, and it holds {held}"
        return Finding(log=name, position=held, wrong=wrong)
    if check is not None and check.roots.get(size) != root:
        wrong = f"its first {size} entries are not those of the head kept elsewhere"
        return Finding(log=name, wrong=wrong)
    return None


def _not_sealed(tx: Connection, log: str | None, rung: datetime | None) -> tuple[list[Unsealed], list[Finding]]:
    """What waits to be sealed; and of it what the last complete sealing should have taken along."""
    waiting, old = [], []
    for subject in SUBJECTS:
        count, named, oldest = strays.waiting(tx, subject, log)
        if count:
            waiting.append(Unsealed(subject.form, count, oldest))
        if oldest is None or rung is None or oldest >= rung - subject.late_after:
            continue
        since = strays.known_since(tx, subject.form)
        if since is not None and since <= rung:  # else its kind was not sealed by then
            old.append(_behind(subject, named, oldest, rung, log))
    return waiting, old


def _behind(subject: Subject, named: str | None, oldest: datetime, rung: datetime, log: str | None) -> Finding:
    wrong = (
        f"a row that says that it is of {oldest:%Y-%m-%d %H:%M:%S} UTC has no entry, and all that was there was "
        f"sealed at {rung:%Y-%m-%d %H:%M:%S} UTC"
    )
    return Finding(log=log or "", relation=subject.relation.name, row_id=named, wrong=wrong)


def _inserted(tx: Connection, log: str | None, checks: Sequence[LogCheck]) -> list[Finding]:
    """Rows that are marked as sealed and have no entry: somebody wrote them beside the log."""
    met = strays.count_entries(tx)
    for check in checks:
        met.subtract(check.gone)
    wrong = "a row is marked as sealed, and has no entry"
    return [
        Finding(log=log or "", relation=subject.relation.name, row_id=named, wrong=wrong)
        for subject in SUBJECTS
        if subject.mark is not None and (log is not None or strays.count_marked(tx, subject) != met[subject.form])
        for named in strays.marked_without_entry(tx, subject, log, FINDINGS_KEPT)
    ]
