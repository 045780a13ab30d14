"""What planning one contact comes to: an attempt with its order to the carrier, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orchestrator.domain.carrier import CallOrder, MessageOrder
from orchestrator.domain.contact_request import Channel, ContactRequest
from orchestrator.domain.decision import Answer, Cure

TO = "attempts.to"
BODY = "attempts.body"
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
class MessageLeave:
    """What the gate was asked about a message and what it said. ``valid_until`` None: machines are hung up on."""

    question: ContactRequest
    answer: Answer
    valid_until: datetime | None


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
