"""What a rehearsed day would cost, by the prices in config/prices.toml; what has none there is said to have none."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import field_validator

from orchestrator.domain.toml_reading import OneOf, Several, Table, checked, parse_toml

PRICES_FILE = "prices.toml"
AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?")
EVERYWHERE = "*"


class Charge(StrEnum):
    """What is paid for."""

    CALL_MINUTE = "call-minute"  # of an answered call, each begun minute
    DETECTION = "detection"  # of a machine, each answered call
    SEGMENT = "segment"  # of a text that was sent
    AGENT_MINUTE = "agent-minute"  # of the line on which an agent waits and talks


class _Verified(Table):
    on: date
    how: Literal["read", "read-2nd", "recalled"]


class _Price(Table):
    charge: OneOf[Charge]
    countries: Several[str]
    price: str
    source: str
    verified: _Verified

    @field_validator("price")
    @classmethod
    def _an_amount(cls, text: str) -> str:
        if not AMOUNT.fullmatch(text):
            raise ValueError("must be an amount, as in 0.0140")
        return text


class _File(Table):
    currency: str
    price: Several[_Price]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One price with where it comes from."""

    amount: Decimal
    source: str
    how: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of the bill; ``price`` None: no price is known, and the line counts in no sum."""

    charge: Charge
    country: str
    count: int
    price: Price | None

    @property
    def amount(self) -> Decimal | None:
        """The count at its price."""
        return None if self.price is None else self.price.amount * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """All lines; ``known`` is the sum of those that have a price."""

    currency: str
    items: Sequence[Item]

    @property
    def known(self) -> Decimal:
        """What is certain to be paid at these prices."""
        return sum((item.amount for item in self.items if item.amount is not None), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The prices of config/, by what is paid for and where."""

    currency: str
    by_country: Mapping[tuple[Charge, str], Price]

    @classmethod
    def parse(cls, text: str) -> "Prices":
        """Read the file; raises UserError about the first thing to change."""
        file = checked(_File, parse_toml(text, PRICES_FILE), PRICES_FILE)
        found = {
            (entry.charge, country): Price(
                amount=Decimal(entry.price), source=entry.source, how=entry.verified.how, on=entry.verified.on
            )
            for entry in file.price
            for country in entry.countries
        }
        return cls(currency=file.currency, by_country=found)

    def bill(self, used: Counter[tuple[Charge, str]]) -> Bill:
        """The bill for so much of each, by country."""
        items = [
            Item(charge=charge, country=country, count=count, price=self._of(charge, country))
            for (charge, country), count in sorted(used.items())
            if count
        ]
        return Bill(currency=self.currency, items=items)

    def _of(self, charge: Charge, country: str) -> Price | None:
        return self.by_country.get((charge, country)) or self.by_country.get((charge, EVERYWHERE))
