"""How long each class of data stays, as config/retention.toml says it: read to be shown, not to be acted on."""

import tomllib
from dataclasses import dataclass
from typing import Any

from orchestrator.domain.errors import UserError

FILE = "config/retention.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One class of data in some jurisdictions: for how long, since when, what then, and by which law or house rule."""

    data: str
    jurisdictions: tuple[str, ...]
    keep: str
    clock: str
    action: str
    citation: str


def read_periods(text: str) -> tuple[Period, ...]:
    """Every period of the file; raises UserError for a file that cannot be read."""
    try:
        found = tomllib.loads(text).get("period", [])
        return tuple(_period(entry) for entry in found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{FILE} cannot be read: {error}. Mend it, or take it out of the configuration.") from None


def _period(entry: dict[str, Any]) -> Period:
    lengths = entry.get("keep", {})
    keep = " ".join(f"{count} {unit}" for unit, count in lengths.items()) if lengths else "no end"
    return Period(
        data=str(entry["class"]),
        jurisdictions=tuple(entry["jurisdiction"]),
        keep=keep,
        clock=str(entry.get("clock", "")),
        action=str(entry["action"]),
        citation=str(entry["citation"]),
    )
