"""Answers that staff write: decided by the gate, committed before the carrier is asked, and never sent twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.compliance.gate import decide
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.carrier import Carrier, MessageOrder
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.errors import (
    CallOverError,
    CarrierError,
    DispatchUncertainError,
    RecipientOptedOutError,
    UserError,
)
from orchestrator.domain.sender import Sender
from orchestrator.log import log
from orchestrator.persistence import answers, sellers, suppressions, threads
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import halts
from orchestrator.pipeline.carrier_stops import stopped_at_carrier
from orchestrator.pipeline.conversation_gate import question

LONGEST_BODY = 1600
VALID_FOR = timedelta(hours=1)  # a conversation's answer that comes later is none
MOST_LOOKS = 5  # a minute apart, then two, …: then the carrier has never heard of it
AT_ONCE = 20
IN_DOUBT = "Whether it was sent is not known yet; the worker asks the carrier. Do not write it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An answer that is about to be sent."""

    id: UUID
    thread: Record
    number: str
    text: str


def answer(
    store: Store, carrier: Carrier, rulebook: Rulebook, thread_id: int, text: str, by: str, now: datetime
) -> str:
    """Send one message in the thread, from the number that the person wrote to; the carrier's sid.

    Raises UserError where the person may not be written to, or not now, and CarrierError where the carrier refused; an
    answer whose fate is unknown is asked after by ``run_once`` and never sent again.
    """
    refuse_cards(text, "The answer")
    if not text.strip() or len(text) > LONGEST_BODY:
        raise UserError(f"Write an answer of one to {LONGEST_BODY} characters.")
    with store.write() as tx:
        written = _plan(tx, store, rulebook, thread_id, text, by, now)
    # Both sides write, then look: a stop that came since the gate asked is seen here, or sees this answer.
    with store.read() as tx:
        stopped = _stopped(tx, written)
    if stopped:
        with store.write() as tx:
            answers.settle(tx, written.id, "stopped")
        raise UserError("The person has just said stop; nothing was sent.")
    return _send(store, carrier, written, now)


def _plan(
    tx: Connection, store: Store, rulebook: Rulebook, thread_id: int, text: str, by: str, now: datetime
) -> Written:
    thread = threads.require(tx, thread_id)
    if not Sender.of(thread.sender).hears:
        raise UserError(f"{thread.sender} is a name, which nobody can be answered from.")
    seller = sellers.require(tx, thread.seller_id)
    number = store.keyring.open(thread.number_sealed, threads.NUMBER)
    asked = question(tx, seller, thread, number, identified=seller.name.casefold() in text.casefold(), now=now)
    if asked.suppressions:
        raise UserError("The person has said stop; they get no answer until they write START.")
    stops = halts.in_force(tx, now)
    if stops.on_campaign(0, seller.id):
        raise UserError("Contact is halted by hand; `orchestrator halt` lifts it.")
    found = stops.apply(decide(asked, rulebook), now)
    _require_allowed(found)
    written = Written(id=new_id(now), thread=thread, number=number, text=text)
    answers.plan(tx, {
        "id": written.id,
        "thread_id": thread.id,
        "seller_id": thread.seller_id,
        "number_key": thread.number_key,
        "body_sealed": store.keyring.seal(text, answers.BODY),
        "written_by": by,
        "planned_at": now,
        "decision": {
            "verdict": found.verdict.value,
            "rules": [rule.rule for rule in found.rules],
            "rulebook": found.rulebook,
        },
    })  # fmt: skip
    return written


def _require_allowed(found: Answer) -> None:
    deciding = found.deciding
    if deciding is None:
        return
    when = f" It may be sent from {found.next_allowed_at:%Y-%m-%d %H:%M} UTC." if found.next_allowed_at else ""
    said = "not now" if found.verdict is Verdict.HOLD else "no"
    raise UserError(f"The law says {said}: {deciding.because} ({deciding.rule}){when}")


def _stopped(tx: Connection, written: Written) -> bool:
    standing = suppressions.standing(tx, written.thread.seller_id, bytes(written.thread.number_key))
    return any(row.texts_again_at is None for row in standing)


def _send(store: Store, carrier: Carrier, written: Written, now: datetime) -> str:
    order = MessageOrder(
        reference=written.id,
        to=written.number,
        body=written.text,
        validity_seconds=int(VALID_FOR.total_seconds()),
        from_=written.thread.sender,
    )
    try:
        receipt = carrier.send_message(order)
    except DispatchUncertainError:
        with store.write() as tx:
            answers.doubt(tx, written.id)
        raise UserError(IN_DOUBT) from None
    except CarrierError as error:
        _refused(store, written, error, now)
        raise
    with store.write() as tx:
        answers.settle(tx, written.id, "sent", sid=receipt.sid, status=receipt.status)
    _take_back_if_stopped(store, carrier, written, receipt.sid)
    return receipt.sid


def _refused(store: Store, written: Written, error: CarrierError, now: datetime) -> None:
    with store.write() as tx:
        answers.settle(tx, written.id, "refused", error_code=error.carrier_code)
    if isinstance(error, RecipientOptedOutError):
        key = bytes(written.thread.number_key)
        stopped_at_carrier(store, written.thread.seller_id, key, error.carrier_code, now)


def _take_back_if_stopped(store: Store, carrier: Carrier, written: Written, sid: str) -> None:
    with store.read() as tx:
        stopped = _stopped(tx, written)
    if not stopped:
        return
    try:
        carrier.cancel_message(sid)
    except (CallOverError, CarrierError) as error:  # it has left
        log.warning("answer.not_taken_back", answer=str(written.id), error=type(error).__name__)


def run_once(store: Store, carrier: Carrier, limit: int = AT_ONCE) -> int:
    """Ask the carrier about answers whose fate nobody knows; how many were settled."""
    with store.read() as tx:
        silent = answers.silent(tx, limit)
    return sum(_look(store, carrier, row) for row in silent)


def _look(store: Store, carrier: Carrier, row: Record) -> bool:
    number = store.keyring.open(row.number_sealed, threads.NUMBER)
    try:
        found = carrier.find_messages(to=number, from_=row.sender, since=row.planned_at)
    except CarrierError:
        return False
    with store.write() as tx:
        known = answers.known_sids(tx, row.thread_id)
        sids = [record for record in found if record.sid not in known and record.direction == "outbound-api"]
        if sids:
            answers.settle(tx, row.id, "sent", sid=sids[0].sid, status=sids[0].status)
        elif row.rescue_tries + 1 >= MOST_LOOKS:
            answers.settle(tx, row.id, "lost")
        else:
            answers.look_again(tx, row.id, row.rescue_tries + 1)
            return False
    return True
