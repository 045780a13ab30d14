"""A called person has answered: an agent, or a moment's wait for one, or the information message; nobody twice."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from orchestrator.domain.agent import conference_room
from orchestrator.domain.attempt import RANK, Stage
from orchestrator.domain.carrier import AnsweredBy
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.events import CarrierEvent
from orchestrator.persistence import attempts as attempt_rows
from orchestrator.persistence import inbox
from orchestrator.persistence import waiting as waiting_rows
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import sellers
from orchestrator.pipeline import waiting
from orchestrator.pipeline.estimates import estimates
from orchestrator.pipeline.reception.group_commit import transact
from orchestrator.pipeline.reception.machine_answers import on_machine
from orchestrator.pipeline.reception.plans import AnswerPlan, HangUp, Inform, Join, Wait
from orchestrator.pipeline.reception.stopped import stopped
from orchestrator.pipeline.reception.stops import OPT_OUT_KEY

NOT_A_PERSON = frozenset({AnsweredBy.MACHINE, AnsweredBy.FAX})
NAMES_THE_KEY = re.compile(rf"(?<!\d){OPT_OUT_KEY}(?!\d)")
HELD = (  # built once, as the next: whoever picks up waits for both
    select(attempts, campaigns.c.plan, sellers.c.name.label("seller_name"), sellers.c.callback_number)
    .join(campaigns, campaigns.c.id == attempts.c.campaign_id)
    .join(sellers, sellers.c.id == attempts.c.seller_id)
    .where(attempts.c.id == bindparam("b_id"), attempts.c.channel == Channel.VOICE.value)
    .with_for_update(of=attempts)
)
MARK = update(attempts).where(attempts.c.id == bindparam("b_id")).returning(attempts)
OPT_OUT_OFFER = f"Press {OPT_OUT_KEY} and we will not call again."


@dataclass(frozen=True, slots=True)
class Answered:
    """An answered attempt, held by this transaction, with what its campaign and seller say."""

    attempt: Record
    voice: dict[str, Any]
    seller_name: str
    callback_number: str


def answer(store: Store, event: CarrierEvent, now: datetime) -> AnswerPlan:
    """What the person who picked up is to hear; who waits asks again, and what was decided stays.

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
    return _as_before(tx, answered) or _now_or_later(tx, answered, event, now)


def _held(tx: Connection, attempt_id: UUID) -> Answered | None:
    row = tx.execute(HELD, {"b_id": attempt_id}).one_or_none()
    if row is None:
        return None
    return Answered(row, row.plan.get("voice") or {}, row.seller_name, row.callback_number)


def _as_before(tx: Connection, answered: Answered) -> AnswerPlan | None:
    """The plan that was decided; None for somebody who is new, or waits."""
    attempt = answered.attempt
    if attempt.stage == Stage.ENDED.value:
        return HangUp("the attempt has ended")
    plan = _decided(answered)
    if plan is not None and attempt.redirect_at is not None:
        waiting_rows.told(tx, attempt.id)
    return plan


def _decided(answered: Answered) -> AnswerPlan | None:
    attempt = answered.attempt
    claimed = attempt.connected_at is not None or attempt.joining_since is not None
    if claimed and attempt.agent_id is not None and attempt.message_at is None:
        return Join(conference_room(attempt.agent_id))
    return _information(answered) if attempt.abandoned_at is not None else None


def _now_or_later(tx: Connection, answered: Answered, event: CarrierEvent, now: datetime) -> AnswerPlan:
    attempt = _mark_answered(tx, answered.attempt, event, now)
    if attempt.answered_by in NOT_A_PERSON:
        waiting_rows.leave_be(tx, attempt.id)
        return on_machine(tx, attempt, answered.voice, event, now)
    if stopped(tx, attempt):
        waiting_rows.leave_be(tx, attempt.id)
        return HangUp("a stop arrived meanwhile")
    queue = answered.voice.get("queue")
    waiting.serve(tx, now, queue)  # whoever waits longer comes first; it may be this very person
    if attempt.waiting_since is not None:
        return _still_waiting(tx, answered, now)
    agent_id = waiting.claim(tx, attempt, queue, now)
    if agent_id is not None:
        return Join(conference_room(agent_id))
    waiting_rows.begin(tx, attempt, queue)
    return _still_waiting(tx, answered, now)


def _still_waiting(tx: Connection, answered: Answered, now: datetime) -> AnswerPlan:
    """An agent who has been found since, else the message once the time is spent."""
    attempt = attempt_rows.fetch(tx, answered.attempt.id)
    assert attempt is not None, "an attempt that this transaction holds"  # noqa: S101
    if attempt.joining_since is not None:
        waiting_rows.told(tx, attempt.id)
        return Join(conference_room(attempt.agent_id))
    if waiting.is_spent(attempt, now):
        waiting_rows.given_up(tx, attempt.id, now, redirect=False)
        return _information(answered)
    return Wait()


def _mark_answered(tx: Connection, attempt: Record, event: CarrierEvent, now: datetime) -> Record:
    """The attempt as it is now that somebody has answered."""
    stage = max(Stage(attempt.stage), Stage.ANSWERED, key=RANK.__getitem__)
    answered_at = attempt.answered_at or now
    said = {} if event.answered_by is None else {"answered_by": event.answered_by.value}
    if attempt.waiting_since is None and attempt.greeting_end_at is None:
        said |= estimates(answered_at, event.answered_by, None, now)
    # The request may overtake the receipt of the order: whoever is first to know the sid stores it.
    changes = {"stage": stage.value, "sid": attempt.sid or event.sid or None, "answered_at": answered_at, **said}
    return tx.execute(MARK, {"b_id": attempt.id, **changes}).one()


def _information(answered: Answered) -> Inform:
    """The campaign's own words, made whole with who we are and the key that opts out where it leaves them out."""
    text = answered.voice.get("information_message") or ""
    if answered.seller_name.casefold() not in text.casefold():
        text = f"This is {answered.seller_name}, {answered.callback_number}. {text}".strip()
    return Inform(text if NAMES_THE_KEY.search(text) else f"{text} {OPT_OUT_OFFER}")
