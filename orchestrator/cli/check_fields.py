"""Every field of a `check` question with what it takes, told from what reads it, so that the two cannot differ."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import time
from inspect import getclosurevars
from typing import Any

from orchestrator.compliance import json_fields as read
from orchestrator.compliance.json_fields import Shape
from orchestrator.compliance.question import QUESTION

TAKEN: Mapping[Callable[[Any], Any], str] = {
    read.text: "text",
    read.flag: "true or false",
    read.moment: "moment with its offset, as in 2026-11-22T10:00:00-05:00",
    read.country: "country as two letters, as in US",
    read.region: "region without its country, as in LA",
    read.zone_name: "time zone, as in America/New_York",
    read.wall_time: "time of day, as in 18:30",
    read.weekday: "mon to sun",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field by its path, where [] is each of a list. ``default`` None: left out means not known, or none."""

    path: str
    takes: str
    needed: bool
    default: str | None


def question_fields(shape: Shape = QUESTION, within: str = "") -> Iterator[Field]:
    """Every field in the order of the question, each object before its own fields.

    ``needed`` holds within the object that it stands in, which may itself be left out.
    """
    defaults = {field.name: field.default for field in fields(shape.noun)}
    for name, reader in shape.fields.items():
        path = f"{within}{name}"
        takes, inner, steps = _taken(reader)
        default = defaults[shape.names[name]]
        yield Field(path=path, takes=takes, needed=name in shape.needed, default=_default(default))
        if inner is not None:
            yield from question_fields(inner, f"{path}{steps}.")


def _taken(reader: Callable[[Any], Any]) -> tuple[str, Shape | None, str]:
    """In words, the object within where there is one, and how a path goes on to it."""
    if isinstance(reader, Shape):
        return "object", reader, ""
    if reader in TAKEN:
        return TAKEN[reader], None, ""
    held = getclosurevars(reader).nonlocals
    if "members" in held:
        return ", ".join(held["members"]), None, ""
    if "least" in held:
        return f"whole number of at least {held['least']}", None, ""
    takes, inner, steps = _taken(held["read_one"])
    if getattr(reader, "__qualname__", "").startswith("many"):
        return f"list, each: {takes}", inner, f"{steps}[]"
    return f"{takes}; or null", inner, steps


def _default(value: object) -> str | None:
    if value is MISSING or value is None or value == ():
        return None
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).lower() if isinstance(value, bool) else str(value)
