"""A bill counts what has a price, and says what has none."""

from collections import Counter
from decimal import Decimal

import pytest

from orchestrator.domain.errors import UserError
from orchestrator.rehearsal.cost import Charge, Prices
from tests.world import CONFIG

FILE = """
currency = "USD"
[[price]]
charge = "call-minute"
countries = ["US"]
price = "0.0140"
source = "tests"
verified = { on = 2026-11-22, how = "recalled" }
[[price]]
charge = "detection"
countries = ["*"]
price = "0.0075"
source = "tests"
verified = { on = 2026-11-22, how = "read" }
"""


def test_a_price_for_everywhere_serves_where_no_country_has_its_own() -> None:
    bill = Prices.parse(FILE).bill(Counter({(Charge.DETECTION, "GB"): 2, (Charge.CALL_MINUTE, "US"): 3}))
    assert bill.known == Decimal("0.0570")


def test_what_has_no_price_is_listed_and_counts_in_no_sum() -> None:
    bill = Prices.parse(FILE).bill(Counter({(Charge.CALL_MINUTE, "GB"): 1000}))
    assert [(item.country, item.amount) for item in bill.items] == [("GB", None)]
    assert bill.known == 0


def test_the_file_that_ships_is_read_and_each_price_says_how_it_is_known() -> None:
    prices = Prices.parse((CONFIG / "prices.toml").read_text("utf-8"))
    assert all(price.source.startswith("https://") and price.how for price in prices.by_country.values())


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('charge = "detection"', 'charge = "detections"', "must be"),
        ("countries", "country", "no known field"),
        ('price = "0.0075"', "price = 0.0075", "must be text in quotes"),
        ('price = "0.0075"', 'price = "free"', "must be an amount"),
        ('price = "0.0075"', 'price = "-1"', "must be an amount"),
        ('how = "read" ', 'how = "guessed" ', "must be"),
    ],
)
def test_a_price_that_cannot_be_used_is_named(was: str, becomes: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        Prices.parse(FILE.replace(was, becomes))
