"""What ties a modelled call or text to the pipeline: its events go the way that the carrier's callbacks go."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence.store import Store
from orchestrator.pipeline.reception import answering, keypresses
from orchestrator.pipeline.reception.plans import AnswerPlan, KeyPlan
from orchestrator.pipeline.reception.receiving import receive
from orchestrator.pipeline.reception.replies import reply_to
from orchestrator.pipeline.reception.stops import Classify
from orchestrator.rehearsal.agenda import Agenda, Entry
from orchestrator.rehearsal.clock import VirtualClock

TAKES_BACK = frozenset({EventKind.DETECTION, EventKind.INBOUND_MESSAGE})


@dataclass
class Wires:
    """The pipeline's doors, the clock and the agenda.

    ``unsettled``: something was heard that nobody applied yet; ``stirred``: somebody has answered, come free or written
    since the last look; ``to_take_back``: a machine was found, or somebody said stop.
    """

    store: Store
    clock: VirtualClock
    agenda: Agenda
    classify: Classify
    unsettled: bool = False
    stirred: bool = False
    to_take_back: bool = False

    def later(self, seconds: float, do: "partial[None]") -> Entry:
        """Have it done in so many seconds of the world."""
        return self.agenda.add(self.clock.now() + timedelta(seconds=seconds), do)

    def heard(self, event: CarrierEvent) -> None:
        """Store the delivery."""
        self.unsettled = True
        self.stirred |= event.call_status is not CallStatus.RINGING
        self.to_take_back |= event.kind in TAKES_BACK
        receive(self.store, event, self.clock.now(), self.classify)

    def answered(self, event: CarrierEvent) -> AnswerPlan:
        """What the person who picked up is to hear."""
        self.unsettled = self.stirred = True
        return answering.answer(self.store, event, self.clock.now())

    def keyed(self, event: CarrierEvent) -> KeyPlan:
        """What follows a key."""
        self.unsettled = self.stirred = self.to_take_back = True
        return keypresses.key_in_our_call(self.store, event, self.clock.now())

    def written(self, event: CarrierEvent) -> str | None:
        """Store what somebody wrote; the one message that they get in reply, None for silence."""
        self.heard(event)
        return reply_to(self.store, event, self.clock.now(), self.classify)
