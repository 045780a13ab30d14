"""A text on its way out: the sender's queue, its validity, its delivery, and the answer to it."""

from functools import partial

from sandbox.callbacks import message_event
from sandbox.inbound import receive_message
from sandbox.records import Message
from sandbox.senders import fault_of, rate_of
from sandbox.world import World

HANDOVER_SECONDS = 0.5
QUEUE_EXPIRED = 30001
WAITING = frozenset({"queued", "accepted", "scheduled"})


def take(world: World, message: Message, *, not_before: float | None = None) -> None:
    """Take the message for sending; what is scheduled waits for its moment first."""
    world.messages.add(message)
    if not_before is None:
        _queue(world, message)
    else:
        world.later(not_before - world.now(), partial(_leave_schedule, world, message))


def _leave_schedule(world: World, message: Message) -> None:
    if message.status == "scheduled":
        message.status = "queued"
        message_event(world, message)
        _queue(world, message)


def _queue(world: World, message: Message) -> None:
    """Give the message its place in its sender's queue; it fails where its validity ends before its turn."""
    sender, now = message.from_ or "", world.now()
    starts_at = max(now, world.sender_free_at.get(sender, 0.0))
    if starts_at - now > message.validity_seconds:
        world.later(message.validity_seconds, partial(_expire, world, message))
        return
    fault = fault_of(world, message, starts_at - now)
    if fault is not None:
        world.later(HANDOVER_SECONDS, partial(_fail, world, message, fault))
        return
    world.sender_free_at[sender] = starts_at + message.segments / rate_of(world, message)
    world.later(starts_at - now, partial(_send, world, message))


def _expire(world: World, message: Message) -> None:
    if message.status in WAITING:
        _end(world, message, "failed", QUEUE_EXPIRED)


def _fail(world: World, message: Message, error_code: int) -> None:
    if message.status in WAITING:
        _end(world, message, "undelivered", error_code)


def _send(world: World, message: Message) -> None:
    if message.status not in WAITING:
        return
    if message.status == "accepted":
        message.status = "queued"
        message_event(world, message)
    message.status = "sending"
    message.updated_at = world.now()
    world.later(HANDOVER_SECONDS, partial(_sent, world, message))


def _sent(world: World, message: Message) -> None:
    message.status = "sent"
    message.sent_at = world.now()
    message.price = -message.segments * world.config.price_per_segment
    message_event(world, message)
    plan = message.plan
    if plan is None:
        return
    if plan.outcome != "sent":
        world.later(plan.delivery_seconds, partial(_end, world, message, plan.outcome, plan.error_code))
    if plan.reply is not None and message.from_ is not None:
        seconds = plan.delivery_seconds + plan.reply_delay_seconds
        world.later(seconds, partial(_reply, world, message.to, message.from_, plan.reply))


def _reply(world: World, person: str, number: str, body: str) -> None:
    receive_message(world, from_=person, to=number, body=body)


def _end(world: World, message: Message, status: str, error_code: int | None) -> None:
    message.status = status
    message.error_code = error_code
    message_event(world, message)


def cancel(world: World, message: Message) -> bool:
    """Cancel a message that has not left; False when it has."""
    if message.status not in WAITING:
        return False
    _end(world, message, "canceled", None)
    return True
