"""The confirmation as an order to the carrier: asked of the gate, its decision and its attempt written first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.compliance.gate import decide
from orchestrator.domain.carrier import MessageOrder
from orchestrator.domain.contact_request import (
    Channel,
    LineType,
)
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.message_text import segments
from orchestrator.domain.opt_in import OptInPage, OptInSource
from orchestrator.persistence import attempts, opt_ins, sellers, suppressions
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import halts, unenrolled
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.deciding import NUMBER_BUSY_WAIT
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.opt_ins import renewal_question
from orchestrator.pipeline.opt_ins.matter import Matter
from orchestrator.pipeline.opt_ins.publishing import plan_of
from orchestrator.pipeline.opt_ins.question import question_for
from orchestrator.pipeline.planning import SHORTEST_VALIDITY_SECONDS, Planned
from orchestrator.pipeline.sender_pool import Held, SenderDesk, Sent
from orchestrator.pipeline.unenrolled import Addressee, Letter

AGAIN = timedelta(seconds=30)  # where the carrier, a slot or a person must be waited for
A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class NotYet:
    """Nothing is sent at this moment; nothing is spent."""

    until: datetime
    held_by: str


@dataclass(frozen=True, slots=True)
class NotEver:
    """The number takes no text, or the law lets us send none."""

    because: str


def prepare(
    tx: Connection,
    engine: Engine,
    closings: Closings,
    opt_in: Record,
    page: OptInPage,
    campaign_id: int,
    line_type: LineType,
    now: datetime,
) -> Planned | NotYet | NotEver:
    """The message with its attempt and decision written, where the gate allows it at this moment."""
    of = renewal_question.matter_of if opt_in.source == OptInSource.RENEWAL else _confirmation
    matter = of(tx, engine, opt_in, page, campaign_id, line_type, now)
    if isinstance(matter, str):
        return NotEver(matter)
    question, to = matter.question, matter.to
    answer = halts.in_force(tx, now).apply(decide(question, engine.rulebook), now)
    if answer.verdict is Verdict.HOLD:
        return NotYet(answer.next_allowed_at or now + AGAIN, _first_rule(answer))
    if answer.verdict is Verdict.REFUSE:
        unenrolled.note(tx, engine, to, question, answer, None, now)
        return NotEver(_first_rule(answer))
    until = min(closings.closes_at(question, answer), opt_in.expires_at)
    if (until - now).total_seconds() < SHORTEST_VALIDITY_SECONDS:
        return NotYet(until, "window closing")
    order, senders = _order(page, to, matter.body, until, now), SenderDesk()
    if not attempts.occupy(tx, to.number_key, Channel.SMS, order.reference, now):
        return NotYet(now + NUMBER_BUSY_WAIT, "live attempt")
    parts = segments(matter.body)
    chosen = senders.of(tx, engine, page.seller, plan_of(page), now).choose(to.number, to.number_key, parts, now)
    if not isinstance(chosen, Sent):
        attempts.vacate(tx, order.reference, to.number_key, Channel.SMS)
        return NotYet(chosen.until, chosen.held_by) if isinstance(chosen, Held) else NotYet(now + A_MOMENT, "send slot")
    letter = Letter(order=order, segments=parts, sender=chosen, until=until, judged=matter.judged)
    planned = unenrolled.planned(to, letter)
    senders.count(tx, engine, [planned], now)
    decision_id = unenrolled.note(tx, engine, to, question, answer, order.reference, now)
    unenrolled.open_attempt(tx, engine, to, letter, decision_id, now)
    return planned


def _confirmation(
    tx: Connection,
    engine: Engine,
    opt_in: Record,
    page: OptInPage,
    campaign_id: int,
    line_type: LineType,
    now: datetime,
) -> Matter | str:
    number = engine.store.keyring.open(opt_in.number_sealed, opt_ins.NUMBER)
    stops = suppressions.standing(tx, opt_in.seller_id, bytes(opt_in.number_key))
    question = question_for(
        opt_in,
        number,
        sellers.require(tx, page.seller),
        campaign_id,
        line_type,
        [suppressions.facts_of(stop) for stop in stops],
        engine.shelf().answers([number], page.seller)[0],
        now,
    )
    return Matter(
        question=question,
        to=_addressee(opt_in, page.seller, campaign_id, number),
        body=page.confirmation(opt_in.language),
        judged=frozenset(stop.id for stop in stops),
    )


def _addressee(opt_in: Record, seller_id: str, campaign_id: int, number: str) -> Addressee:
    return Addressee(
        seller_id=seller_id,
        campaign_id=campaign_id,
        number=number,
        number_key=bytes(opt_in.number_key),
        person_keys=(bytes(opt_in.number_key),),
        country=opt_in.country,
    )


def _order(page: OptInPage, to: Addressee, body: str, until: datetime, now: datetime) -> MessageOrder:
    return MessageOrder(
        reference=new_id(now),
        to=to.number,
        body=body,
        validity_seconds=int((until - now).total_seconds()),
        from_=page.sender,
        messaging_service=page.messaging_service,
    )


def _first_rule(answer: Answer) -> str:
    return answer.deciding.rule if answer.deciding else "no rule"
