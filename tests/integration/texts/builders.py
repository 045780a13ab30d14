"""Campaigns that text from pools of senders."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import insert

from orchestrator.config_files import load_sender_policy
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.carrier import MessageOrder, MessageStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.text_sender import TextSender
from orchestrator.persistence import text_senders
from orchestrator.persistence.tables.people import senders
from orchestrator.pipeline import follow_up
from orchestrator.pipeline.ending import end_attempt
from orchestrator.pipeline.settlement import apply_message_status
from tests.world import A_TEXT, CONFIG, World, numbers

NEW_YORK, BROOKLYN, MIAMI, SHORT = "+12125550190", "+12125550191", "+13055550192", "55501"


def a_text_campaign(world: World, *pool: str, name: str = "Texts", **sms: object) -> int:
    """A running campaign that texts from these senders, which are the seller's."""
    plan = replace(A_TEXT, senders=pool, **sms)  # type: ignore[arg-type]
    campaign = world.a_campaign(name, voice=False, sms=plan)
    rows = [{"address": address, "seller_id": "acme", "created_at": world.now} for address in pool]
    with world.store.write() as tx:
        held = text_senders.standing(tx, pool, world.now)
        new = [row for row in rows if not held[str(row["address"])].seller_id]
        if new:
            tx.execute(insert(senders), new)
    return campaign


def known(world: World, address: str, **facts: object) -> None:
    """What is said of a sender."""
    with world.store.write() as tx:
        text_senders.keep(tx, TextSender(address=address, seller_id="acme", **facts), world.now)  # type: ignore[arg-type]


def people(world: World, campaign: int, count: int, start: int = 0) -> list[int]:
    """People who agreed to texts, due now."""
    found = [world.a_contact([to], line_type=LineType.MOBILE, texts=True) for to in numbers(count, start)]
    world.enrol(campaign, *found, lane=Lane.SMS)
    return found


def from_whom(world: World) -> Mapping[str, list[str | None]]:
    """By the person's number, the senders of their texts in order."""
    found: dict[str, list[str | None]] = {}
    for order in world.carrier.orders.values():  # type: ignore[attr-defined]
        if isinstance(order, MessageOrder):
            found.setdefault(order.to, []).append(order.from_)
    return found


def sent_by(world: World) -> Counter[str | None]:
    """How many texts the carrier was given from each sender."""
    return Counter(sender for senders_ in from_whom(world).values() for sender in senders_)


def deliver_all(world: World) -> None:
    """Every open text has arrived, and its enrollment has its next step."""
    with world.store.write() as tx:
        for attempt in world.attempts():
            end_attempt(tx, attempt, Outcome.DELIVERED, world.now)
    follow_up.run_once(world.store, world.now, 10_000)


def fail(world: World, code: int, count: int = 1) -> list[int]:
    """The carrier says of the latest open texts that they failed for this reason; the people whom they were for."""
    live = [attempt for attempt in world.attempts() if attempt.stage != "ended"][:count]
    with world.store.write() as tx:
        for attempt in live:
            assert apply_message_status(tx, attempt, MessageStatus.UNDELIVERED, world.now, code)
    follow_up.run_once(world.store, world.now, 10_000)
    return [attempt.contact_id for attempt in live]


POLICY = load_sender_policy(CONFIG)
