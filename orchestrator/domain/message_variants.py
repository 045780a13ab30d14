"""Which of a campaign's texts a person gets, by the language on record, and what is taken where there is none in it."""

from collections.abc import Mapping
from dataclasses import dataclass

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Variant:
    """The text in one language. ``wanted`` None: nothing is on record of the person's."""

    language: str
    template: str
    wanted: str | None

    @property
    def fell_back(self) -> bool:
        """Whether the person's language is known and is another."""
        return self.wanted is not None and _base(self.wanted) != _base(self.language)


def fallback_of(templates: Mapping[str, str]) -> str:
    """The language for those of whom nothing fits: English where it is there, else the first."""
    return FALLBACK if FALLBACK in templates else next(iter(templates))


def variant(templates: Mapping[str, str], language: str | None) -> Variant:
    """The text in exactly that language (fr-CA), else in its language (fr), else of another country (fr-FR)."""
    wanted = language or None
    found = _nearest(templates, wanted) if wanted is not None else None
    found = found or fallback_of(templates)
    return Variant(found, templates[found], wanted)


def _nearest(templates: Mapping[str, str], wanted: str) -> str | None:
    names = {name.lower().replace("_", "-"): name for name in templates}
    asked = wanted.lower().replace("_", "-")
    related = (name for plain, name in names.items() if _base(plain) == _base(asked))
    return names.get(asked) or names.get(_base(asked)) or next(related, None)


def _base(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]
