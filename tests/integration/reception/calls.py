"""Calls that somebody has answered at a carrier in memory, and what is asked and heard of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import CallOrder, CallStatus
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence.store import Store
from orchestrator.pipeline import settlement
from orchestrator.pipeline.reception.answering import answer
from orchestrator.pipeline.reception.plans import AnswerPlan
from orchestrator.pipeline.reception.receiving import receive
from tests.integration.reception.world import CALLER_ID, NOW, an_attempt, an_event, attempt_row, classify


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_call(house: Store, carrier: InProcessCarrier, last: int = 0, **columns: Any) -> tuple[UUID, str]:
    """A call that somebody has answered at the carrier."""
    number = f"+121255501{last:02d}"
    order = CallOrder(reference=UUID(int=last + 1), to=number, from_=CALLER_ID, ring_timeout_seconds=25)
    sid = carrier.place_call(order).sid
    carrier.set_status(sid, CallStatus.IN_PROGRESS)
    return an_attempt(house, number=number, sid=sid, **columns), sid


def asks(house: Store, call: tuple[UUID, str], at: datetime, **facts: Any) -> AnswerPlan:
    return answer(house, an_event(EventKind.ANSWER, reference=call[0], sid=call[1], **facts), at)


def hear(house: Store, event: CarrierEvent, at: datetime) -> None:
    receive(house, event, at, classify)
    settlement.run_once(house, at)


def left(house: Store, call: tuple[UUID, str], at: datetime, **facts: Any) -> Any:
    """They hang up; the attempt as it ended."""
    status = {"call_status": CallStatus.COMPLETED, "occurred_at": at.replace(microsecond=0), **facts}
    hear(house, an_event(EventKind.CALL_STATUS, reference=call[0], sid=call[1], **status), at)
    return attempt_row(house, call[0])
