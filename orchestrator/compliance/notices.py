"""What a text or a script must say, in which words: rules that are asked before a launch, and never of an attempt."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.plain_text import plain
from orchestrator.compliance.rule import ALLOWED, EVERYWHERE, Finding, Heading, Rule, Shelf
from orchestrator.domain.contact_request import CallerKind, Channel, Purpose

if TYPE_CHECKING:
    from orchestrator.compliance.rulebook import Rulebook

ANY_LANGUAGE = "any"


class Part(StrEnum):
    """What is looked for."""

    SENDER = "sender"  # the seller's name
    OPT_OUT = "opt_out"
    LABEL = "label"  # at the very beginning
    PURPOSE = "purpose"
    CONTACT = "contact"  # a number to call back


PARTS = {
    Part.SENDER: "on whose behalf it is",
    Part.OPT_OUT: "how to stop it",
    Part.LABEL: "that it is an advertisement",
    Part.PURPOSE: "why",
    Part.CONTACT: "a number to call back",
}
WITHOUT_WORDS = frozenset({Part.SENDER, Part.CONTACT})
DIGITS_OF_A_NUMBER = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A part that must be said; any one of the words of the text's language, else of ``any``, says it."""

    kind: ClassVar[str] = "wording"
    covers: ClassVar[bool] = False
    says: Part
    words: Mapping[str, tuple[str, ...]]
    lookback_days: int = 0

    def judge(self, _case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Nothing to say of an attempt: the gate is told what its message holds."""
        return ALLOWED

    def accepted(self, language: str) -> tuple[str, ...]:
        """The words that count in a text of this language; of every language where nothing is written for it."""
        own = self.words.get(language.lower().partition("-")[0])
        shared = self.words.get(ANY_LANGUAGE, ())
        every = tuple(word for words in self.words.values() for word in words)
        return (*shared, *own) if own else shared or every

    def is_said(self, said: "Said") -> bool:
        """Whether the text says it."""
        if self.says is Part.SENDER:
            return said.seller_name.casefold() in said.text.casefold()
        if self.says is Part.CONTACT:
            return _longest_number(said.text) >= DIGITS_OF_A_NUMBER
        if self.says is Part.LABEL:
            return said.text.lstrip().casefold().startswith(tuple(map(str.casefold, self.accepted(said.language))))
        return any(_holds(said.text, word) for word in self.accepted(said.language))


def without_accents(text: str) -> str:
    """The text with bare letters, in its own case."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _holds(text: str, word: str) -> bool:
    """Whether the words stand in the text by themselves; in scripts without spaces, at all.

    A word in capitals counts in capitals alone: STOP tells what to answer, "stop by on Sunday" does not.
    """
    if word.isascii() and word.isupper():
        return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", without_accents(text)) is not None
    spoken, wanted = plain(text), plain(word)
    return f" {wanted} " in f" {spoken} " or (not wanted.isascii() and wanted in spoken)


def read_wording(entry: Entry, _: Shelf) -> Wording:
    """Read what must be said, and by language the words that say it."""
    says = Part(entry.one_of("says", tuple(Part)))
    words = _words(entry.table("words")) if entry.has("words") else {}
    if (says in WITHOUT_WORDS) == bool(words):
        raise entry.wrong("words", "must be there where opt_out, label or purpose is said, and only there")
    return Wording(says=says, words=words)


def _words(table: Entry) -> Mapping[str, tuple[str, ...]]:
    found = {language: table.texts(language) for language in table.fields}
    table.finish()
    return found


def _longest_number(text: str) -> int:
    """How many digits the longest number in it has, written with spaces, dots, dashes or brackets or without."""
    longest = digits = 0
    for character in text:
        digits = digits + 1 if character.isdigit() else digits if character in " .-()/" else 0
        longest = max(longest, digits)
    return longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words in a language, on behalf of a seller."""

    text: str
    language: str
    seller_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom the words are for. ``places`` are countries and regions; ``purpose`` None: whatever it is."""

    channel: Channel
    places: frozenset[str]
    on: date
    purpose: Purpose | None = None
    caller: CallerKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """A part that is missing, with the law that asks for it and words that would say it."""

    rule: str
    part: Part
    citation: str
    words: tuple[str, ...]

    @property
    def told(self) -> str:
        """In words."""
        example = f", as in {' or '.join(self.words[:3])}" if self.words else ""
        return f"it does not say {PARTS[self.part]}{example} ({self.citation})"


def unsaid(rulebook: "Rulebook", said: Said, audience: Audience, parts: Iterable[Part] = Part) -> list[Unsaid]:
    """What the words lack for this audience, by the rulebook."""
    return [
        Unsaid(rule=rule.id, part=check.says, citation=rule.heading.citation, words=check.accepted(said.language))
        for rule, check in _binding(rulebook.wordings, audience)
        if check.says in set(parts) and not check.is_said(said)
    ]


def _binding(wordings: Sequence[Rule], audience: Audience) -> Iterable[tuple[Rule, Wording]]:
    for rule in wordings:
        if isinstance(rule.check, Wording) and _binds(rule.heading, audience):
            yield rule, rule.check


def _binds(heading: Heading, audience: Audience) -> bool:
    applies = heading.applies
    here = EVERYWHERE in applies.jurisdictions or not applies.jurisdictions.isdisjoint(audience.places)
    why = audience.purpose is None or audience.purpose in applies.purposes
    who = audience.caller is None or (
        (not applies.callers or audience.caller in applies.callers) and audience.caller not in applies.exempt_callers
    )
    dated = heading.effective <= audience.on and (heading.expires is None or audience.on <= heading.expires)
    return here and why and who and dated and audience.channel in applies.channels
