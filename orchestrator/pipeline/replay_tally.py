"""What a replay counts: how many were asked again, and who would have been treated otherwise, by rule."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.compliance.answer_form import moment_form
from orchestrator.domain.decision import STRICTNESS, Answer, Verdict

VERDICTS = {Verdict.ALLOW: "Allowed", Verdict.HOLD: "Held", Verdict.REFUSE: "Refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One of two answers to the same question. ``rule`` is the one that decided, empty where all allowed."""

    verdict: Verdict
    until: datetime | None = None
    rule: str = ""
    sentence: str = ""

    def says_what(self, other: "Word") -> bool:
        """Whether both come to the same: the same verdict, and the same moment to ask again."""
        return (self.verdict, self.until) == (other.verdict, other.until)

    def is_stricter_than(self, other: "Word") -> bool:
        """Whether this one keeps the contact off more, or longer."""
        if self.verdict is not other.verdict:
            return STRICTNESS[self.verdict] > STRICTNESS[other.verdict]
        return self.until is not None and other.until is not None and self.until > other.until


def word_of(answer: Answer) -> Word:
    """The gate's answer as a sentence; the rule's own words cite the law."""
    deciding = answer.deciding
    until = answer.next_allowed_at
    if deciding is None:
        return Word(verdict=answer.verdict, until=until, sentence=f"{VERDICTS[answer.verdict]}: no rule objects.")
    head = f"{VERDICTS[answer.verdict]}{_until(until)} by {deciding.rule}"
    sentence = f"{head}: {deciding.because.removeprefix('Held ')}"
    return Word(verdict=answer.verdict, until=until, rule=deciding.rule, sentence=sentence)


def stored_word(verdict: str, until: datetime | None, rules: list[str]) -> Word:
    """What was written down, where the rules cannot be asked for their sentences."""
    by = f" by {', '.join(rules)}" if rules else ""
    said = Verdict(verdict)
    sentence = f"{VERDICTS[said]}{_until(until)}{by}, as it was written down."
    return Word(verdict=said, until=until, rule=rules[0] if rules else "", sentence=sentence)


def _until(until: datetime | None) -> str:
    return f" until {until:%Y-%m-%d %H:%M:%S} UTC" if until else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """One contact that would have been treated otherwise."""

    at: datetime
    contact_id: int
    what: str  # as in a predictive call
    was: Word
    would_be: Word
    attempted: bool = False  # it was allowed and made


@dataclass
class Group:
    """All that one rule changes in one way."""

    rule: str
    was: Verdict
    would_be: Verdict
    times: int = 0
    attempts: int = 0
    contacts: set[int] = field(default_factory=set)
    examples: list[Otherwise] = field(default_factory=list)


@dataclass
class Tally:
    """One side of a replay. ``notes`` say what could not be asked again or proven, with how often."""

    limit: int
    asked: int = 0
    otherwise: int = 0
    groups: dict[tuple[str, Verdict, Verdict], Group] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)

    def add(self, found: Otherwise) -> None:
        """Count it under the rule that makes the difference: the new one that is stricter, or the old that yields."""
        rule = found.would_be.rule if found.would_be.is_stricter_than(found.was) else found.was.rule
        key = (rule, found.was.verdict, found.would_be.verdict)
        group = self.groups.setdefault(key, Group(*key))
        group.times += 1
        group.attempts += found.attempted
        group.contacts.add(found.contact_id)
        self.otherwise += 1
        if len(group.examples) < self.limit:
            group.examples.append(found)

    @property
    def by_size(self) -> list[Group]:
        """The groups, the largest first."""
        return sorted(self.groups.values(), key=lambda group: (-group.times, group.rule))


def tally_form(tally: Tally) -> dict[str, Any]:
    """The tally as plain JSON."""
    return {
        "asked": tally.asked,
        "otherwise": tally.otherwise,
        "not_recomputed": dict(tally.notes.most_common()),
        "by_rule": [
            {
                "rule": group.rule,
                "was": group.was.value,
                "would_be": group.would_be.value,
                "times": group.times,
                "contacts": len(group.contacts),
                "attempts_made": group.attempts,
                "examples": [_example_form(example) for example in group.examples],
            }
            for group in tally.by_size
        ],
    }


def _example_form(found: Otherwise) -> dict[str, Any]:
    return {
        "at": moment_form(found.at),
        "contact": found.contact_id,
        "what": found.what,
        "attempted": found.attempted,
        "was": {"until": moment_form(found.was.until), "sentence": found.was.sentence},
        "would_be": {"until": moment_form(found.would_be.until), "sentence": found.would_be.sentence},
    }


def tally_lines(tally: Tally, asked: str) -> list[str]:
    """The tally for a person; ``asked`` says what was asked about."""
    lines = [f"{tally.asked:,} {asked}; {tally.otherwise:,} would be treated otherwise."]
    for note, count in tally.notes.most_common():
        lines.append(f"  {count:,} of them: {note}")
    for group in tally.by_size:
        made = f", {group.attempts:,} of them were made" if group.attempts else ""
        change = f"{VERDICTS[group.was].lower()} -> {VERDICTS[group.would_be].lower()}"
        lines.append(f"  {group.rule}: {change}, {group.times:,} times, {len(group.contacts):,} contacts{made}")
        for found in group.examples:
            lines += [
                f"    contact {found.contact_id}, {found.what} at {found.at:%Y-%m-%d %H:%M:%S} UTC",
                f"      was:      {found.was.sentence}",
                f"      would be: {found.would_be.sentence}",
            ]
        rest = group.times - len(group.examples)
        lines += [f"    and {rest:,} more"] if rest else []
    return lines
