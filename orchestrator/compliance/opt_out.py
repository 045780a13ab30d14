"""What a person means by a text: stop, start, help, perhaps a refusal, or something else."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.compliance.country import read_toml
from orchestrator.compliance.entry import Entry

OPT_OUT_FILE = "opt_out_words.toml"
NOT_WORDS = re.compile(r"[^\w]+|_+")


class Intent(StrEnum):
    """What the sender of a message wants; unsure counts as a refusal until a person has read it."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    UNSURE = "unsure"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutWords:
    """Words and phrases in every language at once, written plainly: no case, accents or punctuation."""

    stop: frozenset[str]
    stop_phrases: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    refusals: frozenset[str]

    @classmethod
    def parse(cls, content: str) -> "OptOutWords":
        """The words in opt_out_words.toml; UserError names the list that is wrong."""
        entry = Entry(OPT_OUT_FILE, read_toml(OPT_OUT_FILE, content))
        lists = {name: _words(entry.table(name)) for name in ("stop", "stop_phrases", "start", "help", "refusals")}
        entry.finish()
        return cls(**lists)


# Apostrophes go; Cyrillic letters become the Latin ones that they look like.
LOOKALIKES = str.maketrans(
    "\u0405\u0455\u0422\u0442\u041e\u043e\u0420\u0440\u0410\u0430\u0415\u0435", "SsTtOoPpAaEe", "'\u2019"
)


def classify(message: str, words: OptOutWords) -> Intent:
    """What the message means; anything that holds a word of refusal and is no clear stop is unsure.

    A stop word counts as the whole message or as its first word: so does "stop. thank you", and a phrase anywhere.
    """
    said = plain(message)
    tokens = said.split()
    if len(tokens) > 1 and all(len(token) <= 2 for token in tokens):
        tokens = [said := "".join(tokens)]  # s t o p, s.t.o.p, st op
    if not tokens:
        return Intent.OTHER
    if said in words.stop or _opens_with(tokens, words.stop - {"no"}) or _holds(said, words.stop_phrases):
        return Intent.STOP
    if not words.refusals.isdisjoint(tokens):
        return Intent.UNSURE
    if said in words.start or tokens[0] in words.start:
        return Intent.START
    return Intent.HELP if said in words.help or tokens[0] in words.help else Intent.OTHER


def plain(message: str) -> str:
    """Lower case without accents, each run of anything but letters and digits one space; don't becomes dont."""
    without_apostrophes = message.translate(LOOKALIKES)
    bare = "".join(
        char for char in unicodedata.normalize("NFKD", without_apostrophes) if not unicodedata.combining(char)
    )
    return " ".join(NOT_WORDS.sub(" ", bare.casefold()).split())


def _opens_with(tokens: list[str], stops: frozenset[str]) -> bool:
    return tokens[0] in stops or " ".join(tokens[:2]) in stops


def _holds(said: str, phrases: Iterable[str]) -> bool:
    return any(f" {phrase} " in f" {said} " for phrase in phrases)


def _words(table: Entry) -> frozenset[str]:
    return frozenset(plain(word) for language in table.fields for word in table.texts(language))
