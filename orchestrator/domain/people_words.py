"""What people read on the pages that anyone may open, in their language; config/people.toml holds it."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.domain.errors import UserError
from orchestrator.domain.toml_reading import parse_toml

PEOPLE_FILE = "people.toml"
ANSWERS, PAGE = "answers", "page"


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

    def language_of(self, accepted: str) -> str:
        """The best of our languages for an Accept-Language header; English where it names none of ours."""
        asked = (part.partition(";")[0].strip().partition("-")[0].lower() for part in accepted.split(","))
        return next((language for language in asked if language in self.by_language), "en")


def bare(message: str) -> str:
    """A short answer as it is compared: no case, accents, punctuation or spaces around it."""
    plain = unicodedata.normalize("NFKD", message)
    kept = "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
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
