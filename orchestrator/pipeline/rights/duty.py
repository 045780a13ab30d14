"""What a worker does about requests by itself: reminds, goes on with erasures, asks the carrier, keeps the journal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.errors import UserError
from orchestrator.log import log
from orchestrator.persistence import carrier_erasures, erasure_file
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.rights import carrier_side
from orchestrator.pipeline.rights.erasing import STEP, Eraser


@dataclass(frozen=True, slots=True)
class Duty:
    """The law of requests, and the file of the journal, None where none is kept."""

    law: RightsLaw
    journal: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyReport:
    """What was done."""

    alarms: int
    erased: int
    confirmed: int


def run_once(store: Store, duty: Duty, carrier: Callable[[], Carrier], now: datetime) -> DutyReport:
    """One round of all of it; the carrier is asked for only where it has something to delete."""
    erased = Eraser(store, duty.law).run_once(now)
    if duty.journal is not None:
        erasure_file.append_new(store, duty.journal, now)
    with store.read() as tx:
        waiting = carrier_erasures.open_ones(tx, 1)
    confirmed = carrier_side.run_once(store, carrier(), now).confirmed if waiting else 0
    return DutyReport(alarms=remind(store, duty.law, now), erased=erased, confirmed=confirmed)


def remind(store: Store, law: RightsLaw, now: datetime) -> int:
    """Give the alarm of every open request whose day it is; each once, over all workers. How many."""
    with store.read() as tx:
        waiting = stored.listed(tx, every=False)
    return sum(_remind(store, law, row, now) for row in waiting)


def _remind(store: Store, law: RightsLaw, row: Record, now: datetime) -> bool:
    day = (now.date() - row.received_at.date()).days - stored.paused_days(row, now.date())
    due = [alarm for alarm in _alarms(law, row) if row.alarmed_day < alarm <= day]
    if not due:
        return False
    with store.write() as tx:
        first = stored.overdue_alarm(tx, row.id, max(due))
        if first:
            stored.log(tx, store.keyring, row.id, "alarm", STEP, now, {"day": day, "due_on": row.due_on.isoformat()})
    if first:
        log.warning("rights.alarm", request=row.id, right=row.kind, day=day, due_on=row.due_on.isoformat())
    return first


def _alarms(law: RightsLaw, row: Record) -> tuple[int, ...]:
    """The days of its deadline, and the day after the last one: overdue is an alarm of its own."""
    try:
        days = law.deadline_named(row.rule).alarms
    except UserError:
        days = ()
    return (*days, (row.due_on - row.received_at.date()).days + 1)
