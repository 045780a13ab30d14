"""What a lane may use in one batch: its lines, and what it takes of the account's calls per second."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from orchestrator.domain.enrollment import OFFERED_LANES, Lane
from orchestrator.persistence import send_slots
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.planning import Planned
from orchestrator.pipeline.sender_pool import SLOT_BURST_SECONDS


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
