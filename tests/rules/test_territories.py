"""A country's law holds in its territories: numbers of Puerto Rico stand under PR, and US law is theirs."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.rules.questions import RULEBOOK
from tests.world import CONFIG

TERRITORIES = RULEBOOK.numbering.territories
PLACES = ("jurisdiction", "jurisdictions", "countries")
FILES = ("retention.toml", "rights.toml", "breach.toml", "closing.toml")


def entries(name: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Each entry of the file, and the places that it names."""
    tables: Mapping[str, Any] = tomllib.loads((CONFIG / name).read_text("utf-8"))
    for rows in tables.values():
        for row in rows if isinstance(rows, list) else ():
            named = next((row[field] for field in PLACES if field in row), ())
            yield str(row.get("id")), frozenset(named)


@pytest.mark.parametrize("name", FILES)
def test_whoever_names_a_country_names_its_territories(name: str) -> None:
    named = dict(entries(name))
    assert any(places & {*TERRITORIES.values()} for places in named.values()), "the file speaks of such a country"
    lacking = {
        entry: sorted(
            territory for territory, home in TERRITORIES.items() if home in places and territory not in places
        )
        for entry, places in named.items()
    }
    assert {entry: places for entry, places in lacking.items() if places} == {}
