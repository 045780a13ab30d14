"""What a carrier tells us, in our words; ``orchestrator.carrier.events`` makes these from its forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from orchestrator.domain.carrier import AnsweredBy, CallStatus, MessageStatus


class EventKind(StrEnum):
    """Which of the callbacks a delivery is."""

    ANSWER = "answer"  # the answer document was asked for
    CALL_STATUS = "call_status"
    DETECTION = "detection"
    KEYPRESS = "keypress"
    MESSAGE_STATUS = "message_status"
    INBOUND_MESSAGE = "inbound_message"
    INBOUND_CALL = "inbound_call"
    AGENT_STATUS = "agent_status"  # the call that holds an agent in their conference
    TASK_NEWS = "task_news"  # of the router of tasks: its workers, tasks and reservations
    TASK_LEG = "task_leg"  # the call that brings a worker into the conference for one offer
    ROOM = "room"  # somebody has entered that conference, or left it


class RoomChange(StrEnum):
    """What somebody did in an agent's conference; ``sid`` of the event names their call."""

    ENTERED = "entered"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierEvent:
    """One delivery. ``key`` is what makes it the same delivery when it comes again.

    ``reference`` is the attempt id that our URL carried, ``agent_id`` the agent whose own call this is about.
    """

    kind: EventKind
    key: str
    sid: str
    to: str
    from_: str
    reference: UUID | None = None
    agent_id: str | None = None
    call_status: CallStatus | None = None
    message_status: MessageStatus | None = None
    answered_by: AnsweredBy | None = None
    greeting_over: bool | None = None  # of a machine: detection waited until its greeting had ended
    stir_level: str | None = None  # the attestation of our number: A, B or C
    detection_seconds: float | None = None  # from the answer to the verdict
    room_change: RoomChange | None = None
    error_code: int | None = None
    sip_code: int | None = None
    duration_seconds: int | None = None
    digits: str | None = None
    body: str | None = None
    messaging_service: str | None = None  # where the message came through one
    opt_out_type: str | None = None  # STOP, START or HELP where the carrier has answered already
    occurred_at: datetime | None = None  # the carrier's own stamp, where it gives one
    facts: Mapping[str, str] | None = None  # of the router of tasks: type, task_sid, worker_sid, offer_id
