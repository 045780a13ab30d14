"""The agent says what a call came to: the attempt, the person and their numbers follow in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.campaign_file import dispositions_from_dict
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.disposition import AfterCall, Disposition
from orchestrator.domain.errors import UserError
from orchestrator.domain.toml_reading import nearest
from orchestrator.persistence import (
    agents,
    attempts,
    callbacks,
    cancellations,
    dispositions,
    number_facts,
    wrong_numbers,
)
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import waiting
from orchestrator.pipeline.agent_desk.on_line import require_last
from orchestrator.pipeline.ending import refine_outcome
from orchestrator.pipeline.reception.stops import REASON, Stop, keep, suppress, take_back

WRONG_NUMBER_SOURCE = "wrong number, said to agent {agent}"
DO_NOT_CALL_SOURCE = "said to agent {agent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was written down, and whom it keeps from being contacted."""

    disposition: Disposition
    ready: bool
    stop: Stop | None = None


def choices(tx: Connection, defaults: Mapping[str, Disposition], campaign_id: int) -> dict[str, Disposition]:
    """What an agent of the campaign may say, by id: the campaign's own tables replace and add to the defaults."""
    plan = tx.execute(select(campaigns.c.plan).where(campaigns.c.id == campaign_id)).scalar_one()
    return {**defaults, **dispositions_from_dict(plan)}


def dispose(
    store: Store,
    defaults: Mapping[str, Disposition],
    agent_id: str,
    name: str,
    now: datetime,
    *,
    note: str | None = None,
    ready: bool = False,
) -> Said:
    """Write down what the agent's call came to; ``ready`` ends the wrap-up with it.

    A later word replaces an earlier one, and both are kept; a stop that an earlier one brought stays. Raises UserError
    where there is no such disposition, the next step of that person has been taken already, or the note holds the
    number of a card.
    """
    refuse_cards(note, "The note")
    with store.write() as tx:
        agent, attempt = require_last(tx, agent_id)
        said = _named(choices(tx, defaults, attempt.campaign_id), name)
        if said.next_step is AfterCall.DO_NOT_CALL:
            attempt = _met(tx, agent, attempt, now)
        require_open(agent, attempt)
        _require_callback(tx, attempt, said)
        stop = _write(tx, store.keyring, agent_id, attempt, said, note, now)
        is_ready = ready and agent.leg_sid is not None and agents.ready(tx, agent_id, now)
    if stop is not None:
        take_back(store, [stop], now)
    return Said(disposition=said, ready=is_ready, stop=stop)


def _met(tx: Connection, agent: Record, attempt: Record, now: datetime) -> Record:
    """Who was heard to say no has met the agent, though the carrier has not told us yet: a no waits for nothing."""
    if agent.state != AgentState.CONNECTING or attempt.stage == Stage.ENDED or attempt.agent_id != agent.id:
        return attempt
    waiting.meet(tx, attempt, now)
    return attempts.fetch_for_change(tx, [attempt.id])[attempt.id]


def _named(known: Mapping[str, Disposition], name: str) -> Disposition:
    if name not in known:
        raise UserError(
            f"There is no disposition '{name}'; {nearest(name, sorted(known))} `orchestrator agents "
            "dispositions AGENT` tells what each means."
        )
    return known[name]


def require_open(agent: Record, attempt: Record) -> None:
    """Raise UserError where the next step of that person has been taken, or the agent never had them on the line."""
    if attempt.followed_up:
        raise UserError(
            f"The wrap-up of that call is over, and '{attempt.disposition or 'none'}' is on record. Where the person "
            "said no, file it with `orchestrator suppress`."
        )
    if attempt.connected_at is None:
        raise UserError(f"Agent '{agent.id}' was joined with nobody in that call.")


def _require_callback(tx: Connection, attempt: Record, said: Disposition) -> None:
    if said.next_step is AfterCall.CALLBACK and not callbacks.waiting(tx, [attempt.enrollment_id]):
        raise UserError("Say when they are to be called back: `orchestrator agents callback AGENT --at '… 15:30'`.")


def _write(
    tx: Connection, keyring: Keyring, agent_id: str, attempt: Record, said: Disposition, note: str | None, now: datetime
) -> Stop | None:
    dispositions.record(tx, keyring, attempt, said, agent_id=agent_id, note=note, now=now)
    if said.outcome is not None and attempt.stage == Stage.ENDED:
        refine_outcome(tx, attempt, said.outcome)
    if said.outcome is Outcome.NOT_IN_SERVICE:
        number_facts.mark_dead(tx, attempt.number_key, "not in service, an agent heard", now)
    if said.next_step is not AfterCall.CALLBACK:
        callbacks.withdraw(tx, attempt.enrollment_id, f"disposition {said.id}", now)
    if said.next_step is AfterCall.DO_NOT_CALL:
        return _refused(tx, agent_id, attempt, now)
    if said.next_step is AfterCall.WRONG_NUMBER:
        return _wrong_number(tx, keyring, agent_id, attempt, now)
    return None


def _refused(tx: Connection, agent_id: str, attempt: Record, now: datetime) -> Stop:
    """Over all campaigns and channels of the seller; the call in which it was said is ended with it."""
    stop = _stop(attempt, DO_NOT_CALL_SOURCE.format(agent=agent_id))
    suppress(tx, stop, now)
    cancellations.file(tx, [attempt.id], REASON, now)
    return stop


def _wrong_number(tx: Connection, keyring: Keyring, agent_id: str, attempt: Record, now: datetime) -> Stop:
    """The number goes, the person stays: their other numbers may still be tried."""
    stop = _stop(attempt, WRONG_NUMBER_SOURCE.format(agent=agent_id))
    wrong_numbers.part(
        tx, keyring, seller_id=stop.seller_id, contact_id=attempt.contact_id, number_key=stop.number_key, now=now
    )
    keep(tx, stop, now)
    return stop


def _stop(attempt: Record, source: str) -> Stop:
    return Stop(
        seller_id=attempt.seller_id,
        number_key=bytes(attempt.number_key),
        kind=SuppressionKind.DO_NOT_CALL,
        source=source,
        campaign_id=attempt.campaign_id,
        spare=attempt.id,
    )
