"""The words of a notice to people in one language, as config/breach_notices/ has them."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field

from orchestrator.domain.breach import Category
from orchestrator.domain.toml_reading import OneOf, Table, checked, parse_toml

Words = Annotated[str, Field(min_length=1)]
DEFAULT = "en"


class Fill(Table):
    """What a person has to write where nobody but a person can know."""

    what: Words
    consequences: Words
    measures: Words
    officer: Words


class NoticeWords(Table):
    """One language's notice."""

    language: Words
    title: Words
    begin: Words
    when: Words
    which: Words
    what: Words
    consequences: Words
    measures: Words
    contact: Words
    officer: Words
    complain: Words
    fill: Fill
    category: dict[OneOf[Category], Words]

    @classmethod
    def parse(cls, text: str, what: str) -> Self:
        """Read one file; raises UserError for what cannot be used."""
        return checked(cls, parse_toml(text, what), what)


def words_for(language: str, known: Mapping[str, NoticeWords]) -> NoticeWords | None:
    """The words in that language, of its main tongue where the tag names a country too; None where there are none."""
    return known.get(language) or known.get(language.partition("-")[0])
