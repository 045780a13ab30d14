"""A question to the gate as plain JSON, so that it can be stored sealed and asked again."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, time
from functools import cache
from typing import Any

SHORT = {"starts": "from", "ends": "to"}  # the interface's own words for an inconvenient time


def plain(value: Any) -> Any:
    """Strings, numbers, lists and dicts; what is None or empty is left out."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if is_dataclass(value):
        return _of_dataclass(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    assert isinstance(value, Sequence), type(value)  # noqa: S101 - a noun of another kind is a programming error
    return [plain(entry) for entry in value]


def _of_dataclass(value: Any) -> dict[str, Any]:
    kind: type = type(value)
    found = ((name, getattr(value, name)) for name in _names(kind))
    return {SHORT.get(name, name): plain(entry) for name, entry in found if entry is not None and entry != ()}


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
