"""What is hidden in words, and what can be written on paper."""

from datetime import UTC, datetime

import pytest

from orchestrator.pipeline.evidence.complaint import Section
from orchestrator.pipeline.evidence.pdf import item_lines, render
from orchestrator.pipeline.evidence.redaction import Redactions

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
OWN = "+12125550102"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("call +1 212 555 0102 or (212) 555-0102", "call +1 212 555 0102 or (212) 555-0102"),
        ("my brother's is 212.555.0199", "my brother's is █████"),
        ("write to bea.b@example.co.uk, please", "write to █████, please"),
        ("order 1234567 of 2026-11-23 10.00.00", "order 1234567 of 2026-11-23 10.00.00"),
        ("+44 20 7946 0123 / 2125550199", "█████ / █████"),
        ("", ""),
    ],
)
def test_numbers_and_addresses_of_others_are_hidden_and_noted(words: str, shown: str) -> None:
    redactions = Redactions(OWN)
    assert redactions.of_words("note 7", words) == shown
    assert [entry["where"] for entry in redactions.entries] == ["note 7"] * (shown != words)


@pytest.mark.parametrize(
    ("name", "needs_all_scripts"),
    [
        ("Ada Łódź Δημήτρης Дмитрий עברית أحمد", False),
        ("山田太郎", True),
        ("김철수 สมชาย शर्मा தமிழ்", True),
        ("Ada 🙂", False),  # drawn as what stands for a letter that cannot be
    ],
)
def test_a_name_in_any_script_can_be_written(name: str, needs_all_scripts: bool) -> None:
    section = Section(1, "The complaint", [{"sentence": name, "held by": [{"name": name}], "entry": {"proof": "none"}}])
    document = render(f"Evidence about {name}", AT, [section, Section(2, "Attempts", [])])
    assert document.startswith(b"%PDF-")
    assert (b"Unifont" in document) is needs_all_scripts


def test_an_item_is_told_with_its_sentence_first_and_its_proof_last() -> None:
    item = {
        "sentence": "It rang.",
        "campaign": "Spring",
        "none": None,
        "empty": [],
        "rules": [{"rule": "a"}, {"rule": "b"}],
        "row": {"id": 1, "mode": None, "plan": {"x": [1]}},
        "entry": {"log": "acme", "position": 7},
    }
    assert list(item_lines(item)) == [
        (0, "It rang."),
        (1, "campaign: Spring"),
        (1, "rules:"),
        (2, "rule: a"),
        (2, "rule: b"),
        (1, 'id: 1; plan: {"x": [1]}'),
        (1, "Sealed as entry 7 of the log 'acme'."),
    ]
