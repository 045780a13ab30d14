"""One modelled call: it rings, somebody or something picks up, hears what the pipeline plans, and hangs up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from orchestrator.carrier.records import answered_by
from orchestrator.domain.agent import conference_room
from orchestrator.domain.carrier import AmdMode, CallOrder, CallStatus
from orchestrator.domain.events import CarrierEvent, EventKind, RoomChange
from orchestrator.pipeline.reception.plans import AnswerPlan, Goodbye, Inform, Join, KeyPlan, Wait
from orchestrator.rehearsal.agenda import Entry
from orchestrator.rehearsal.wires import Wires
from sandbox.detection import verdict
from sandbox.dialling import BUSY_AFTER_SECONDS, FAILED_AFTER_SECONDS, SETUP_SECONDS
from sandbox.legs import BRIDGE_MISSED_AFTER_SECONDS, MAILBOX_SECONDS
from sandbox.population import CallOutcome, CallPlan
from sandbox.records import Call, CallOrders
from sandbox.twiml import WORDS_PER_SECOND

KEY_WAIT_SECONDS = 4.0  # after the message, as the document of the information message has it
ENTERS_AFTER_SECONDS = 0.2  # from the document to the agent's room
WAIT_SECONDS = 1.0  # as the document that lets somebody wait has it
NOT_FOUND = 404  # what a carrier says of a number that nobody has
ENDED_EARLY = {CallOutcome.FAILED: (CallStatus.FAILED, FAILED_AFTER_SECONDS)}
ENDED_EARLY[CallOutcome.BUSY] = (CallStatus.BUSY, BUSY_AFTER_SECONDS)


@dataclass
class ModelledCall:
    """A call under way. ``tell`` sets what a fetch says of it; its durations are the plan's, in seconds of the world.

    Of the carrier's four callbacks the first is left out, which says what the receipt has said, and the third where
    the request for the document says it at the same moment.
    """

    wires: Wires
    sid: str
    order: CallOrder
    plan: CallPlan
    tell: Callable[..., object]
    answered_at: datetime | None = None
    _timers: list[Entry] = field(default_factory=list)
    _patience: Entry | None = None
    _sequence: int = 0
    _word: str | None = None  # what detection said, or will have said with the answer

    def begin(self) -> None:
        """Dial."""
        if self.plan.outcome in ENDED_EARLY:
            status, seconds = ENDED_EARLY[self.plan.outcome]
            self._later(seconds, partial(self.end, status))
        else:
            self._later(SETUP_SECONDS, partial(self._ring))

    def end(self, status: CallStatus) -> None:
        """It is over; whatever it was still to do is called off."""
        for timer in self._timers:
            timer.called_off = True
        seconds = 0 if self.answered_at is None else round((self.wires.clock.now() - self.answered_at).total_seconds())
        self.tell(self.sid, status, answered_by=answered_by(self._word), duration_seconds=seconds)
        said = {"answered_by": answered_by(self._word)} if status is CallStatus.COMPLETED else {}
        sip = {"sip_code": NOT_FOUND} if status is CallStatus.FAILED else {}
        self._say(status, duration_seconds=seconds, **said, **sip)

    def _ring(self) -> None:
        self.tell(self.sid, CallStatus.RINGING)
        self._say(CallStatus.RINGING)
        rung_out = self.order.ring_timeout_seconds + self.plan.timeout_buffer_seconds
        if self.plan.outcome is CallOutcome.NO_ANSWER or self.plan.ring_seconds >= rung_out:
            self._later(rung_out, partial(self.end, CallStatus.NO_ANSWER))
        else:
            self._later(self.plan.ring_seconds, partial(self._pick_up))

    def _pick_up(self) -> None:
        self.answered_at = self.wires.clock.now()
        self.tell(self.sid, CallStatus.IN_PROGRESS)
        self._hears_nothing()
        if self.order.amd is AmdMode.OFF:
            self._ask_what_to_hear()
            return
        word, seconds = verdict(self._as_the_sandbox_sees_it())
        if self.order.amd is AmdMode.CONNECT_FIRST:
            self._later(seconds, partial(self._tell_verdict, word))
            self._ask_what_to_hear()
        else:
            self._say(CallStatus.IN_PROGRESS)
            self._later(seconds, partial(self._ask_what_to_hear, word))

    def _as_the_sandbox_sees_it(self) -> Call:
        orders = CallOrders(detection="Enable", detection_is_async=self.order.amd is AmdMode.CONNECT_FIRST)
        return Call(
            to=self.order.to,
            from_=self.order.from_,
            direction="outbound-api",
            created_at=0.0,
            plan=self.plan,
            is_agent=False,
            orders=orders,
            sid=self.sid,
        )

    def _tell_verdict(self, word: str) -> None:
        self._word = word
        self.wires.heard(self._event(EventKind.DETECTION, "detection", answered_by=answered_by(word)))

    def _ask_what_to_hear(self, word: str | None = None) -> None:
        self._word = word
        said = {"answered_by": answered_by(word), "call_status": CallStatus.IN_PROGRESS}
        self._follow(self.wires.answered(self._event(EventKind.ANSWER, "answer", **said)))

    def _follow(self, plan: AnswerPlan | KeyPlan) -> None:
        """Do what the plan says; a plan of another kind is hung up on."""
        if isinstance(plan, Join):
            self._later(ENTERS_AFTER_SECONDS, partial(self._enter, plan.room))
        elif isinstance(plan, Wait):
            self._later(WAIT_SECONDS, partial(self._ask_what_to_hear, self._word))
        elif isinstance(plan, Inform):
            self._hears_the_message(plan.text)
        elif isinstance(plan, Goodbye):
            self._stay_for(_seconds_of(plan.text))
        else:
            self.end(CallStatus.COMPLETED)

    def _enter(self, room: str) -> None:
        """They are in the agent's room, which the carrier tells."""
        self.wires.heard(
            replace(
                self._event(EventKind.ROOM, f"room:{room}"),
                agent_id=room.removeprefix(conference_room("")),
                room_change=RoomChange.ENTERED,
            )
        )
        self._hears_an_agent()

    def _hears_nothing(self) -> None:
        plan, greeting = self.plan, self.plan.greeting_seconds
        if plan.outcome is not CallOutcome.HUMAN:
            self._stay_for(greeting + MAILBOX_SECONDS)
        elif plan.hangs_up_before_bridge:
            self._stay_for(greeting + BRIDGE_MISSED_AFTER_SECONDS)
        else:
            self._stay_for(greeting + plan.patience_seconds)

    def _hears_an_agent(self) -> None:
        """A person talks; of anything else the agent has heard enough after a moment."""
        greeting = max(0.0, self.plan.greeting_seconds - self._seconds_since_answer())
        is_person = self.plan.outcome is CallOutcome.HUMAN
        self._stay_for(greeting + self.plan.talk_seconds if is_person else self.plan.agent_reaction_seconds)

    def _hears_the_message(self, text: str) -> None:
        spoken = _seconds_of(text) + KEY_WAIT_SECONDS
        presses = self.plan.presses if self.plan.outcome is CallOutcome.HUMAN else ""
        self._stay_for(spoken)
        if presses and self.plan.press_after_seconds < spoken:
            self._later(self.plan.press_after_seconds, partial(self._press, presses))

    def _press(self, key: str) -> None:
        self._follow(self.wires.keyed(self._event(EventKind.KEYPRESS, f"key:{key}", digits=key)))

    def _stay_for(self, seconds: float) -> None:
        """Hang up then, unless something else is heard before."""
        if self._patience is not None:
            self._patience.called_off = True
        self._patience = self._later(seconds, partial(self.end, CallStatus.COMPLETED))

    def _seconds_since_answer(self) -> float:
        return (self.wires.clock.now() - (self.answered_at or self.wires.clock.now())).total_seconds()

    def _later(self, seconds: float, do: "partial[None]") -> Entry:
        self._timers.append(self.wires.later(seconds, do))
        return self._timers[-1]

    def _say(self, status: CallStatus, **facts: Any) -> None:
        self._sequence += 1
        self.wires.heard(self._event(EventKind.CALL_STATUS, str(self._sequence), call_status=status, **facts))

    def _event(self, kind: EventKind, distinction: str, **facts: Any) -> CarrierEvent:
        return CarrierEvent(
            kind=kind,
            key=f"call:{self.sid}:{distinction}",
            sid=self.sid,
            to=self.order.to,
            from_=self.order.from_,
            reference=self.order.reference,
            occurred_at=self.wires.clock.now(),
            **facts,
        )


def _seconds_of(text: str) -> float:
    return len(text.split()) / WORDS_PER_SECOND
