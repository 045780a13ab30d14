"""What of other people stands in words is hidden, and each hiding is written down."""

import re
from dataclasses import dataclass, field

# A date or a moment is no number.
NUMBER = re.compile(r"(?<![\d-])(?!\d{4}-\d\d-\d\d)\+?\d[\d\s().-]{7,}\d")
SHORTEST = 8  # digits
# Digits in a row by chance: a digest, and a moment with its fraction.
NO_NUMBER = re.compile(r"(\b[0-9a-f]{40,}\b|\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?)")
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
HIDDEN = "█████"


@dataclass(slots=True)
class Redactions:
    """The log of what a pack does not show, and why."""

    own_number: str
    entries: list[dict[str, str]] = field(default_factory=list)

    def note(self, where: str, what: str, why: str) -> None:
        """Write one down."""
        self.entries.append({"where": where, "what": what, "why": why})

    def of_words(self, where: str, words: str) -> str:
        """The words without other people's numbers and mail addresses."""
        own = re.sub(r"\D", "", self.own_number)
        parts = NO_NUMBER.split(words)  # every second one is none
        shown = "".join(part if n % 2 else _hidden(own, part) for n, part in enumerate(parts))
        if shown != words:
            self.note(where, "numbers or mail addresses in the words", "they may be other people's")
        return shown


def _hidden(own: str, words: str) -> str:
    return MAIL.sub(HIDDEN, NUMBER.sub(lambda match: _unless(own, match[0]), words))


def _unless(own: str, text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return text if len(digits) < SHORTEST or own.endswith(digits[-10:]) else HIDDEN
