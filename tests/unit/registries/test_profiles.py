"""Profiles are data that an operator may edit, so what is wrong in one is said."""

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
