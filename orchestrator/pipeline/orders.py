"""An allowed option becomes an order to the carrier and the attempt row that is committed before it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from orchestrator.compliance.abandonment_clock import answer_clock
from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import CallOrder, MessageOrder
from orchestrator.domain.contact_request import Channel, ContactRequest
from orchestrator.domain.decision import Answer, Cure
from orchestrator.domain.message_text import MissingFieldError, is_too_long, render, segments
from orchestrator.domain.message_variants import variant
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.identity import new_id
from orchestrator.pipeline.asking import Desk, amd_mode
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.lines import Lines, calls_slot
from orchestrator.pipeline.machine_leave import leave_for
from orchestrator.pipeline.planning import (
    BODY,
    SHORTEST_VALIDITY_SECONDS,
    TO,
    MessageLeave,
    Never,
    NoSlot,
    NotNow,
    Planned,
    Ready,
    Slots,
)
from orchestrator.pipeline.sender_pool import Full, Held, slot_of
from orchestrator.pipeline.unsubscribing.links import way_out
from orchestrator.strategies.state import Option

LONGEST_VALIDITY_SECONDS = 14400


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
