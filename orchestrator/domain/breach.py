"""What a breach touched, counted: no name and no number is in it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

AGENT = "agent:"
EVERYBODY = "*"


class Category(StrEnum):
    """Kinds of personal data, as notices name them."""

    PROFILE = "profile"
    NUMBER = "number"
    HISTORY = "history"
    WORDS = "words"
    WISHES = "wishes"
    LISTING = "listing"


IN_ENGLISH: Mapping[Category, str] = {
    Category.PROFILE: "names, addresses and other fields of the lists",
    Category.NUMBER: "telephone numbers",
    Category.HISTORY: "calls, messages and decisions about the person",
    Category.WORDS: "texts and agents' notes",
    Category.WISHES: "consents, objections and refusals",
    Category.LISTING: "whether a do-not-call registry lists the number",
}
EVERYTHING = tuple(Category)
SHOWN: Mapping[str, tuple[Category, ...]] = {
    "card": (Category.PROFILE, Category.NUMBER, Category.HISTORY),  # what an agent sees of a person
    "prove": (Category.NUMBER, Category.LISTING),
    "breach": (Category.NUMBER,),
}


def categories_of(action: str) -> tuple[Category, ...]:
    """What a reading of that kind shows: a kind that is not listed may show everything on record."""
    return SHOWN.get(action, EVERYTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Of one seller: how many people on its lists, how many numbers, and of those how many of which country.

    ``unlisted``: numbers of nobody who is on a list now, as after an erasure. ``languages``: people by the language
    that is on record, "" where none is.
    """

    seller_id: str
    people: int
    numbers: int
    unlisted: int
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    categories: tuple[Category, ...]
    readings: Mapping[str, int]

    def form(self) -> dict[str, Any]:
        """As it is stored."""
        return {**asdict(self), "categories": [one.value for one in self.categories]}

    @classmethod
    def read(cls, form: Mapping[str, Any]) -> "Touched":
        """What ``form`` wrote."""
        return cls(**{**form, "categories": tuple(map(Category, form["categories"]))})
