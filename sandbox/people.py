"""The people of one sandbox: drawn from the population, pinned where a test wants one exactly so."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from sandbox.errors import SandboxError
from sandbox.population import CallOutcome, CallPlan, MessagePlan, Persona, Population

_CALL = {item.name for item in fields(CallPlan)} - {"outcome"}
_MESSAGE = {"reply_delay_seconds", "delivery_seconds"}
_PERSONA = {
    "line_type", "lookup_error_code", "in_service", "is_fax", "landline_refused", "disconnected_on",
    "reassigned_error_code",
}  # fmt: skip
_OWN = {"outcomes", "replies", "reply", "message_outcome", "message_error_code", "refuse_call", "refuse_message"}
_TEXTS = {"presses", "says", "detected_as", "line_type", "reply", "message_outcome"}
_FLAGS = {"in_service", "is_fax", "landline_refused", "hangs_up_before_bridge"}
_LISTS = {"outcomes", "replies"}
_WHOLE = {"lookup_error_code", "reassigned_error_code", "message_error_code", "refuse_call", "refuse_message"}
_NULLABLE = {
    "line_type", "detected_as", "lookup_error_code", "message_error_code", "reply", "detection_seconds",
    "disconnected_on", "reassigned_error_code",
}  # fmt: skip
_WORDS: Mapping[str, frozenset[str]] = {
    "detected_as": frozenset({"human", "machine", "fax", "unknown"}),
    "message_outcome": frozenset({"delivered", "sent", "undelivered", "failed"}),
}
AGENT_PLAN = CallPlan(ring_seconds=1.5, greeting_seconds=0.5)
CALLER_PLAN = CallPlan(ring_seconds=0.0, greeting_seconds=0.0, patience_seconds=30.0)


@dataclass(slots=True)
class People:
    """Who answers what: the population, what was pinned of it, and which addresses are agents."""

    population: Population
    pins: dict[str, dict[str, Any]] = field(default_factory=dict)
    agents: set[str] = field(default_factory=set)
    _calls: Counter[str] = field(default_factory=Counter)
    _messages: Counter[str] = field(default_factory=Counter)

    def pin(self, number: str, wishes: Mapping[str, Any]) -> None:
        """Fix the person's behaviour from now on, beside what was pinned before; SandboxError for an unknown wish."""
        for name, value in wishes.items():
            _check(name, value)
        self.pins.setdefault(number, {}).update(wishes)

    def forget(self, number: str) -> None:
        """Know nothing of the number any more but what the population draws of everybody."""
        self.pins.pop(number, None)
        del self._calls[number], self._messages[number]

    def is_agent(self, address: str) -> bool:
        """Whether an agent answers there: client:…, sip:… and registered numbers."""
        return address.startswith(("client:", "sip:")) or address in self.agents

    def persona(self, number: str) -> Persona:
        """Who lives at the number."""
        return replace(self.population.persona(number), **self._pinned(number, _PERSONA))

    def refusal(self, number: str, channel: str) -> int | None:
        """Twilio's code with which a create to the number is refused, if that was pinned."""
        code: int | None = self.pins.get(number, {}).get(f"refuse_{channel}")
        return code

    def next_call(self, number: str) -> CallPlan:
        """What the next call to the number comes to; each question is one attempt."""
        self._calls[number] += 1
        ordinal = self._calls[number]
        agent = self.is_agent(number)
        plan = AGENT_PLAN if agent else self.population.call_plan(number, ordinal)
        outcomes = self.pins.get(number, {}).get("outcomes")
        if outcomes and agent:
            plan = replace(plan, outcome=CallOutcome(_nth(outcomes, ordinal)))
        elif outcomes:
            plan = _with_outcome(plan, CallOutcome(_nth(outcomes, ordinal)))
        return replace(plan, **self._pinned(number, _CALL))

    def next_message(self, number: str) -> MessagePlan:
        """What becomes of the next text to the number; each question is one attempt."""
        self._messages[number] += 1
        ordinal, pins = self._messages[number], self.pins.get(number, {})
        plan = self._message_plan(number, ordinal, pins)
        if "message_outcome" in pins:
            plan = replace(plan, outcome=pins["message_outcome"], error_code=pins.get("message_error_code"))
        if "replies" in pins:
            plan = replace(plan, reply=_nth_or_none(pins["replies"], ordinal))
        if "reply" in pins:
            plan = replace(plan, reply=pins["reply"])
        return replace(plan, **self._pinned(number, _MESSAGE))

    def caller(self, number: str, presses: str) -> CallPlan:
        """How someone behaves who calls in."""
        return replace(CALLER_PLAN, **self._pinned(number, _CALL - {"presses"}), presses=presses)

    def _pinned(self, number: str, names: set[str]) -> dict[str, Any]:
        return {name: value for name, value in self.pins.get(number, {}).items() if name in names}

    def _message_plan(self, number: str, ordinal: int, pins: Mapping[str, Any]) -> MessagePlan:
        plan = self.population.message_plan(number, ordinal)
        if not self.persona(number).in_service:
            return replace(plan, outcome="undelivered", error_code=30005, reply=None)
        if self.persona(number).line_type == "landline":
            return replace(plan, outcome="undelivered", error_code=30006, reply=None)
        if pins.keys() & {"line_type", "in_service"}:
            return replace(plan, outcome="delivered", error_code=None)
        return plan


def _with_outcome(plan: CallPlan, outcome: CallOutcome) -> CallPlan:
    # What was drawn for another outcome (a long greeting, a mishearing) would not be true of this one.
    plain = CallPlan(
        outcome=outcome,
        talk_seconds=plan.talk_seconds,
        patience_seconds=plan.patience_seconds,
        presses=plan.presses,
        press_after_seconds=plan.press_after_seconds,
    )
    if outcome in {CallOutcome.MACHINE, CallOutcome.FAX}:
        return replace(plain, ring_seconds=18.0, greeting_seconds=9.0)
    return plain


def _nth(values: list[str], ordinal: int) -> str:
    return values[min(ordinal, len(values)) - 1]


def _nth_or_none(values: list[str | None], ordinal: int) -> str | None:
    return values[ordinal - 1] if ordinal <= len(values) else None


def _check(name: str, value: object) -> None:
    if name not in _CALL | _MESSAGE | _PERSONA | _OWN:
        known = ", ".join(sorted(_CALL | _MESSAGE | _PERSONA | _OWN))
        raise SandboxError(f"A person has no '{name}'; there is {known}.")
    if value is None and name in _NULLABLE:
        return
    if not _fits(name, value):
        raise SandboxError(f"A person's {name} cannot be {value!r}.")


def _fits(name: str, value: object) -> bool:
    if name in _FLAGS:
        return isinstance(value, bool)
    if name == "disconnected_on":
        return isinstance(value, str) and _is_date(value)
    if name == "outcomes":
        return isinstance(value, list) and bool(value) and all(item in set(CallOutcome) for item in value)
    if name in _LISTS:
        return isinstance(value, list) and all(item is None or isinstance(item, str) for item in value)
    if name in _TEXTS:
        return isinstance(value, str) and value in _WORDS.get(name, {value})
    if name in _WHOLE:
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
