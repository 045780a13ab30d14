"""An allowed option becomes an order to the carrier and the attempt row that is committed before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.compliance.abandonment_clock import answer_clock
from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import CallOrder, MessageOrder
from orchestrator.domain.contact_request import Channel, ContactRequest
from orchestrator.domain.decision import Answer, Cure
from orchestrator.domain.enrollment import OFFERED_LANES, Lane
from orchestrator.domain.message_text import MissingFieldError, is_too_long, render, segments
from orchestrator.domain.message_variants import variant
from orchestrator.persistence import send_slots
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.identity import new_id
from orchestrator.pipeline.asking import Desk, amd_mode
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.machine_leave import MessageLeave, leave_for
from orchestrator.pipeline.sender_pool import SLOT_BURST_SECONDS, Full, Held, slot_of
from orchestrator.pipeline.unsubscribing.links import way_out
from orchestrator.strategies.state import Option

TO = "attempts.to"
BODY = "attempts.body"
LONGEST_VALIDITY_SECONDS = 14400
SHORTEST_VALIDITY_SECONDS = 10  # a message with less left would be late


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An attempt that is about to be committed, and what the carrier will be asked."""

    attempt_id: UUID
    campaign_id: int
    seller_id: str
    enrollment_id: int
    number_key: bytes
    person_keys: tuple[bytes, ...]  # every number of the person: a stop on one binds all
    stop_ids: frozenset[int]  # the stops that the gate has judged: any other came later
    number: str
    channel: Channel
    order: CallOrder | MessageOrder
    slot: str
    slots: int
    slot_rate: float  # of that slot, a second
    valid_until: datetime  # the world's moment after which it must not leave
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Slots:
    """What an order takes of the account's or a sender's rate, which is a second's."""

    name: str
    rate: float
    count: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The order and its row."""

    planned: Planned
    row: Mapping[str, Any]
    message: MessageLeave | None = None


@dataclass(frozen=True, slots=True)
class NotNow:
    """No room at this moment; nothing is spent."""

    until: datetime
    held_by: str


@dataclass(frozen=True, slots=True)
class NoSlot:
    """The account or the sender may send nothing more at this moment; the person stays due."""


@dataclass(frozen=True, slots=True)
class Never:
    """The campaign's own content does not fit this person."""

    rule: str
    cure: Cure
    detail: str


@dataclass
class Lines:
    """What a lane may use in one batch: lines for calls, agents who are reserved, offers that agents accepted."""

    lane: Lane
    closings: Closings
    free: int
    agents: list[str] = field(default_factory=list)
    offer_id: int | None = None  # the offer that an agent has accepted, where one is dialled
    dialled_by_hand: bytes | None = None  # the number that the agent dials
    slots: int = 0  # of the account's calls per second, taken for this batch
    returned: list[Planned] = field(default_factory=list)

    @property
    def reserves(self) -> bool:
        """Whether predictive people are called with an agent reserved for each."""
        return self.lane is Lane.PREDICTIVE and bool(self.agents)

    def take(self) -> str | None:
        """Use one line; the agent that goes with it, where the lane reserves agents."""
        self.free -= 1
        return self.agents.pop(0) if self.agents else None

    def lose_agent(self, planned: Planned) -> None:
        """The agent of this line has gone meanwhile, and the line with them."""
        self.returned.append(planned)

    def give_back(self, planned: Planned) -> None:
        """The order was not written after all."""
        self.free += 1
        self.agents += [planned.agent_id] if planned.agent_id else []
        self.returned.append(planned)


def calls_slot(engine: Engine) -> str:
    """The name of the account's calls per second."""
    return f"calls:{engine.account}"


def take_slots(tx: Connection, engine: Engine, lines: Lines, people: int, now: datetime) -> None:
    """Take what this batch may use of the account's calls per second."""
    want = min(lines.free, people)
    if lines.lane is not Lane.SMS and (lines.lane not in OFFERED_LANES or lines.offer_id is not None):
        lines.slots = send_slots.take(tx, calls_slot(engine), engine.calls_per_second, SLOT_BURST_SECONDS, want, now)


def return_slots(tx: Connection, engine: Engine, lines: Lines, now: datetime) -> None:
    """Give back what the batch did not use."""
    if lines.slots:
        send_slots.give_back(tx, calls_slot(engine), engine.calls_per_second, lines.slots, now)
        lines.slots = 0
    for planned in lines.returned:
        send_slots.give_back(tx, planned.slot, planned.slot_rate, planned.slots, now)
    lines.returned.clear()


def prepare(
    tx: Connection,
    engine: Engine,
    desk: Desk,
    lines: Lines,
    person: Dossier,
    option: Option,
    question: ContactRequest,
    answer: Answer,
) -> Ready | NotNow | NoSlot | Never:
    """The order for this option with its slot; Never where the text has a hole."""
    closes_at = lines.closings.closes_at(question, answer)
    if option.channel is Channel.SMS:
        return _message(tx, engine, desk, lines, person, option, closes_at)
    return _call(tx, engine, desk, lines, person, option, closes_at, leave_for(desk, lines.closings, question))


def callers_closed(tx: Connection, engine: Engine, desk: Desk) -> NotNow | None:
    """What holds whoever is called, where no caller id of the campaign may be shown at this moment."""
    voice = desk.campaign.plan.voice
    assert voice is not None, "a voice option of a campaign without voice"  # noqa: S101
    pool = desk.callers.of(tx, engine, voice, desk.now)
    return None if pool.may_show_any else NotNow(*pool.opens(desk.now))


def _call(
    tx: Connection,
    engine: Engine,
    desk: Desk,
    lines: Lines,
    person: Dossier,
    option: Option,
    closes_at: datetime,
    message: MessageLeave | None,
) -> Ready | NotNow | NoSlot:
    if lines.slots <= 0:
        return NoSlot()
    voice = desk.campaign.plan.voice
    assert voice is not None, "a voice option of a campaign without voice"  # noqa: S101
    pool = desk.callers.of(tx, engine, voice, desk.now)
    caller_id = pool.choose(option.number, person.enrollment.contact_id)
    if caller_id is None:
        return NotNow(*pool.opens(desk.now))
    lines.slots -= 1
    agent = lines.take()
    country = next(number.country for number in person.numbers if number.key == option.key)
    order = CallOrder(
        reference=new_id(desk.now),
        to=option.number,
        from_=caller_id,
        ring_timeout_seconds=voice.ring_timeout_seconds,
        amd=amd_mode(desk, option.mode, country),
        message_end=message is not None and message.valid_until is not None,
    )
    slots = Slots(calls_slot(engine), engine.calls_per_second, 1)
    planned = _planned(desk, closes_at, person, option, order, slots, agent)
    clock = answer_clock(desk.rulebook, country)
    facts = {
        "agent_id": agent,
        "ring_timeout_seconds": order.ring_timeout_seconds,
        "amd": order.amd,
        "answer_within_seconds": clock.within_seconds,
        "judged_from": clock.counted_from,
    }
    return Ready(planned, _row(engine, desk, person, option, planned, caller_id, closes_at, facts), message)


def _message(
    tx: Connection,
    engine: Engine,
    desk: Desk,
    lines: Lines,
    person: Dossier,
    option: Option,
    closes_at: datetime,
) -> Ready | NotNow | NoSlot | Never:
    sms = desk.campaign.plan.sms
    assert sms is not None, "an SMS option of a campaign without SMS"  # noqa: S101
    reference = new_id(desk.now)
    fields = {**person.profile, **way_out(engine, reference, desk.campaign.seller.id, option.key)}
    try:
        body = render(variant(sms.message(option.message), person.contact.language).template, fields)
    except MissingFieldError as missing:
        return Never("template", Cure.CAMPAIGN, f"field {missing.args[0]}")
    if is_too_long(body):  # one odd name: the carrier would take it for a fault of the campaign's, which pauses
        return Never("template", Cure.CAMPAIGN, "text too long")
    seconds_left = int((closes_at - desk.now).total_seconds())
    if seconds_left < SHORTEST_VALIDITY_SECONDS:
        return NotNow(closes_at, "window closing")
    parts = segments(body)
    pool = desk.senders.of(tx, engine, desk.campaign.seller.id, sms, desk.now)
    chosen = pool.choose(option.number, option.key, parts, desk.now)
    if isinstance(chosen, Full):
        return NoSlot()
    if isinstance(chosen, Held):
        return NotNow(chosen.until, chosen.held_by)
    lines.take()
    order = MessageOrder(
        reference=reference,
        to=option.number,
        body=body,
        validity_seconds=min(seconds_left, LONGEST_VALIDITY_SECONDS),
        from_=None if sms.messaging_service else chosen.address,
        messaging_service=sms.messaging_service,
        shorten_links=sms.shorten_links,
    )
    slots = Slots(slot_of(chosen.address), chosen.rate, parts)
    planned = _planned(desk, closes_at, person, option, order, slots)
    facts = {"body_sealed": engine.store.keyring.seal(body, BODY), "segments": parts}
    return Ready(planned, _row(engine, desk, person, option, planned, chosen.address, closes_at, facts))


def _planned(
    desk: Desk,
    closes_at: datetime,
    person: Dossier,
    option: Option,
    order: CallOrder | MessageOrder,
    slots: Slots,
    agent_id: str | None = None,
) -> Planned:
    return Planned(
        attempt_id=order.reference,
        campaign_id=desk.campaign.id,
        seller_id=desk.campaign.seller.id,
        enrollment_id=person.enrollment.id,
        number_key=option.key,
        person_keys=tuple(number.key for number in person.numbers),
        stop_ids=person.stop_ids,
        number=option.number,
        channel=option.channel,
        order=order,
        slot=slots.name,
        slots=slots.count,
        slot_rate=slots.rate,
        valid_until=closes_at,
        agent_id=agent_id,
    )


def _row(
    engine: Engine,
    desk: Desk,
    person: Dossier,
    option: Option,
    planned: Planned,
    sender: str,
    closes_at: datetime,
    facts: Mapping[str, Any],
) -> Mapping[str, Any]:
    country = next(number.country for number in person.numbers if number.key == option.key)
    return {
        "id": planned.attempt_id,
        "seller_id": planned.seller_id,
        "campaign_id": planned.campaign_id,
        "enrollment_id": planned.enrollment_id,
        "contact_id": person.enrollment.contact_id,
        "ordinal": person.enrollment.last_ordinal + 1,
        "number_key": option.key,
        "to_sealed": engine.store.keyring.seal(option.number, TO),
        "country": country,
        "from_address": sender,
        "channel": option.channel,
        "mode": option.mode,
        "stage": Stage.PLANNED,
        "planned_at": desk.now,
        "valid_until": closes_at,
        "agent_id": None,
        "ring_timeout_seconds": None,
        "amd": None,
        "answer_within_seconds": None,
        "judged_from": None,
        "body_sealed": None,
        "segments": None,
        "step": option.step,
        **facts,
    }
