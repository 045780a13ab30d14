"""Messages outside of any list, to somebody who signs up or wrote: their decision and attempt, written as any other."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import MessageOrder
from orchestrator.domain.contact_request import Channel, ContactRequest
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.persistence import attempts, decisions
from orchestrator.persistence.identity import new_id
from orchestrator.pipeline.deciding import FACTS
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.facts_form import plain
from orchestrator.pipeline.planning import BODY, TO, Planned
from orchestrator.pipeline.sender_pool import Sent, slot_of

NOBODY = 0  # for an enrollment, and for a contact of whom no list tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom the message is for, on whose behalf, and the campaign that it is counted under."""

    seller_id: str
    campaign_id: int
    number: str
    number_key: bytes
    person_keys: tuple[bytes, ...]  # every number of the person: a stop on one binds all
    country: str
    contact_id: int = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that may leave until then; its sender's slots are taken. ``judged``: the stops that the gate knew."""

    order: MessageOrder
    segments: int
    sender: Sent
    until: datetime
    judged: frozenset[int]
    ordinal: int = 1  # of those that the person gets in the same matter


def note(
    tx: Connection,
    engine: Engine,
    to: Addressee,
    question: ContactRequest,
    answer: Answer,
    attempt_id: UUID | None,
    now: datetime,
) -> UUID:
    """Write the decision down with its facts, so that it can be asked again; its id."""
    decision_id = new_id(now)
    rules = [rule.rule for rule in answer.rules if rule.verdict is answer.verdict]
    row = {
        "id": decision_id,
        "seller_id": to.seller_id,
        "campaign_id": to.campaign_id,
        "enrollment_id": NOBODY,
        "contact_id": to.contact_id,
        "number_key": to.number_key,
        "attempt_id": attempt_id,
        "channel": Channel.SMS,
        "mode": None,
        "verdict": answer.verdict,
        "rules": [] if answer.verdict is Verdict.ALLOW else rules,
        "until": answer.next_allowed_at,
        "rulebook": answer.rulebook,
        "facts_sealed": engine.store.keyring.seal(json.dumps(plain(question), separators=(",", ":")), FACTS),
        "times": 1,
        "decided_at": now,
        "last_at": now,
    }
    decisions.record(tx, [row])
    return decision_id


def planned(to: Addressee, letter: Letter) -> Planned:
    """The message as the placer takes it."""
    return Planned(
        attempt_id=letter.order.reference,
        campaign_id=to.campaign_id,
        seller_id=to.seller_id,
        enrollment_id=NOBODY,
        number_key=to.number_key,
        person_keys=to.person_keys,
        stop_ids=letter.judged,
        number=to.number,
        channel=Channel.SMS,
        order=letter.order,
        slot=slot_of(letter.sender.address),
        slots=letter.segments,
        slot_rate=letter.sender.rate,
        valid_until=letter.until,
    )


def open_attempt(
    tx: Connection, engine: Engine, to: Addressee, letter: Letter, decision_id: UUID, now: datetime
) -> None:
    """Write the attempt. Nobody is enrolled, so nothing has to follow it."""
    keyring = engine.store.keyring
    row = {
        "id": letter.order.reference,
        "seller_id": to.seller_id,
        "campaign_id": to.campaign_id,
        "enrollment_id": NOBODY,
        "contact_id": to.contact_id,
        "ordinal": letter.ordinal,
        "number_key": to.number_key,
        "to_sealed": keyring.seal(to.number, TO),
        "country": to.country,
        "from_address": letter.sender.address,
        "channel": Channel.SMS,
        "stage": Stage.PLANNED,
        "decision_id": decision_id,
        "body_sealed": keyring.seal(letter.order.body, BODY),
        "segments": letter.segments,
        "planned_at": now,
        "valid_until": letter.until,
        "followed_up": True,
    }
    attempts.open_all(tx, [row], engine.waits.lease)
