"""Answers that staff write: attempts like any other, decided last, written first and handed to the carrier once."""

from dataclasses import dataclass

from sqlalchemy import Connection

from orchestrator.carrier.error_codes import meaning
from orchestrator.clock import Clock
from orchestrator.domain.attempt import NO_CONTACT
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import CarrierError, UserError
from orchestrator.persistence import attempts, cancellations
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.conversation_order import Draft, Refused, prepare
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.placement import Placer
from orchestrator.pipeline.planning import Planned
from orchestrator.pipeline.stop_watch import stops_since

LONGEST_BODY = 1600
IN_DOUBT = "Whether it was sent is not known yet; the worker asks the carrier. Do not write it again."
SAID_STOP = "The person has just said stop; nothing was sent."
TOO_LATE = "The carrier could not be asked in time; nothing was sent. Write it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDesk:
    """What an answer is sent with."""

    engine: Engine
    placer: Placer
    clock: Clock
    closings: Closings


def answer(desk: AnswerDesk, draft: Draft) -> str:
    """Send one message in the thread, from the number that the person wrote to; the carrier's sid.

    Raises UserError, which says what to do next, where nothing was sent or nobody knows; rescue asks about the latter.
    """
    refuse_cards(draft.text, "The answer")
    if not draft.text.strip() or len(draft.text) > LONGEST_BODY:
        raise UserError(f"Write an answer of one to {LONGEST_BODY} characters.")
    with desk.engine.store.write() as tx:
        planned = prepare(tx, desk.engine, desk.closings, draft, desk.clock)
    if isinstance(planned, Refused):
        raise UserError(planned.because)
    desk.placer.submit([planned])
    desk.placer.drain()
    with desk.engine.store.read() as tx:
        return _told(tx, planned)


def _told(tx: Connection, planned: Planned) -> str:
    """What became of it, as far as that is known once the placer is done."""
    row = attempts.fetch(tx, planned.attempt_id)
    if row is not None and row.outcome in NO_CONTACT and row.sid is None:
        raise UserError(_why_not(tx, row, planned))
    if row is None or row.sid is None:
        raise UserError(IN_DOUBT)
    if cancellations.is_filed(tx, planned.attempt_id):
        raise UserError(f"The person said stop just as it left: {row.sid} is being taken back.")
    return str(row.sid)


def _why_not(tx: Connection, row: Record, planned: Planned) -> str:
    if row.error_code is not None:
        kind = meaning(row.error_code) or CarrierError
        return f"Nothing was sent, by error {row.error_code} of the carrier. {kind.__doc__}"
    return SAID_STOP if stops_since(tx, [planned]) else TOO_LATE
