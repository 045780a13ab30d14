"""A campaign by options alone: every field of the file can be set by its path."""

from datetime import date

import pytest

from orchestrator.domain.campaign_file import field_setting, merged, parse_campaign
from orchestrator.domain.errors import UserError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("voice.queue=sales", {"voice": {"queue": "sales"}}),
        ("priority=3", {"priority": 3}),
        ('voice.caller_ids=["+12125550100"]', {"voice": {"caller_ids": ["+12125550100"]}}),
        ("name=A = B", {"name": "A = B"}),
        ("starts_at=2026-11-23", {"starts_at": date(2026, 11, 23)}),
    ],
)
def test_a_value_is_toml_where_it_reads_as_toml_and_text_elsewhere(text: str, expected: object) -> None:
    assert field_setting(text) == expected


@pytest.mark.parametrize("text", ["", "queue", "=1", "voice.=1", ".queue=1"])
def test_anything_else_says_how_to_write_it(text: str) -> None:
    with pytest.raises(UserError, match="must read FIELD=VALUE"):
        field_setting(text)


def test_tables_are_merged_and_leaves_replaced() -> None:
    assert merged({"voice": {"queue": "a", "amd": "off"}, "name": "x"}, {"voice": {"queue": "b"}}) == {
        "voice": {"queue": "b", "amd": "off"},
        "name": "x",
    }


def test_a_campaign_needs_no_file() -> None:
    given: dict[str, object] = {"name": "Checks", "seller": "acme", "lists": ["spring"]}
    for option in (
        "purpose=informational",
        'voice.caller_ids=["+12125550100"]',
        "voice.queue=sales",
        "voice.information_message=This is Acme.",
    ):
        given = merged(given, field_setting(option))
    assert parse_campaign("", given).voice.queue == "sales"  # type: ignore[union-attr]
