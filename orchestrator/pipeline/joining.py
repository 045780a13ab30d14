"""Tell the carrier what has changed for people who wait, and ask it about those whom nobody has heard to meet.

What a lost or late callback would have said is asked for here, so that no claimed agent waits for it.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.domain.agent import conference_room
from orchestrator.domain.attempt import CALL_STAGE, Stage
from orchestrator.domain.carrier import CallStatus, Carrier, CarrierRecord
from orchestrator.domain.errors import CallOverError, CarrierError
from orchestrator.log import log
from orchestrator.persistence import agent_legs, attempts
from orchestrator.persistence import waiting as waiting_rows
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import waiting
from orchestrator.pipeline.call_ends import MEETS_WITHIN
from orchestrator.pipeline.settlement import apply_call_status

AT_ONCE = 20


@dataclass
class JoiningReport:
    """How many found an agent, were given up, and were redirected."""

    served: int = 0
    given_up: int = 0
    redirected: int = 0


def run_once(store: Store, carrier: Carrier, now: datetime) -> JoiningReport:
    """Serve or give up whoever waits, and redirect them, all at the same time: each has but a moment left."""
    report = JoiningReport()
    with store.read() as tx:
        if not waiting_rows.anybody_to_tell(tx):
            return report
    with store.write() as tx:
        report.served, report.given_up = waiting.serve(tx, now), waiting.give_up(tx, now)
        redirects = waiting_rows.take_redirects(tx, AT_ONCE)
    if redirects:
        with ThreadPoolExecutor(len(redirects), thread_name_prefix="redirect") as pool:
            report.redirected = sum(pool.map(lambda row: _redirect(store, carrier, row, now), redirects))
    return report


def ask_unheard(store: Store, carrier: Carrier, now: datetime, patience: timedelta = MEETS_WITHIN) -> int:
    """Ask about claims that are older than ``patience``; about how many.

    A step of its own: a carrier that is slow to answer must not keep those waiting who are to be told something.
    """
    with store.read() as tx:
        unheard = waiting_rows.unheard(tx, now - patience, AT_ONCE)
    return sum(_ask_about(store, carrier, row, now) for row in unheard)


def _redirect(store: Store, carrier: Carrier, row: Record, now: datetime) -> bool:
    """Send the carrier for the document that has changed; no transaction is open meanwhile."""
    try:
        carrier.ask_again(row.sid, row.id)
    except CallOverError:
        _gone(store, carrier, row, now)
        return False
    except CarrierError as error:
        log.warning("call.not_redirected", attempt=str(row.id), error=type(error).__name__)
        with store.write() as tx:
            waiting_rows.redirect_again(tx, row.id)
        return False
    return True


def _gone(store: Store, carrier: Carrier, row: Record, now: datetime) -> None:
    """Nobody is on the line any more: their agent is free at once, whether or not the carrier says how it ended."""
    record = _fetch(carrier, row.sid)
    with store.write() as tx:
        attempt = attempts.fetch_for_change(tx, [row.id])[row.id]
        if record is not None and _ends(record):
            _apply(tx, attempt, record, now)
        elif attempt.joining_since is not None and attempt.stage != Stage.ENDED:
            waiting.part(tx, attempt, now)
            waiting_rows.leave_be(tx, attempt.id)
        waiting.serve(tx, now)


def _ask_about(store: Store, carrier: Carrier, row: Record, now: datetime) -> bool:
    """Whether person and agent are in their room; where not, the agent is ready again and the person waits."""
    try:
        may_have_met = row.agent_is_bound or row.connected_at is not None
        people = carrier.people_in(conference_room(row.agent_id)) if may_have_met else frozenset()
    except CarrierError as error:
        log.warning("room.unknown", agent=row.agent_id, error=type(error).__name__)
        return False
    met = {row.sid, row.leg_sid} <= people
    call = None if met else _fetch(carrier, row.sid)
    leg = None if row.leg_sid in people else _fetch(carrier, row.leg_sid)
    with store.write() as tx:
        attempt = attempts.fetch_for_change(tx, [row.id])[row.id]
        if leg is not None and _ends(leg):
            agent_legs.leg_down(tx, row.agent_id, row.leg_sid, now)
        _apply_finding(tx, attempt, row, met, call, now)
        waiting.serve(tx, now)
    return True


def _apply_finding(
    tx: Connection, attempt: Record, asked: Record, met: bool, call: CarrierRecord | None, now: datetime
) -> None:
    """Write what was found, unless news have come meanwhile."""
    if attempt.stage == Stage.ENDED or attempt.joining_since != asked.joining_since:
        return
    if met:
        waiting.meet(tx, attempt, now)
    elif call is not None and _ends(call):
        _apply(tx, attempt, call, now)
    elif attempt.connected_at is not None:
        waiting_rows.meets_in_doubt(tx, attempt.id, None)
    else:
        waiting.part(tx, attempt, now)


def _apply(tx: Connection, attempt: Record, record: CarrierRecord, now: datetime) -> None:
    facts = {"answered_by": record.answered_by, "duration_seconds": record.duration_seconds}
    known = {name: value for name, value in facts.items() if value is not None}
    apply_call_status(tx, attempt, CallStatus(record.status), now, now, known)


def _ends(record: CarrierRecord) -> bool:
    return CALL_STAGE[CallStatus(record.status)] is Stage.ENDED


def _fetch(carrier: Carrier, sid: str | None) -> CarrierRecord | None:
    """The carrier's record; None where it does not say."""
    try:
        return None if sid is None else carrier.fetch_call(sid)
    except CarrierError as error:
        log.warning("call.unknown", sid=sid, error=type(error).__name__)
        return None
