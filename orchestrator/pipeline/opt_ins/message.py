"""The confirmation as an order to the carrier: asked of the gate, its decision and its attempt written first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from orchestrator.compliance.gate import decide
from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import MessageOrder
from orchestrator.domain.contact_request import (
    Channel,
    ConsentChannel,
    ContactRequest,
    LineType,
    SuppressionFacts,
    SuppressionKind,
    SuppressionScope,
)
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.message_text import segments
from orchestrator.domain.opt_in import OptInPage
from orchestrator.persistence import attempts, decisions, opt_ins, sellers
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import suppressions
from orchestrator.pipeline import halts
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.deciding import FACTS, NUMBER_BUSY_WAIT
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.facts_form import plain
from orchestrator.pipeline.opt_ins.publishing import plan_of
from orchestrator.pipeline.opt_ins.question import question_for
from orchestrator.pipeline.planning import BODY, SHORTEST_VALIDITY_SECONDS, TO, Planned
from orchestrator.pipeline.sender_pool import Held, SenderDesk, Sent, slot_of

AGAIN = timedelta(seconds=30)  # where the carrier, a slot or a person must be waited for
A_MOMENT = timedelta(seconds=1)
NOBODY = 0  # enrolled, and on no list yet


@dataclass(frozen=True, slots=True)
class NotYet:
    """Nothing is sent at this moment; nothing is spent."""

    until: datetime
    held_by: str


@dataclass(frozen=True, slots=True)
class NotEver:
    """The number takes no text, or the law lets us send none."""

    because: str


@dataclass(frozen=True, slots=True)
class Text:
    """The confirmation: to whom, its words and segments, and how long it is good for."""

    number: str
    body: str
    parts: int
    until: datetime
    validity_seconds: int


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
    key = bytes(opt_in.number_key)
    number = engine.store.keyring.open(opt_in.number_sealed, opt_ins.NUMBER)
    stops = _stops(tx, opt_in)
    question = question_for(
        opt_in,
        number,
        sellers.require(tx, page.seller),
        campaign_id,
        line_type,
        [_facts(stop) for stop in stops],
        engine.shelf().answers([number], page.seller)[0],
        now,
    )
    answer = halts.in_force(tx, now).apply(decide(question, engine.rulebook), now)
    if answer.verdict is Verdict.HOLD:
        return NotYet(answer.next_allowed_at or now + AGAIN, _first_rule(answer))
    if answer.verdict is Verdict.REFUSE:
        _note(tx, engine, opt_in, campaign_id, question, answer, None, now)
        return NotEver(_first_rule(answer))
    until = min(closings.closes_at(question, answer), opt_in.expires_at)
    body = page.confirmation(opt_in.language)
    if (until - now).total_seconds() < SHORTEST_VALIDITY_SECONDS:
        return NotYet(until, "window closing")
    attempt_id, parts, senders = new_id(now), segments(body), SenderDesk()
    if not attempts.occupy(tx, key, Channel.SMS, attempt_id, now):
        return NotYet(now + NUMBER_BUSY_WAIT, "live attempt")
    chosen = senders.of(tx, engine, page.seller, plan_of(page), now).choose(number, key, parts, now)
    if not isinstance(chosen, Sent):
        attempts.vacate(tx, attempt_id, key, Channel.SMS)
        return NotYet(chosen.until, chosen.held_by) if isinstance(chosen, Held) else NotYet(now + A_MOMENT, "send slot")
    decision_id = _note(tx, engine, opt_in, campaign_id, question, answer, attempt_id, now)
    text = Text(number, body, parts, until, int((until - now).total_seconds()))
    judged = frozenset(stop.id for stop in stops)
    planned = _planned(attempt_id, campaign_id, opt_in, page, text, chosen, judged)
    senders.count(tx, engine, [planned], now)
    attempts.open_all(tx, [_row(engine, opt_in, planned, chosen.address, body, decision_id, now)], engine.waits.lease)
    return planned


def _planned(
    attempt_id: UUID,
    campaign_id: int,
    opt_in: Record,
    page: OptInPage,
    text: Text,
    chosen: Sent,
    stop_ids: frozenset[int],
) -> Planned:
    order = MessageOrder(
        reference=attempt_id,
        to=text.number,
        body=text.body,
        validity_seconds=text.validity_seconds,
        from_=page.sender,
        messaging_service=page.messaging_service,
    )
    key = bytes(opt_in.number_key)
    return Planned(
        attempt_id=attempt_id,
        campaign_id=campaign_id,
        seller_id=page.seller,
        enrollment_id=NOBODY,
        number_key=key,
        person_keys=(key,),
        stop_ids=stop_ids,
        number=text.number,
        channel=Channel.SMS,
        order=order,
        slot=slot_of(chosen.address),
        slots=text.parts,
        slot_rate=chosen.rate,
        valid_until=text.until,
    )


def _stops(tx: Connection, opt_in: Record) -> Sequence[Record]:
    query = select(suppressions).where(
        suppressions.c.seller_id == opt_in.seller_id,
        suppressions.c.number_key == opt_in.number_key,
        suppressions.c.lifted_at.is_(None),
    )
    return tx.execute(query.order_by(suppressions.c.id)).all()


def _facts(stop: Record) -> SuppressionFacts:
    return SuppressionFacts(
        kind=SuppressionKind(stop.kind),
        channel=ConsentChannel(stop.channel),
        at=stop.at,
        campaign=None if stop.campaign_id is None else str(stop.campaign_id),
        scope=SuppressionScope(stop.scope),
    )


def _first_rule(answer: Answer) -> str:
    return answer.deciding.rule if answer.deciding else "no rule"


def _note(
    tx: Connection,
    engine: Engine,
    opt_in: Record,
    campaign_id: int,
    question: ContactRequest,
    answer: Answer,
    attempt_id: UUID | None,
    now: datetime,
) -> UUID:
    """Write the decision down, as every other: with its facts, so that it can be asked again."""
    decision_id = new_id(now)
    rules = [rule.rule for rule in answer.rules if rule.verdict is answer.verdict]
    row = {
        "id": decision_id,
        "seller_id": opt_in.seller_id,
        "campaign_id": campaign_id,
        "enrollment_id": NOBODY,
        "contact_id": NOBODY,
        "number_key": bytes(opt_in.number_key),
        "attempt_id": attempt_id,
        "channel": Channel.SMS,
        "mode": None,
        "verdict": answer.verdict,
        "rules": [] if answer.verdict is Verdict.ALLOW else rules,
        "until": None,
        "rulebook": answer.rulebook,
        "facts_sealed": engine.store.keyring.seal(json.dumps(plain(question), separators=(",", ":")), FACTS),
        "times": 1,
        "decided_at": now,
        "last_at": now,
    }
    decisions.record(tx, [row])
    return decision_id


def _row(
    engine: Engine, opt_in: Record, planned: Planned, sender: str, body: str, decision_id: UUID, now: datetime
) -> Mapping[str, Any]:
    """The attempt. Nobody is enrolled, so nothing has to follow it."""
    keyring = engine.store.keyring
    return {
        "id": planned.attempt_id,
        "seller_id": planned.seller_id,
        "campaign_id": planned.campaign_id,
        "enrollment_id": NOBODY,
        "contact_id": NOBODY,
        "ordinal": 1,
        "number_key": planned.number_key,
        "to_sealed": keyring.seal(planned.number, TO),
        "country": opt_in.country,
        "from_address": sender,
        "channel": Channel.SMS,
        "stage": Stage.PLANNED,
        "decision_id": decision_id,
        "body_sealed": keyring.seal(body, BODY),
        "segments": planned.slots,
        "planned_at": now,
        "valid_until": planned.valid_until,
        "followed_up": True,
    }
