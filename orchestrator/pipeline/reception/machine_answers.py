"""What an answering machine is to hear: the message that the gate gave leave for, or nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from orchestrator.domain.attempt import Stage
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.events import CarrierEvent
from orchestrator.persistence import agents, inbox, machine_messages
from orchestrator.persistence import waiting as waiting_rows
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.machines import may_be_left
from orchestrator.pipeline.reception.group_commit import transact
from orchestrator.pipeline.reception.plans import AnswerPlan, HangUp, Leave
from orchestrator.pipeline.reception.stopped import stopped


def on_machine(
    tx: Connection, attempt: Record, voice: dict[str, Any], event: CarrierEvent, now: datetime
) -> AnswerPlan:
    """Detection was waited for, and it heard no person: whoever was reserved for one is free at once."""
    agents.free_after(tx, attempt.id, now)
    if not may_be_left(tx, attempt, event, now):
        return HangUp("a machine answered")
    return _leave(tx, attempt, voice, now)


def message(store: Store, event: CarrierEvent, now: datetime) -> AnswerPlan:
    """A call that detection beside it found to be with a machine asks for its message; the same again when repeated.

    Whoever was joined to it is free at once: nobody needs to listen.
    """
    return transact(store, lambda tx: _message(tx, store.keyring, event, now))


def _message(tx: Connection, keyring: Keyring, event: CarrierEvent, now: datetime) -> AnswerPlan:
    inbox.remember(tx, keyring, event, now)
    found = _held(tx, event)
    if found is None or found.stage == Stage.ENDED or (found.sid is not None and found.sid != event.sid):
        return HangUp("unknown or ended attempt")
    agents.free_after(tx, found.id, now)
    waiting_rows.leave_be(tx, found.id)  # else it would be fetched from its message for an agent
    if not machine_messages.permitted(tx, found.id, now):
        return HangUp("no leave for a message")
    return _leave(tx, found, found.plan.get("voice") or {}, now)


def _held(tx: Connection, event: CarrierEvent) -> Record | None:
    return tx.execute(
        select(attempts, campaigns.c.plan)
        .join(campaigns, campaigns.c.id == attempts.c.campaign_id)
        .where(attempts.c.id == event.reference, attempts.c.channel == Channel.VOICE.value)
        .with_for_update(of=attempts)
    ).one_or_none()


def _leave(tx: Connection, attempt: Record, voice: dict[str, Any], now: datetime) -> AnswerPlan:
    """The words of the plan, unless the person has said no since the call was planned."""
    voicemail = voice.get("voicemail")
    if voicemail is None:
        return HangUp("the campaign leaves no message")
    if stopped(tx, attempt):
        return HangUp("a stop arrived meanwhile")
    tx.execute(update(attempts).where(attempts.c.id == attempt.id).values(message_at=attempt.message_at or now))
    return Leave(voicemail["text"], voicemail.get("recording"))
