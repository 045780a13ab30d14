"""How long a class of data stays, as papers show it; nothing acts on it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One class of data in some jurisdictions: for how long, since when, what then, and by which law or house rule."""

    data: str
    jurisdictions: tuple[str, ...]
    keep: str
    clock: str
    action: str
    citation: str
