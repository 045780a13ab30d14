"""A rule as it is written: its entry in the file, and what that says in words.

Reads the text beside the checks on purpose: what a person is shown is what stands in the file, not what was made of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.compliance.wording import DAY_NAMES
from orchestrator.domain.toml_reading import parse_toml

CALENDARS = "holiday_calendar"
HEADING = frozenset({"id", "applies", "class", "citation", "source", "effective", "expires", "verified", "note"})
DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
WORKING_DAYS = "mon_fri"
BARE = {
    "coverage": "such contact is spoken of here, so that silence is not taken for no",
    "inconvenient_time": "no contact at a time that the person called inconvenient",
    "permission": "such contact may be made where no other rule forbids it",
    "reassigned_number": "the Reassigned Numbers Database must have been asked about the number",
    "valid_number": "the number must be one that exists",
}
PHRASES = {
    "max": "at most",
    "max_age_days": "an answer is good for (days)",
    "max_percent": "at most (percent)",
    "min_seconds": "rings at least (seconds)",
    "unless": "does not hold where",
    "needs": "needs",
    "any_of": "any one of",
    "carries": "the message must have",
    "registry": "asks the registry",
    "because": "says",
    "says": "must be said",
    "words": "in any one of these words, by language",
    "clock": "by the clock of",
    "mark": "binds where the contact has the mark",
}


@dataclass(frozen=True, slots=True)
class Written:
    """One entry of a rule file: its kind, its file, and its fields as TOML has them."""

    kind: str
    file: str
    fields: Mapping[str, object]

    @property
    def id(self) -> str:
        """Its id; a rule that has none cannot be loaded either."""
        return str(self.fields["id"])

    @property
    def content(self) -> dict[str, object]:
        """What it says, without whom it binds and where it is written; as plain JSON."""
        return {name: plain(value) for name, value in self.fields.items() if name not in HEADING}


def entries_in(files: Mapping[str, str]) -> dict[str, Written]:
    """Every rule and calendar in these texts, by id; UserError names a file that is no TOML."""
    tables = {name: parse_toml(text, name) for name, text in sorted(files.items()) if name.startswith("rules/")}
    found = [
        Written(kind, name, row)
        for name, table in tables.items()
        for kind, rows in table.items()
        if isinstance(rows, list)
        for row in rows
    ]
    return {written.id: written for written in found}


def plain(value: object) -> object:
    """A TOML value as plain JSON: dates and times as texts."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value if isinstance(value, str | bool | int | float) else str(value)


def sentences(written: Written) -> list[str]:
    """What the entry says, a line each; hours first."""
    content = written.content
    lines = _hours(content) if written.kind == "calling_window" else []
    lines += [BARE[written.kind]] if written.kind in BARE else []
    told = {WORKING_DAYS, "holiday", "holidays", *DAYS} if written.kind == "calling_window" else set()
    cap = _cap(content)
    lines += [cap] if cap else []
    told |= {"max", "hours", "days", "dates"} if cap else set()
    return lines + [f"{_phrase(name)}: {in_words(value)}" for name, value in content.items() if name not in told]


def _hours(content: Mapping[str, object]) -> list[str]:
    working = content.get(WORKING_DAYS)
    lines = []
    for name, at in DAYS.items():
        hours = content.get(name, working if at < DAYS["sat"] else None)
        lines.append(f"{DAY_NAMES[at]}: {in_words(hours) if hours else 'closed'}")
    if "holidays" in content:
        open_then = content.get("holiday")
        lines.append(f"holidays of {in_words(content['holidays'])}: {in_words(open_then) if open_then else 'closed'}")
    return lines


def _cap(content: Mapping[str, object]) -> str:
    if "max" not in content:
        return ""
    spans = [f"{content[unit]} {unit}" for unit in ("hours", "days", "dates") if unit in content]
    return f"at most {content['max']} in {' and '.join(spans)}" if spans else ""


def _phrase(name: str) -> str:
    return PHRASES.get(name, name.replace("_", " "))


def in_words(value: object) -> str:
    """A value for a person: spans of hours, lists, and tables inside tables."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{_phrase(str(name))} {in_words(item)}" for name, item in value.items()) or "any"
    if isinstance(value, list):
        return _list_in_words(value)
    return str(value)


def _list_in_words(value: Sequence[object]) -> str:
    if not value:
        return "none"
    if all(isinstance(item, list) and len(item) == 2 for item in value):
        return " and ".join(f"{item[0]} to {item[1]}" for item in value if isinstance(item, list))
    joint = "; or " if any(isinstance(item, Mapping) for item in value) else ", "
    return joint.join(in_words(item) for item in value)
