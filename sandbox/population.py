"""A modelled population: who lives at a number, and what each attempt comes to. Pure, and fixed by its seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from sandbox.mix import LOOKUP_ERROR, NO_LINE_TYPE, Mix

OUT_OF_COVERAGE = 60600
UNREACHABLE, FILTERED = 30003, 30007
FIRST_DISCONNECT = date(2021, 1, 27)
DISCONNECTS_OVER_DAYS = 2000


class CallOutcome(StrEnum):
    """How an attempt to ring a number goes."""

    HUMAN = "human"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MACHINE = "machine"
    FAX = "fax"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Who lives at a number, over all attempts. ``line_type`` is Lookup's word, None where it has none.

    ``disconnected_on`` (YYYY-MM-DD): when the number was taken from whoever had it before, None where nobody had.
    """

    line_type: str | None
    lookup_error_code: int | None = None
    in_service: bool = True
    is_fax: bool = False
    landline_refused: bool = False
    disconnected_on: str | None = None
    reassigned_error_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """What one ring of the phone will come to. ``detected_as`` None: detection judges by what it hears."""

    outcome: CallOutcome = CallOutcome.HUMAN
    ring_seconds: float = 6.0
    greeting_seconds: float = 1.0
    patience_seconds: float = 6.0
    talk_seconds: float = 60.0
    agent_reaction_seconds: float = 3.0
    timeout_buffer_seconds: float = 0.0
    hangs_up_before_bridge: bool = False
    presses: str = ""
    press_after_seconds: float = 3.0
    says: str = ""
    detected_as: str | None = None
    detection_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePlan:
    """What becomes of one text: the last status, its error, and what is answered to it."""

    outcome: str = "delivered"
    error_code: int | None = None
    delivery_seconds: float = 2.0
    reply: str | None = None
    reply_delay_seconds: float = 60.0


class Population:
    """Draws people and their attempts from a seed and a mix."""

    def __init__(self, seed: int = 1, mix: Mix | None = None) -> None:
        self.seed = seed
        self.mix = mix or Mix()
        self._personas: dict[str, Persona] = {}

    def persona(self, number: str) -> Persona:
        """Who lives at the number."""
        known = self._personas.get(number)
        if known is None:
            known = self._personas[number] = self._draw_persona(number)
        return known

    def call_plan(self, number: str, ordinal: int) -> CallPlan:
        """What the ``ordinal``-th call to the number, from 1, comes to."""
        mix, dice = self.mix, self._dice(number, "call", ordinal)
        outcome = _outcome(self.persona(number), mix, dice)
        machine = outcome in {CallOutcome.MACHINE, CallOutcome.FAX}
        return CallPlan(
            outcome=outcome,
            ring_seconds=dice.uniform(*(mix.machine_ring_seconds if machine else mix.ring_seconds)),
            greeting_seconds=dice.uniform(*(mix.machine_greeting_seconds if machine else mix.greeting_seconds)),
            patience_seconds=dice.uniform(*mix.patience_seconds),
            talk_seconds=dice.uniform(*mix.talk_seconds),
            agent_reaction_seconds=dice.uniform(*mix.agent_reaction_seconds),
            timeout_buffer_seconds=dice.uniform(*mix.timeout_buffer_seconds),
            hangs_up_before_bridge=dice.random() < mix.hangs_up_before_bridge,
            presses="9" if dice.random() < mix.presses_nine else "",
            press_after_seconds=dice.uniform(2.0, 8.0),
            detected_as=_misheard(outcome, mix, dice.random()),
        )

    def message_plan(self, number: str, ordinal: int) -> MessagePlan:
        """What becomes of the ``ordinal``-th text to the number, from 1."""
        mix, dice, persona = self.mix, self._dice(number, "message", ordinal), self.persona(number)
        plan = MessagePlan(delivery_seconds=dice.uniform(*mix.delivery_seconds))
        if not persona.in_service:
            return replace(plan, outcome="undelivered", error_code=30005)
        if persona.line_type == "landline":
            return replace(plan, outcome="undelivered", error_code=30006)
        trouble = self._trouble(number, ordinal)
        if trouble is not None:
            return replace(plan, outcome="undelivered", error_code=trouble)
        return replace(
            plan,
            outcome="sent" if dice.random() < mix.no_delivery_report else "delivered",
            reply=_reply(mix, dice),
            reply_delay_seconds=dice.uniform(*mix.reply_delay_seconds),
        )

    def _trouble(self, number: str, ordinal: int) -> int | None:
        """Why this text does not arrive though the number takes texts; its dice are its own."""
        lot = self._dice(number, "trouble", ordinal).random()
        if lot < self.mix.message_unreachable:
            return UNREACHABLE
        return FILTERED if lot < self.mix.message_unreachable + self.mix.message_filtered else None

    def _dice(self, *what: object) -> random.Random:
        return random.Random(":".join(str(part) for part in (self.seed, *what)))

    def _draw_persona(self, number: str) -> Persona:
        mix, dice = self.mix, self._dice(number)
        line_type = _drawn(mix.line_types, dice)
        lot = dice.random() * sum(mix.outcomes.values())
        dead, fax = mix.outcomes.get("failed", 0.0), mix.outcomes.get("fax", 0.0)
        return Persona(
            line_type=None if line_type in {NO_LINE_TYPE, LOOKUP_ERROR} else line_type,
            lookup_error_code=OUT_OF_COVERAGE if line_type == LOOKUP_ERROR else None,
            in_service=lot >= dead,
            is_fax=dead <= lot < dead + fax,
            landline_refused=dice.random() < mix.landline_message_refused,
            disconnected_on=self._draw_disconnect(number),
        )

    def _draw_disconnect(self, number: str) -> str | None:
        dice = self._dice(number, "reassigned")
        if dice.random() >= self.mix.reassigned:
            return None
        return (FIRST_DISCONNECT + timedelta(days=dice.randrange(DISCONNECTS_OVER_DAYS))).isoformat()


def _drawn(weights: Mapping[str, float], dice: random.Random) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _outcome(persona: Persona, mix: Mix, dice: random.Random) -> CallOutcome:
    if not persona.in_service:
        return CallOutcome.FAILED
    if persona.is_fax:
        return CallOutcome.FAX
    open_ones = {name: weight for name, weight in mix.outcomes.items() if name not in {"failed", "fax"}}
    return CallOutcome(_drawn(open_ones, dice)) if any(open_ones.values()) else CallOutcome.NO_ANSWER


def _misheard(outcome: CallOutcome, mix: Mix, lot: float) -> str | None:
    if outcome is CallOutcome.HUMAN and lot < mix.person_taken_for_machine:
        return "machine"
    if outcome is CallOutcome.HUMAN and lot < mix.person_taken_for_machine + mix.person_unknown:
        return "unknown"
    if outcome is CallOutcome.MACHINE and lot < mix.machine_taken_for_person:
        return "human"
    return None


def _reply(mix: Mix, dice: random.Random) -> str | None:
    wordings = {"stop": mix.stop_wordings, "help": mix.help_wordings, "text": mix.text_wordings}
    kind = _drawn(mix.replies, dice)
    return dice.choice(wordings[kind]) if kind in wordings else None
