"""The facts of a question to the gate in lines, by group: nothing that was told is left out, nothing is added."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from orchestrator.pipeline.evidence.phrases import is_known, label, moment, said
from orchestrator.pipeline.explain_words import what

Facts = Mapping[str, Any]
CHANNELS = {"voice": "calls", "sms": "messages", "any": "calls and messages"}
LABELS = {
    "amd": "answering-machine detection",
    "ring_timeout_seconds": "longest ring in seconds",
    "sales_component": "sells too",
    "line_type": "line type",
    "work_number": "number at work",
    "ported_at": "ported to a mobile carrier",
    "declared_emergency": "in a declared emergency",
    "inconvenient": "inconvenient times",
    "automated": "automated contact too",
    "states_period": "says how long it lasts",
    "evidence": "proof on file",
    "to_caller": "given to this caller by name",
    "agreed_time": "agreed to this very time",
    "opt_out_offered_at_collection": "opting out was offered when it was collected",
    "expires_at": "until",
    "withdrawn_at": "withdrawn",
    "listed_since": "listed since",
    "amd_false_positives_estimated": "people taken for machines, by estimate",
    "window_started_at": "counted from",
}
# These words are ours wherever they stand in a question.
OUR_WORDS = frozenset({"source", "kind", "mode", "scope", "channel", "direction", "result", "outcome", "subscriber"})


def fact_lines(facts: Facts) -> Iterator[str]:
    """A line a fact or group of facts, in the order in which a reader asks."""
    for name, tell in GROUPS.items():
        if is_known(facts.get(name)):
            yield from tell(facts[name])
    rest = {name: value for name, value in facts.items() if name not in GROUPS}
    yield from (f"{label(name).capitalize()}: {_value(name, value)}." for name, value in rest.items())


def _asked_at(at: str) -> Iterator[str]:
    yield f"Asked about: {moment(at)}."


def _attempt(facts: Facts) -> Iterator[str]:
    yield _sentence(f"Attempt: {what(facts['channel'], facts.get('mode'))}", _all(facts, "channel", "mode", "message"))
    if is_known(facts.get("message")):
        yield f"Message: {_all(facts['message'])}."


def _campaign(facts: Facts) -> Iterator[str]:
    yield f"Caller: {_all(facts['caller'])}."
    yield f"Campaign: {_all(facts, 'caller', 'abandonment')}."
    if is_known(facts.get("abandonment")):
        yield f"Its calls in the span that the rule on abandoned calls counts: {_all(facts['abandonment'])}."


def _contact(facts: Facts) -> Iterator[str]:
    yield f"Contact: {_all(facts, 'inconvenient')}."
    times = facts.get("inconvenient") or []
    yield from (f"Inconvenient to the person: {_all(time)}." for time in times)


def _consents(consents: Sequence[Facts]) -> Iterator[str]:
    for one in consents:
        head = (
            f"Consent to {CHANNELS[one['channel']]}, {_value('level', one['level'])}, given {moment(one['given_at'])}"
        )
        yield _sentence(head, _all(one, "channel", "level", "given_at"))


def _noes(noes: Sequence[Facts]) -> Iterator[str]:
    for one in noes:
        at = f", {moment(one['at'])}" if one.get("at") else ""
        head = f"No: {_value('kind', one['kind'])}, against {CHANNELS[one['channel']]}{at}"
        yield _sentence(head, _all(one, "kind", "channel", "at"))


def _registries(answers: Sequence[Facts]) -> Iterator[str]:
    for one in answers:
        verdict = "listed" if one.get("listed") else "not listed"
        head = f"Registry {one['registry']}: {verdict}, as of {moment(one['obtained_at'])}"
        yield _sentence(head, _all(one, "registry", "listed", "obtained_at"))


def _reassigned(answer: Facts) -> Iterator[str]:
    asked = f", asked {moment(answer['checked_at'])}" if answer.get("checked_at") else ""
    head = f"Reassigned Numbers Database: {_value('result', answer['result'])}{asked}"
    yield _sentence(head, _all(answer, "result", "checked_at"))


def _relationship(facts: Facts) -> Iterator[str]:
    yield f"Relationship: {_all(facts)}."


def _history(contacts: Sequence[Facts]) -> Iterator[str]:
    """How many in which time, then each."""
    moments = sorted((one["at"] for one in contacts), key=datetime.fromisoformat)
    counts = Counter(_kind_of(one) for one in contacts)
    told = "; ".join(f"{kind}: {count}" for kind, count in counts.items())
    yield f"Earlier contacts: {len(contacts)} from {moment(moments[0])} to {moment(moments[-1])} ({told})."
    yield from (_sentence(f"  {moment(one['at'])}: {_kind_of(one)}", _all(one, *TOLD)) for one in contacts)


TOLD = ("at", "channel", "direction", "outcome")


def _kind_of(one: Facts) -> str:
    """As in an outbound call, no answer; what has not ended has no outcome yet."""
    what = {"voice": "call", "sms": "message"}[one["channel"]]
    way = f"{one['direction']} " if one.get("direction") else ""
    return f"{way}{what}, {_value('outcome', one['outcome']) if one.get('outcome') else 'not ended yet'}"


def _debt(debt: str) -> Iterator[str]:
    yield f"Debt: {debt}."


GROUPS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "at": _asked_at,
    "attempt": _attempt,
    "contact": _contact,
    "consents": _consents,
    "suppressions": _noes,
    "registries": _registries,
    "reassigned": _reassigned,
    "relationship": _relationship,
    "history": _history,
    "campaign": _campaign,
    "debt": _debt,
}


def _sentence(head: str, more: str) -> str:
    return f"{head}; {more}." if more else f"{head}."


def _all(facts: Facts, *but: str) -> str:
    """Everything that is known of it, but what is told elsewhere."""
    known = {name: value for name, value in facts.items() if name not in but and is_known(value)}
    return "; ".join(f"{LABELS.get(name, label(name))}: {_value(name, value)}" for name, value in known.items())


def _value(name: str, value: Any) -> str:
    text = said(name, value)
    return text.replace("_", " ") if name in OUR_WORDS else text
