"""What differs between two rulebooks, rule by rule and field by field."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.compliance.rule_text import Written, entries_in, in_words, plain, sentences


@dataclass(frozen=True, slots=True)
class Changed:
    """One entry that both rulebooks have, and its fields before and after; None where a side lacks it."""

    before: Written
    after: Written
    fields: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class RulebookDiff:
    """The whole difference. ``files`` are number plans that differ; ``versions`` the tables beside the rules."""

    added: tuple[Written, ...]
    removed: tuple[Written, ...]
    changed: tuple[Changed, ...]
    files: tuple[str, ...]
    versions: tuple[tuple[str, str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not (self.added or self.removed or self.changed or self.files or self.versions)


def diff_of(
    before: Mapping[str, str],
    after: Mapping[str, str],
    versions_before: Mapping[str, str] | None = None,
    versions_after: Mapping[str, str] | None = None,
) -> RulebookDiff:
    """The difference of two rulebooks' texts, and of the versions of the tables that go with them where known."""
    old, new = entries_in(before), entries_in(after)
    pairs = [(old[name], new[name]) for name in sorted(old.keys() & new.keys())]
    changes = [Changed(was, now, _fields(was, now)) for was, now in pairs]
    return RulebookDiff(
        added=tuple(new[name] for name in sorted(new.keys() - old.keys())),
        removed=tuple(old[name] for name in sorted(old.keys() - new.keys())),
        changed=tuple(change for change in changes if change.fields),
        files=tuple(_other_files(before, after)),
        versions=tuple(_versions(versions_before or {}, versions_after or {})),
    )


def _fields(was: Written, now: Written) -> dict[str, tuple[object, object]]:
    """Fields that differ; a rule that moved to another kind of check differs in ``kind``."""
    old = {"kind": was.kind, **{name: plain(value) for name, value in was.fields.items()}}
    new = {"kind": now.kind, **{name: plain(value) for name, value in now.fields.items()}}
    names = [*old, *(name for name in new if name not in old)]
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}


def _other_files(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    names = sorted({name for name in (*before, *after) if not name.startswith("rules/")})
    return [name for name in names if before.get(name) != after.get(name)]


def _versions(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    known = sorted(before.keys() & after.keys())
    return [(name, before[name], after[name]) for name in known if before[name] != after[name]]


def diff_lines(diff: RulebookDiff) -> list[str]:
    """The difference for a person."""
    if diff.is_empty:
        return ["No rule, number plan or known table differs; at most comments and layout do."]
    lines = [f"The tables of {name} go from {was} to {now}." for name, was, now in diff.versions]
    lines += [f"{name} differs: where some numbers or addresses lie is read otherwise." for name in diff.files]
    for title, entries in (("New", diff.added), ("Gone", diff.removed)):
        for entry in entries:
            lines += [f"{title}: {entry.id} ({_law(entry)})", *(f"    {line}" for line in sentences(entry))]
    for change in diff.changed:
        lines += [f"Changed: {change.after.id} ({_law(change.after)})"]
        lines += [f"    {name}: {_side(was)} -> {_side(now)}" for name, (was, now) in change.fields.items()]
    return lines


def _law(entry: Written) -> str:
    return str(entry.fields.get("citation", entry.kind))


def _side(value: object) -> str:
    return "nothing" if value is None else in_words(value)


def diff_form(diff: RulebookDiff) -> dict[str, object]:
    """The difference as plain JSON."""
    return {
        "added": [_entry_form(entry) for entry in diff.added],
        "removed": [_entry_form(entry) for entry in diff.removed],
        "changed": [
            {
                "rule": change.after.id,
                "kind": change.after.kind,
                "fields": {name: {"before": was, "after": now} for name, (was, now) in change.fields.items()},
            }
            for change in diff.changed
        ],
        "files": list(diff.files),
        "versions": [{"table": name, "before": was, "after": now} for name, was, now in diff.versions],
    }


def _entry_form(entry: Written) -> dict[str, object]:
    return {"rule": entry.id, "kind": entry.kind, "file": entry.file, "says": sentences(entry), **entry.content}


def hash_of(form: object) -> str:
    """SHA-256 of what was shown, as plain JSON in one spelling."""
    text = json.dumps(form, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
