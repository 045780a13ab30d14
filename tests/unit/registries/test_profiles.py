"""Profiles are data that an operator may edit, so what is wrong in one is said."""

import re
from pathlib import Path

import pytest

from orchestrator.domain.errors import SettingError, UserError
from orchestrator.registries import profiles
from tests.unit.registries.builders import PROFILES

GOOD = """
about = "a list"
registries = ["us-xx"]
countries = ["US"]
numbers = { calling_code = 1, lengths = [10] }
[[forms]]
about = "5045550107"
columns = 1
number = [{ column = 1 }]
"""

CHANGES_WITHOUT_A_FLAG = """
[changes]
added = ["a"]
deleted = ["d"]
forms = [{ about = "5045550107", number = [{ column = 1 }] }]
"""


def test_a_good_profile_is_read() -> None:
    assert profiles.parse("us-xx", GOOD).registries == ("us-xx",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("columns = 1", "colums = 1", "forms.0.colums"),
        ('about = "a list"', "", "about"),
        ("{ column = 1 }", "{ column = 1, width = 3 }", "exactly one of column, names and width"),
        ("number = [{ column = 1 }]", "", "either number or xml"),
        ("number = [{ column = 1 }]", "number = [{ column = 1 }, { width = 2 }]", "all columns"),
        ('countries = ["US"]', "", "countries are missing"),
        ('countries = ["US"]', 'countries = ["US"]\nkind = "wash"', "a wash has statuses"),
        ("columns = 1", "columns = 1\nremaining = true", "only a wash comes back"),
        ("[[forms]]", '[changes]\nadded = ["a"]\ndeleted = ["d"]\nforms = []\n[[forms]]', "changes.forms"),
        ("[[forms]]", f"{CHANGES_WITHOUT_A_FLAG}[[forms]]", "has a status"),
        ("[[forms]]", "[[forms", "no TOML"),
        ("columns = 1", "columns = 1\nencoding2 = 3", "encoding2"),
        ('about = "a list"', 'about = "a list"\nencoding = "utf-16"', "encoding"),
    ],
)
def test_a_wrong_profile_is_refused_by_name(old: str, new: str, said: str) -> None:
    with pytest.raises(SettingError, match=said) as refused:
        profiles.parse("us-xx", GOOD.replace(old, new, 1))
    assert "us-xx.toml" in str(refused.value)


def test_a_mistyped_registry_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean us-national"):
        profiles.choose(PROFILES, "us-natoinal")


def test_an_unknown_registry_is_read_by_the_profile_that_is_named() -> None:
    assert profiles.choose(PROFILES, "xx-list", "e164").name == "e164"


def test_an_unknown_profile_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean e164"):
        profiles.choose(PROFILES, "xx-list", "e146")


def test_every_registry_that_a_rule_asks_for_has_a_profile() -> None:
    rules = Path(__file__).parents[3].glob("config/rules/*/*.toml")
    asked = re.findall(r'^registry *= *"([^"]+)"', "".join(path.read_text("utf-8") for path in rules), re.MULTILINE)
    assert "us-national" in asked
    assert set(asked) - {registry for profile in PROFILES.values() for registry in profile.registries} == set()


@pytest.mark.parametrize("registry", ["it-rpo", "fr-bloctel", "sg-dnc", "au-dncr"])
def test_what_answers_one_seller_does_so_in_any_format(registry: str) -> None:
    assert profiles.choose(PROFILES, registry).owner == "seller"
    assert profiles.choose(PROFILES, registry, "e164").owner == "seller"
    assert profiles.choose(PROFILES, "us-national", "e164").owner == "installation"
