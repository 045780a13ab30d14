"""Somebody who wrote to Acme, and the desk at which staff answer."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from orchestrator.domain.carrier import MessageStatus
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import answers
from orchestrator.persistence.tables.conversations import threads as threads_table
from orchestrator.pipeline import conversations, settlement
from orchestrator.pipeline.conversation_order import Draft
from orchestrator.pipeline.conversations import AnswerDesk
from orchestrator.pipeline.reception.receiving import receive
from tests.integration.reception.world import CALLER_ID, PERSON, an_inbound_message, classify
from tests.world import World

TEXT = "Acme Roofing: yes, we do."


def hear(world: World, body: str, sid: str) -> int:
    """The person writes; their thread."""
    receive(world.store, an_inbound_message(body, sid=sid), world.now, classify)
    with world.store.read() as tx:
        return int(tx.execute(select(threads_table.c.id)).scalar_one())


def desk_of(world: World) -> AnswerDesk:
    return AnswerDesk(
        engine=world.engine,
        placer=world.placer,
        clock=world.dispatcher.clock,
        closings=world.dispatcher.closings,
    )


def answer(world: World, thread: int, text: str = TEXT, by: str = "cli:kim", **how: Any) -> str:
    """What staff do; the sid, or UserError."""
    return conversations.answer(desk_of(world), Draft(thread_id=thread, text=text, by=by, **how))


def tell(world: World, attempt: Record, status: MessageStatus) -> None:
    """The carrier's word of an answer, heard and applied."""
    event = CarrierEvent(
        kind=EventKind.MESSAGE_STATUS, key=f"{attempt.sid}:{status}", sid=attempt.sid, to=PERSON, from_=CALLER_ID,
        reference=attempt.id, message_status=status,
    )  # fmt: skip
    receive(world.store, event, world.now, classify)
    settlement.run_once(world.store, world.now)


def written_by(store: Store) -> dict[UUID, str]:
    """Who wrote which attempt."""
    with store.read() as tx:
        return {row.id: row.written_by for row in tx.execute(select(answers))}
