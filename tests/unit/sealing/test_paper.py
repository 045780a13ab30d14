"""What is hidden in words, and what can be written on paper."""

from datetime import UTC, datetime
from typing import Any

import pytest

from orchestrator.pipeline.evidence import pdf
from orchestrator.pipeline.evidence.complaint import Section
from orchestrator.pipeline.evidence.item_lines import item_lines
from orchestrator.pipeline.evidence.pdf import render
from orchestrator.pipeline.evidence.redaction import Redactions

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
OWN = "+12125550102"
NOTE_IN_WORDS = ["note: channel: letter; was told: yes; at: 2026-11-23 17:00:00 UTC"]


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
        (1, "As sealed: id: 1"),
        (1, "plan: x: 1"),
        (1, "Sealed as entry 7 of the log 'acme'."),
    ]


def test_letters_that_stand_in_a_note_by_their_codes_are_drawn_too() -> None:
    """A note that is JSON is opened for the page, and what it says may need the large font."""
    note = {"note": {"words": '{"name": "\\u5c71\\u7530"}', "entry": {"proof": "none"}}}
    assert b"Unifont" in render("Evidence", AT, [Section(15, "Requests", [note])])


def lines_of(item: dict[str, Any]) -> list[str]:
    return [line for _, line in item_lines(item)]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ('{"channel": "letter", "was_told": true, "at": "2026-11-23T17:00:00+00:00", "by": null}', NOTE_IN_WORDS),
        ("Call me_back at 2026-11-23T17:00:00Z", ["note: “Call me_back at 2026-11-23T17:00:00Z”"]),
        ("Two\nlines", ["note: “Two", "lines”"]),
        ("12", ["note: “12”"]),
        ("{}", []),
    ],
)
def test_a_note_of_ours_is_told_by_its_parts_and_a_persons_words_as_they_stand(words: str, shown: list[str]) -> None:
    assert lines_of({"note": {"words": words}}) == shown


def test_a_sealed_row_is_told_with_moments_and_truth_as_people_say_them() -> None:
    row = {"automated": 1, "to_caller": 0, "level": "express_written", "name": "my_list", "rules": []}
    (line,) = lines_of({"row": {**row, "at": "2026-11-22 17:00:00.000000"}})
    said = "automated: yes; to caller: no; level: express written; name: my_list; at: 2026-11-22 17:00:00 UTC"
    assert line == f"As sealed: {said}"


def test_a_clock_of_the_person_keeps_its_zone_and_offset() -> None:
    times = {"America/New_York": "2026-11-23T12:00:00-05:00"}
    assert lines_of({"local_times": times}) == ["local times: America/New_York: 2026-11-23 12:00:00 (UTC-05:00)"]


def test_a_hundred_digests_are_counted_on_paper() -> None:
    files = {f"rules/{n}.toml": f"{n:064x}" for n in range(100)}
    assert lines_of({"detail": {"files": files}}) == [
        "detail:",
        "files: 100, each with its SHA-256 in evidence.json",
    ]
    two = dict(list(files.items())[:2])
    assert f"rules/1.toml: {1:064x}" in lines_of({"detail": {"files": two}})


@pytest.mark.parametrize("before", range(36, 46))
def test_no_heading_stands_alone_at_the_foot_of_a_page(before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    filling = [{"sentence": "One line."}] * before
    titles = [Section(1, "First", filling), Section(2, "Second", [{"sentence": "Its item."}])]
    pages = {}
    draw = pdf._text

    def noting(paper: Any, text: str, *how: Any, **more: Any) -> None:
        draw(paper, text, *how, **more)
        pages[text] = paper.page_no()

    monkeypatch.setattr(pdf, "_text", noting)
    render("Evidence", AT, titles)
    assert pages["2. Second"] == pages["Its item."]
