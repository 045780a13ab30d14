"""What people read on the pages that anyone may open, in their language; config/people.toml holds it."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from orchestrator.domain.errors import UserError
from orchestrator.domain.toml_reading import parse_toml

PEOPLE_FILE = "people.toml"
ANSWERS, PAGE = "answers", "page"
WEIGHT = re.compile(r"q=([01](?:\.\d{0,3})?)")
ACCENTS = frozenset(map(chr, range(0x300, 0x370)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleWords:
    """By language: the words of every page, and those that an opt-in page takes where its file has none of its own."""

    by_language: Mapping[str, Mapping[str, str]]
    of_pages: Mapping[str, Mapping[str, str]]
    yes: frozenset[str]
    no: frozenset[str]

    @classmethod
    def parse(cls, content: str) -> "PeopleWords":
        """The words in people.toml; UserError names the language that lacks one."""
        tables = parse_toml(content, PEOPLE_FILE)
        answers = tables.pop(ANSWERS, {})
        _require_tables({ANSWERS: answers, **tables})
        of_pages = {language: table.pop(PAGE, {}) for language, table in tables.items()}
        _require_tables({f"{language}.{PAGE}": words for language, words in of_pages.items()})
        _require_same("", tables)
        _require_same(f"{PAGE}.", of_pages)
        yes, no = (_short_answers(answers.get(said, ())) for said in ("yes", "no"))
        if not yes or not no:
            raise UserError(f"{PEOPLE_FILE}: [answers] must name words for yes and for no.")
        return cls(by_language=tables, of_pages=of_pages, yes=yes, no=no)


def preferred(accepted: str, spoken: Collection[str]) -> str | None:
    """The language that an Accept-Language header wants most of those that are spoken; None where it names none."""
    wishes = sorted(map(_wish, accepted.split(",")), key=lambda wish: -wish[0])
    asked = (tag for weight, tag in wishes if weight > 0)
    return next((one for tag in asked for one in spoken if one.lower() in {tag, tag.partition("-")[0]}), None)


def _wish(part: str) -> tuple[float, str]:
    """How much a language is wanted, and which."""
    tag, _, weight = part.strip().lower().partition(";")
    stated = WEIGHT.fullmatch(weight.strip())
    return float(stated[1]) if stated else 1.0, tag.strip()


def bare(message: str) -> str:
    """A short answer as it is compared: no case, accents, punctuation or spaces around it.

    Signs that make another letter or vowel, as in Hindi and Japanese, are no accents.
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", message) if one not in ACCENTS)
    whole = unicodedata.normalize("NFKC", plain)
    kept = "".join(one if one.isalnum() or unicodedata.category(one)[0] == "M" else " " for one in whole)
    return " ".join(kept.casefold().split())


def _short_answers(words: object) -> frozenset[str]:
    if not isinstance(words, Sequence) or isinstance(words, str) or not all(isinstance(word, str) for word in words):
        raise UserError(f'{PEOPLE_FILE}: [answers] must be lists of words, as in yes = ["yes", "oui"].')
    return frozenset(map(bare, words))


def _require_tables(found: Mapping[str, object]) -> None:
    for name, words in found.items():
        if not isinstance(words, dict):
            raise UserError(f"{PEOPLE_FILE}: '{name}' must be a table of words; take it out, or write it as [{name}].")


def _require_same(table: str, by_language: Mapping[str, Mapping[str, object]]) -> None:
    if "en" not in by_language:
        raise UserError(f"{PEOPLE_FILE} has no [en]; take the file that came with this release.")
    wanted = by_language["en"].keys()
    for language, words in by_language.items():
        for name in sorted(wanted ^ words.keys()):
            lacks = "lacks" if name in wanted else "has no use for"
            raise UserError(f"{PEOPLE_FILE}: [{language}] {lacks} '{table}{name}', which [en] shows.")
        if wrong := [name for name, text in words.items() if not isinstance(text, str) or not text.strip()]:
            raise UserError(f"{PEOPLE_FILE}: '{language}.{table}{wrong[0]}' must be a text that is not empty.")
