"""Values as people read them: moments, yes and no, and our own words without their underscores.

What a person wrote is never changed: only texts that are a whole moment, and values of columns that hold words of ours.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean

from orchestrator.persistence.sealing.subjects import BY_FORM

MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")
# A sealed row tells truth as 1 or 0.
YES_OR_NO = frozenset(
    column.name
    for subject in BY_FORM.values()
    for column in subject.relation.c
    if column.name in subject.columns and isinstance(column.type, Boolean)
)
OUR_WORDS = frozenset({"outcome", "kind", "level", "purpose", "product", "lawful_basis", "line_type", "exemption"})
DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_ON_A_LINE = 100
MOST_DIGESTS = 12


def said(name: str, value: Any) -> str:
    """The value of what has this name."""
    if isinstance(value, bool) or (name in YES_OR_NO and value in {0, 1}):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(said(name, one) for one in value)
    if isinstance(value, Mapping):
        return inline(value)
    text = str(value)
    if MOMENT.fullmatch(text):
        return moment(text)
    return text.replace("_", " ") if name in OUR_WORDS else text


def moment(text: str) -> str:
    """As in 2026-11-23 17:00:00 UTC; a moment with another clock's offset is told on that clock."""
    at = datetime.fromisoformat(text)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    clock = f"{at:%z}"
    return f"{at:%Y-%m-%d %H:%M:%S} " + ("UTC" if clock == "+0000" else f"(UTC{clock[:3]}:{clock[3:]})")


def label(name: str) -> str:
    """A name of ours as people read it; that of a time zone or a file stays as it is."""
    return name if set("/.") & set(name) else name.replace("_", " ")


def inline(values: Mapping[str, Any]) -> str:
    """Everything that is known of it on one line."""
    return "; ".join(f"{label(name)}: {said(name, value)}" for name, value in values.items() if is_known(value))


def fits_a_line(values: Mapping[str, Any]) -> bool:
    """Whether it is short and holds nothing that has parts itself."""
    parts = (part for value in values.values() for part in (value if isinstance(value, list) else [value]))
    return not any(isinstance(part, Mapping) for part in parts) and len(inline(values)) <= LONGEST_ON_A_LINE


def is_an_index(values: Mapping[str, Any]) -> bool:
    """Whether it is but a long row of files with their digests, which nobody reads on paper."""
    return len(values) > MOST_DIGESTS and all(DIGEST.fullmatch(str(value)) for value in values.values())


def is_known(value: Any) -> bool:
    """Whether there is anything to tell; no and nought are."""
    return value is not None and value not in ("", [], {})


def parts_of(words: str) -> dict[str, Any] | None:
    """What stands in words that are a JSON object; None for words that are not."""
    try:
        found = json.loads(words)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
