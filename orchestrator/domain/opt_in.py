"""A page on which people opt in, what they were shown there, and where an opt-in stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, Purpose

UNTICKED = "[ ]"


class OptInState(StrEnum):
    """Where an opt-in stands; only a pending one waits for its person's word."""

    PENDING = "pending"
    GIVEN = "given"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"  # the number takes no text, or the law lets us send none


class OptInSource(StrEnum):
    """Where the person asked; of a renewal it is we who ask, before their consent ends."""

    FORM = "form"
    KEYWORD = "keyword"
    RENEWAL = "renewal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to tick: a channel and a purpose, each choice by itself. ``automated``: also by machines."""

    id: str
    channel: ConsentChannel
    purpose: Purpose
    automated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What the page says in one language, whole: its words are kept with every consent that is given there."""

    title: str
    intro: str
    choices: Mapping[str, str]  # the statement of each choice, by its id
    offer: str  # what it is about, in the few words that the confirmation has room for
    frequency: str
    rates: str
    way_out: str  # HELP and STOP
    condition: str  # that nothing is bought with the consent
    own_number: str  # the person's declaration
    privacy: str
    terms: str
    button: str
    confirmation: str  # the one text message, with {brand}, {offer}, {frequency} and {rates}
    validity: str = ""  # how long the consent holds, where the page says so


@dataclass(frozen=True, slots=True, kw_only=True)
class OptInPage:
    """One version of a page. ``valid_days`` is by country, ``*`` for all others; empty where the law alone says."""

    id: str
    seller: str
    brand: str
    version: str
    countries: tuple[str, ...]
    choices: tuple[Choice, ...]
    texts: Mapping[str, PageText]
    privacy_url: str
    privacy_version: str
    terms_url: str
    level: ConsentLevel
    sender: str | None = None
    messaging_service: str | None = None
    keyword: str | None = None
    list_name: str | None = None
    valid_days: Mapping[str, int] = field(default_factory=dict)
    most_a_day: int = 1000
    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that it is written in, the first being its own."""
        return tuple(self.texts)

    def language_of(self, wanted: str | None) -> str:
        """The language to show to somebody who wants this one: theirs where it is written in it, else its first."""
        wanted = wanted or ""
        bare = wanted.partition("-")[0].lower()
        return next((known for known in (wanted, bare) if known in self.texts), self.languages[0])

    def shown(self, language: str) -> str:
        """Everything that the page says about the consent, line by line, as it stands before anybody touched it."""
        text = self.texts[language]
        lines = [text.title, text.intro, *(f"{UNTICKED} {text.choices[choice.id]}" for choice in self.choices)]
        lines += [
            f"{UNTICKED} {text.own_number}",
            text.frequency,
            text.rates,
            text.way_out,
            text.condition,
            text.validity,
        ]
        lines += [f"{text.privacy}: {self.privacy_url}", f"{text.terms}: {self.terms_url}", text.button]
        return "\n".join(line for line in lines if line)

    def confirmation(self, language: str) -> str:
        """The one message that asks for the person's yes; it sells nothing."""
        text = self.texts[language]
        return text.confirmation.format(
            brand=self.brand, offer=text.offer, frequency=text.frequency.rstrip(". "), rates=text.rates.rstrip(". ")
        )

    def valid_for(self, country: str) -> int | None:
        """For how many days a consent holds by the page's own words; None where it names no period."""
        return self.valid_days.get(country, self.valid_days.get("*"))
