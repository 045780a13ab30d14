"""One item of a pack in lines: its sentence, what else is known of it, its sealed row, its proof."""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.pipeline.evidence.decision_lines import decision_lines
from orchestrator.pipeline.evidence.phrases import fits_a_line, inline, is_an_index, is_known, label, parts_of, said

Line = tuple[int, str]
HIDDEN_KEYS = frozenset({"sentence", "words", "row", "entry"})  # shown in their own way
DECISION = "asked_again"  # what a decision alone has


def item_lines(item: Mapping[str, Any], indent: int = 0) -> Iterator[Line]:
    """The lines, each with how far it is set in."""
    inner = indent + ("sentence" in item)
    if "sentence" in item:
        yield indent, item["sentence"]
    if "words" in item:
        yield from _words("words", item["words"], inner)
    yield from _facts(item, inner)
    if "row" in item:
        yield from _row(item["row"], indent + 1)
    if "entry" in item:
        yield indent + 1, proof(item["entry"])


def _facts(item: Mapping[str, Any], indent: int) -> Iterator[Line]:
    if DECISION in item:
        yield from ((indent + deeper, line) for deeper, line in decision_lines(item))
        if is_known(item["facts"]):
            yield indent + 1, proof(item["facts"]["entry"])
        return
    for name, value in item.items():
        if name not in HIDDEN_KEYS:
            yield from _value(name, value, indent)


def _value(name: str, value: Any, indent: int) -> Iterator[Line]:
    if not is_known(value):
        return
    if isinstance(value, Mapping):
        yield from _mapping(name, value, indent)
    elif isinstance(value, list) and isinstance(value[0], Mapping):
        yield indent, f"{label(name)}:"
        for one in value:
            yield from _one_of_several(one, indent + 1)
    else:
        yield from _text(f"{label(name)}: {said(name, value)}", indent)


def _mapping(name: str, value: Mapping[str, Any], indent: int) -> Iterator[Line]:
    if "words" in value:
        yield from _words(label(name), value["words"], indent)
        yield from item_lines({key: one for key, one in value.items() if key != "words"}, indent)
    elif is_an_index(value):
        yield indent, f"{label(name)}: {len(value)}, each with its SHA-256 in evidence.json"
    elif HIDDEN_KEYS.isdisjoint(value) and fits_a_line(value):
        yield indent, f"{label(name)}: {inline(value)}"
    else:
        yield indent, f"{label(name)}:"
        yield from item_lines(value, indent + 1)


def _one_of_several(one: Mapping[str, Any], indent: int) -> Iterator[Line]:
    if HIDDEN_KEYS.isdisjoint(one) and fits_a_line(one):
        yield indent, inline(one)
    else:
        yield from item_lines(one, indent)


def _words(name: str, words: str, indent: int) -> Iterator[Line]:
    """What was written down: a note of ours by its parts, a person's words as they stand."""
    parts = parts_of(words)
    if parts is None:
        yield from _text(f"{name}: “{words}”", indent)
    else:
        yield from _value(name, parts, indent)


def _text(text: str, indent: int) -> Iterator[Line]:
    yield from ((indent, line) for line in text.splitlines())


def _row(row: Mapping[str, Any], indent: int) -> Iterator[Line]:
    known = {name: value for name, value in row.items() if is_known(value)}
    nested = {name: value for name, value in known.items() if isinstance(value, Mapping) or _has_parts(value)}
    yield indent, "As sealed: " + inline({name: value for name, value in known.items() if name not in nested})
    for name, value in nested.items():
        yield from _value(name, value, indent)


def _has_parts(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def proof(entry: Mapping[str, Any]) -> str:
    """Where it is sealed, or why that cannot be shown."""
    where = f"Sealed as entry {entry['position']} of the log '{entry['log']}'" if "log" in entry else "Not proved"
    return f"{where}: {entry['proof']}." if "proof" in entry else f"{where}."
