"""A decision in words: what the gate was told, group by group, and which rules answered, with their law."""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.pipeline.evidence.fact_lines import fact_lines
from orchestrator.pipeline.evidence.phrases import is_known, moment, parts_of

Line = tuple[int, str]
SAYS = {"refuse": "Refused", "hold": "Held", "allow": "Allowed"}
AGAIN = {
    True: "Asked again when this was made, under the same rules and facts, the gate gave the same answer.",
    False: "Asked again when this was made, under the same rules and facts, the gate gave ANOTHER answer.",
    None: "The gate could not be asked again.",
}
NO_RULE = "No rule held or refused it."


def decision_lines(item: Mapping[str, Any]) -> Iterator[Line]:
    """The lines behind the decision's sentence, each with how far it is set in."""
    yield from ((0, line) for line in _rules(item))
    again = item["asked_again"]
    yield 0, " ".join(filter(None, (AGAIN[again["agrees"]], again["note"])))
    facts = item["facts"]
    if not is_known(facts):
        return
    yield 0, "What the gate was told:"
    parts = parts_of(facts["words"])
    yield from ((1, line) for line in ([facts["words"]] if parts is None else fact_lines(parts)))


def _rules(item: Mapping[str, Any]) -> Iterator[str]:
    deciding = set(item.get("row", {}).get("rules", ()))
    rules = item["rules"]
    for rule in rules:
        besides = "" if rule["rule"] in deciding else " besides"
        yield f"{SAYS[rule['decision']]}{besides}{_until(rule)}: {rule['because']} {_law(rule)}"
    unexplained = sorted(deciding - {rule["rule"] for rule in rules})
    if unexplained:
        yield f"Decided by: {', '.join(unexplained)}."
    elif not rules and item.get("row", {}).get("verdict") == "allow":
        yield NO_RULE


def _until(rule: Mapping[str, Any]) -> str:
    return f", until {moment(rule['until'])}" if rule["until"] else ""


def _law(rule: Mapping[str, Any]) -> str:
    """The citation, unless the sentence before ends in it, with the rule's id and class."""
    law = rule["citation"] or ""
    cited = f"{law}; " if law and law not in rule["because"] else ""
    return f"[{cited}rule {rule['rule']}, {rule['class'].replace('_', ' ')}]"
