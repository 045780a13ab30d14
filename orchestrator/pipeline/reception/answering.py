"""A called person has answered: an agent, or within two seconds the information message, and nobody twice."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update

from orchestrator.domain.agent import AgentState, conference_room
from orchestrator.domain.attempt import RANK, Stage
from orchestrator.domain.carrier import AnsweredBy
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.events import CarrierEvent
from orchestrator.persistence import agents, inbox
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import sellers
from orchestrator.pipeline.reception.group_commit import transact
from orchestrator.pipeline.reception.machine_answers import on_machine
from orchestrator.pipeline.reception.plans import AnswerPlan, HangUp, Inform, Join
from orchestrator.pipeline.reception.stopped import stopped
from orchestrator.pipeline.reception.stops import OPT_OUT_KEY

NOT_A_PERSON = frozenset({AnsweredBy.MACHINE, AnsweredBy.FAX})
NAMES_THE_KEY = re.compile(rf"(?<!\d){OPT_OUT_KEY}(?!\d)")
OPT_OUT_OFFER = f"Press {OPT_OUT_KEY} and we will not call again."


@dataclass(frozen=True, slots=True)
class Answered:
    """An answered attempt, held by this transaction, with what its campaign and seller say."""

    attempt: Record
    voice: dict[str, Any]
    seller_name: str
    callback_number: str


def answer(store: Store, event: CarrierEvent, now: datetime) -> AnswerPlan:
    """What the person who picked up is to hear; the same again for a request that is repeated.

    The plan, the agent's and the attempt's new states and the stored delivery are one transaction.
    """
    return transact(store, lambda tx: _decide(tx, store.keyring, event, now))


def information_for(tx: Connection, attempt_id: UUID) -> Inform | None:
    """The information message of the attempt's campaign; None for an attempt that is unknown."""
    answered = _held(tx, attempt_id)
    return None if answered is None else _information(answered)


def _decide(tx: Connection, keyring: Keyring, event: CarrierEvent, now: datetime) -> AnswerPlan:
    answered = None if event.reference is None else _held(tx, event.reference)
    inbox.remember(tx, keyring, event, now)
    if answered is None:
        return HangUp("unknown attempt")
    if answered.attempt.sid is not None and event.sid and answered.attempt.sid != event.sid:
        return HangUp("another call than the one on record")
    return _as_before(answered) or _for_the_first_time(tx, answered, event, now)


def _held(tx: Connection, attempt_id: UUID) -> Answered | None:
    row = tx.execute(
        select(attempts, campaigns.c.plan, sellers.c.name.label("seller_name"), sellers.c.callback_number)
        .join(campaigns, campaigns.c.id == attempts.c.campaign_id)
        .join(sellers, sellers.c.id == attempts.c.seller_id)
        .where(attempts.c.id == attempt_id, attempts.c.channel == Channel.VOICE.value)
        .with_for_update(of=attempts)
    ).one_or_none()
    if row is None:
        return None
    return Answered(row, row.plan.get("voice") or {}, row.seller_name, row.callback_number)


def _as_before(answered: Answered) -> AnswerPlan | None:
    attempt = answered.attempt
    if attempt.stage == Stage.ENDED.value:
        return HangUp("the attempt has ended")
    if attempt.connected_at is not None and attempt.agent_id is not None:
        return Join(conference_room(attempt.agent_id))
    return _information(answered) if attempt.abandoned_at is not None else None


def _for_the_first_time(tx: Connection, answered: Answered, event: CarrierEvent, now: datetime) -> AnswerPlan:
    attempt = answered.attempt
    _mark_answered(tx, attempt, event, now)
    if NOT_A_PERSON & {event.answered_by, attempt.answered_by}:
        return on_machine(tx, attempt, answered.voice, event, now)
    if stopped(tx, attempt):
        return HangUp("a stop arrived meanwhile")
    agent_id = _agent(tx, attempt, answered.voice.get("queue"), now)
    if agent_id is None:
        _set(tx, attempt.id, abandoned_at=now)
        return _information(answered)
    agents.change(tx, agent_id, {AgentState.CONNECTING}, AgentState.TALKING, now, attempt_id=attempt.id)
    _set(tx, attempt.id, stage=Stage.CONNECTED.value, connected_at=now, agent_id=agent_id)
    return Join(conference_room(agent_id))


def _mark_answered(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> None:
    stage = max(Stage(attempt.stage), Stage.ANSWERED, key=RANK.__getitem__)
    said = {} if event.answered_by is None else {"answered_by": event.answered_by.value}
    # The request may overtake the receipt of the order: whoever is first to know the sid stores it.
    sid = attempt.sid or event.sid or None
    _set(tx, attempt.id, stage=stage.value, sid=sid, answered_at=attempt.answered_at or now, **said)


def _agent(tx: Connection, attempt: Record, queue: str | None, now: datetime) -> str | None:
    """The agent reserved for this call, else whoever of the queue has been ready longest."""
    if attempt.agent_id is not None and agents.take_reserved(tx, attempt.agent_id, attempt.id, now):
        return str(attempt.agent_id)
    return None if queue is None else agents.claim_longest_ready(tx, queue, attempt.id, now)


def _information(answered: Answered) -> Inform:
    """The campaign's own words, made whole with who we are and the key that opts out where it leaves them out."""
    text = answered.voice.get("information_message") or ""
    if answered.seller_name.casefold() not in text.casefold():
        text = f"This is {answered.seller_name}, {answered.callback_number}. {text}".strip()
    return Inform(text if NAMES_THE_KEY.search(text) else f"{text} {OPT_OUT_OFFER}")


def _set(tx: Connection, attempt_id: UUID, **values: Any) -> None:
    tx.execute(update(attempts).where(attempts.c.id == attempt_id).values(values))
