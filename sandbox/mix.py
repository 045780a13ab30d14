"""Shares and ranges that a population is drawn from, and how they are read from a file."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError

Range = tuple[float, float]
NO_LINE_TYPE = "none"
LOOKUP_ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares and ranges that the population is drawn from; weights need not add up to one, ranges are in seconds."""

    line_types: Mapping[str, float] = field(
        default_factory=lambda: {
            "landline": 0.30, "mobile": 0.55, "fixedVoip": 0.07, "nonFixedVoip": 0.04, NO_LINE_TYPE: 0.03,
            LOOKUP_ERROR: 0.01,
        }
    )  # fmt: skip
    outcomes: Mapping[str, float] = field(
        default_factory=lambda: {
            "human": 0.33, "no_answer": 0.31, "busy": 0.04, "machine": 0.27, "fax": 0.01, "failed": 0.04,
        }
    )  # fmt: skip
    replies: Mapping[str, float] = field(
        default_factory=lambda: {"none": 0.92, "stop": 0.04, "help": 0.01, "text": 0.03}
    )
    stop_wordings: tuple[str, ...] = (
        "STOP",
        "Stop",
        "stop",
        "UNSUBSCRIBE",
        "stop please",
        "Remove me from your list",
        "QUIT",
    )
    help_wordings: tuple[str, ...] = ("HELP", "info", "who is this?")
    text_wordings: tuple[str, ...] = ("ok thanks", "Call me tomorrow", "Yes I am interested", "wrong person")
    ring_seconds: Range = (4.0, 18.0)
    machine_ring_seconds: Range = (16.0, 24.0)
    greeting_seconds: Range = (0.5, 2.2)
    machine_greeting_seconds: Range = (6.0, 16.0)
    patience_seconds: Range = (4.0, 9.0)
    talk_seconds: Range = (20.0, 240.0)
    agent_reaction_seconds: Range = (2.0, 6.0)
    timeout_buffer_seconds: Range = (0.0, 5.0)
    delivery_seconds: Range = (1.0, 8.0)
    reply_delay_seconds: Range = (15.0, 900.0)
    presses_nine: float = 0.2
    hangs_up_before_bridge: float = 0.02
    person_taken_for_machine: float = 0.03
    person_unknown: float = 0.02
    machine_taken_for_person: float = 0.05
    no_delivery_report: float = 0.02
    message_unreachable: float = 0.0
    message_filtered: float = 0.0
    landline_message_refused: float = 0.3
    reassigned: float = 0.03


def load_mix(path: Path) -> Mix:
    """The mix in a TOML file, whose keys are those of Mix; SandboxError names what cannot be used."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SandboxError(f"The population file {path.name} cannot be read: {error}.") from error
    known = {item.name: getattr(Mix(), item.name) for item in fields(Mix)}
    for name, value in table.items():
        if name not in known:
            raise SandboxError(f"The population file {path.name} names '{name}', which is none of {', '.join(known)}.")
        wanted = _wanted(value, known[name])
        if wanted:
            raise SandboxError(f"The population file {path.name} must give {name} as {wanted}.")
    wishes: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    return replace(Mix(), **wishes)


def _wanted(value: object, example: object) -> str | None:
    """What should have been there instead; None when the value will do."""
    if isinstance(example, dict):
        fits = isinstance(value, dict) and value.keys() <= example.keys() and _are_weights(value.values())
        return None if fits else f"a table of weights for {', '.join(example)}"
    if isinstance(example, tuple) and isinstance(example[0], str):
        fits = isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
        return None if fits else "a list of texts"
    if isinstance(example, tuple):
        fits = isinstance(value, list) and len(value) == len(example) and _are_numbers(value) and value[0] <= value[1]
        return None if fits else "two numbers of seconds, the smaller first"
    fits = isinstance(value, int | float) and 0 <= value <= 1
    return None if fits else "a share between 0 and 1"


def _are_weights(values: Iterable[object]) -> bool:
    weights = list(values)
    return _are_numbers(weights) and any(weights)


def _are_numbers(values: Iterable[object]) -> bool:
    return all(isinstance(value, int | float) and value >= 0 for value in values)
