"""A person asks to be called back: at a moment of theirs, by this agent or by anyone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from orchestrator.compliance.zone import zone
from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.contact_request import Mode
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.disposition import AfterCall, Disposition
from orchestrator.domain.errors import UserError
from orchestrator.persistence import callbacks, dispositions
from orchestrator.persistence.campaigns import fetch
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.agent_desk import asking_ahead, wall_time
from orchestrator.pipeline.agent_desk.disposing import choices, require_open
from orchestrator.pipeline.agent_desk.on_line import require_last
from orchestrator.pipeline.engine import Engine
from orchestrator.strategies.hours import opening

FARTHEST = timedelta(days=365)
WAITS_FOR_AGENT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What was promised. ``warning``: why it will be kept later than asked, or not at all; None where nothing bars it.

    ``for_agent`` None: anyone. From ``anyone_from`` on anyone takes it in any case.
    """

    due_at: datetime
    time_zone: str
    for_agent: str | None
    anyone_from: datetime
    warning: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the person asks for: ``at`` in their time; ``waits``: for how long their own agent is waited for."""

    at: str
    own: bool = False
    waits: timedelta = WAITS_FOR_AGENT
    time_zone: str | None = None


def promise(engine: Engine, defaults: Mapping[str, Disposition], agent_id: str, wish: Wish, now: datetime) -> Promise:
    """Write down the callback with its disposition; an earlier promise to the same person is void.

    Raises UserError for a moment that cannot be kept, and where the person may be in several zones and none is named.
    """
    with engine.store.write() as tx:
        agent, attempt = require_last(tx, agent_id)
        require_open(agent, attempt)
        said = _disposition(choices(tx, defaults, attempt.campaign_id))
        made = _weigh(tx, engine, agent_id, attempt, wish, now)
        callbacks.withdraw(tx, attempt.enrollment_id, "another moment was asked for", now)
        callbacks.make(tx, _row(attempt, agent_id, made, now))
        dispositions.record(tx, engine.store.keyring, attempt, said, agent_id=agent_id, note=None, now=now)
    return made


def _weigh(tx: Connection, engine: Engine, agent_id: str, attempt: Record, wish: Wish, now: datetime) -> Promise:
    """The promise with what the gate and the campaign's hours will say of it, as things stand."""
    person = asking_ahead.person_of(tx, engine, attempt.enrollment_id, now)
    key = bytes(attempt.number_key)
    zones = asking_ahead.zones_of(engine, person, key)
    where = _zone(zones, wish.time_zone)
    due_at = wall_time.read(wish.at, where, now)
    plan = fetch(tx, attempt.campaign_id).plan
    _require_in_time(plan, due_at, now)
    answer = asking_ahead.ask(tx, engine, person, key, Mode.PREVIEW, due_at, now)
    return Promise(
        due_at=due_at,
        time_zone=where.key,
        for_agent=agent_id if wish.own else None,
        anyone_from=due_at + wish.waits if wish.own else due_at,
        warning=_warning(answer, where) or _own_hours(plan, zones or [where.key], due_at, where),
    )


def _row(attempt: Record, agent_id: str, made: Promise, now: datetime) -> Mapping[str, Any]:
    return {
        "enrollment_id": attempt.enrollment_id,
        "campaign_id": attempt.campaign_id,
        "attempt_id": attempt.id,
        "number_key": attempt.number_key,
        "asked_by": agent_id,
        "for_agent": made.for_agent,
        "anyone_from": made.anyone_from,
        "due_at": made.due_at,
        "time_zone": made.time_zone,
        "asked_at": now,
    }


def _disposition(known: Mapping[str, Disposition]) -> Disposition:
    found = next((one for one in known.values() if one.next_step is AfterCall.CALLBACK), None)
    if found is None:
        raise UserError("No disposition here means a callback; add one to config/dispositions.toml.")
    return found


def _zone(zones: Sequence[str], named: str | None) -> ZoneInfo:
    if named is not None and (named in zones or not zones):
        return zone(named)
    if named is None and len(zones) == 1:
        return zone(zones[0])
    known = " or ".join(zones) or "a zone that is not known"
    raise UserError(f"The person may be in {known}: ask them, and name it with --zone.")


def _require_in_time(plan: CampaignPlan, due_at: datetime, now: datetime) -> None:
    if due_at > now + FARTHEST:
        raise UserError("That is more than a year ahead; name a nearer day.")
    if plan.ends_at is not None and due_at >= plan.ends_at:
        raise UserError(f"The campaign ends at {plan.ends_at:%Y-%m-%d %H:%M} UTC; name an earlier moment.")


def _warning(answer: Answer, where: ZoneInfo) -> str | None:
    if answer.verdict is Verdict.ALLOW or answer.deciding is None:
        return None
    why = f"{answer.deciding.because} [{answer.deciding.rule}]"
    if answer.next_allowed_at is None:
        return f"As things stand the gate will refuse it then: {why}"
    until = answer.next_allowed_at.astimezone(where)
    return f"That is outside of what the law allows; as things stand it waits until {until:%a %Y-%m-%d %H:%M}: {why}"


def _own_hours(plan: CampaignPlan, zones: Sequence[str], due_at: datetime, where: ZoneInfo) -> str | None:
    """Where the campaign's own hours are closed at the moment."""
    opens = due_at if plan.hours is None else opening(plan.hours, due_at, zones)
    if opens == due_at:
        return None
    until = "an hour that never comes" if opens is None else f"{opens.astimezone(where):%a %Y-%m-%d %H:%M}"
    return f"That is outside of the campaign's own hours; it waits until {until}."
