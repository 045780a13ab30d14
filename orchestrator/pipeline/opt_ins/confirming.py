"""The one confirmation: looked up, decided last, and never sent twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, select

from orchestrator.clock import Clock
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.errors import CarrierError
from orchestrator.domain.opt_in import OptInSource, OptInState
from orchestrator.log import log
from orchestrator.persistence import consent_ledger, number_facts, opt_in_pages, opt_ins
from orchestrator.persistence.number_facts import Finding
from orchestrator.persistence.opt_in_pages import StoredPage
from orchestrator.persistence.tables.attempts import attempts as attempts_table
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import halts
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.opt_ins import ending
from orchestrator.pipeline.opt_ins.message import AGAIN, NotEver, NotYet, prepare
from orchestrator.pipeline.opt_ins.requesting import ANSWERED_WITHIN
from orchestrator.pipeline.placement import Placing
from orchestrator.pipeline.planning import Planned

AT_ONCE = 20
SENT_UNTIL = timedelta(minutes=10)  # how long after the message before its fate is looked at
TEXTABLE = frozenset({LineType.MOBILE, LineType.VOIP, LineType.UNKNOWN, LineType.TOLL_FREE})


@dataclass(frozen=True, kw_only=True)
class ConfirmationDesk:
    """What the step works with."""

    engine: Engine
    carrier: Callable[[], Carrier]
    placer: Placing
    clock: Clock
    closings: Closings


@dataclass(frozen=True, slots=True)
class NeverSent:
    """It is certain that the carrier was not asked, or that it did nothing: the message may be tried again."""


def run_once(desk: ConfirmationDesk, limit: int = AT_ONCE) -> int:
    """Ask whoever has asked to be asked, each once; how many confirmations were handed to the carrier."""
    store = desk.engine.store
    with store.read() as tx:
        waiting = [row for row in opt_ins.due(tx, desk.clock.now(), limit) if row.state == OptInState.PENDING]
    return sum(_ask(desk, opt_in) for opt_in in waiting)


def _ask(desk: ConfirmationDesk, opt_in: Record) -> bool:
    """Hand it over at once: by the time that the next number is looked up, rescue might take it for never sent."""
    line_type = _line_type(desk, opt_in)
    with desk.engine.store.write() as tx:
        consent_ledger.lock_holders(
            tx, opt_in.seller_id, bytes(opt_in.number_key)
        )  # first, as whoever erases them does
        planned = _confirm(tx, desk, opt_in.id, line_type)
    desk.placer.submit([planned] if planned is not None else [])
    return planned is not None


def _line_type(desk: ConfirmationDesk, opt_in: Record) -> LineType | None:
    """What the number is, looked up where nobody knows; None where the carrier must be asked again."""
    store, key = desk.engine.store, bytes(opt_in.number_key)
    with store.read() as tx:
        known = number_facts.line_types(tx, [key]).get(key)
    if known not in {None, LineType.UNKNOWN} or opt_in.attempt_id is not None:
        return known
    try:
        found = desk.carrier().line_type(store.keyring.open(opt_in.number_sealed, opt_ins.NUMBER))
    except CarrierError as error:
        log.warning("opt_in.not_looked_up", error=type(error).__name__)
        return None
    dead = None if found.valid else "lookup: no such number"
    with store.write() as tx:
        finding = Finding(number_key=key, line_type=found.line_type, error=found.error_code, dead=dead)
        number_facts.record(tx, [finding], desk.clock.now())
    return found.line_type


def _confirm(tx: Connection, desk: ConfirmationDesk, opt_in_id: UUID, line_type: LineType | None) -> Planned | None:
    """Decide about one, in the transaction that writes its attempt."""
    now = desk.clock.now()
    opt_in = opt_ins.fetch_for_change(tx, opt_in_id)
    if opt_in is None or opt_in.state != OptInState.PENDING or opt_in.due_at is None or opt_in.due_at > now:
        return None
    step = _next(tx, desk, opt_in, line_type, now)
    if isinstance(step, Planned):
        look_at = now + SENT_UNTIL
        answered_by = {"expires_at": now + ANSWERED_WITHIN} if opt_in.source == OptInSource.RENEWAL else {}
        opt_ins.change(tx, opt_in.id, attempt_id=step.attempt_id, due_at=look_at, held_by=None, **answered_by)
        return step
    if isinstance(step, NotEver):
        ending.unreachable(tx, desk.engine.store.keyring, opt_in, step.because, now)
    else:
        opt_ins.change(tx, opt_in.id, due_at=step.until if step else None, held_by=step.held_by if step else None)
    return None


def _next(
    tx: Connection, desk: ConfirmationDesk, opt_in: Record, line_type: LineType | None, now: datetime
) -> Planned | NotYet | NotEver | None:
    """The message, or why there is none; None once it is out, and only its person's word is waited for."""
    if opt_in.attempt_id is not None:
        fate = _fate(tx, opt_in, now)
        if not isinstance(fate, NeverSent):
            return fate
    if line_type is None:
        return NotYet(now + AGAIN, "lookup")
    if line_type not in TEXTABLE:
        return NotEver(f"line type {line_type}")
    stored = opt_in_pages.find(tx, opt_in.page_id)
    page = opt_in_pages.version(tx, opt_in.page_id, opt_in.version)
    assert stored is not None, "an opt-in has a page"  # noqa: S101 - a foreign key says so
    assert page is not None, "an opt-in has a version"  # noqa: S101 - kept for good
    if held := _held(tx, stored, now):
        return held
    return prepare(tx, desk.engine, desk.closings, opt_in, page, stored.campaign_id, line_type, now)


def _fate(tx: Connection, opt_in: Record, now: datetime) -> NotYet | NotEver | NeverSent | None:
    """What became of the message; None where nothing is left to know."""
    query = select(attempts_table.c.stage, attempts_table.c.outcome).where(attempts_table.c.id == opt_in.attempt_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    if row.stage != Stage.ENDED:
        return NotYet(now + SENT_UNTIL, "on its way")
    if row.outcome == Outcome.NEVER_SENT:
        return NeverSent()
    if row.outcome in {Outcome.REFUSED, Outcome.UNDELIVERED, Outcome.FAILED}:
        return NotEver(f"message {row.outcome}")
    return NotYet(now + SENT_UNTIL, "sent") if row.outcome == Outcome.SENT else None


def _held(tx: Connection, stored: StoredPage, now: datetime) -> NotYet | None:
    """Whether somebody has stopped the page's campaign, or everything, by hand."""
    locked = select(campaigns.c.state).where(campaigns.c.id == stored.campaign_id).with_for_update()
    state = tx.execute(locked).scalar_one()  # so that a pause, or a seller's end, and this never pass each other
    if state != CampaignState.RUNNING:
        return NotYet(now + AGAIN, f"campaign {state}")
    halted = halts.in_force(tx, now).on_campaign(stored.campaign_id, stored.page.seller)
    return NotYet(now + AGAIN, "halt") if halted else None
