"""`orchestrator rules`: what is in force, in full, and how it was verified; without a database or a setting."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestrator.cli import rules
from orchestrator.compliance.rule_text import entries_in, sentences
from orchestrator.domain.errors import UserError
from tests.world import CONFIG, THREE_RULES, files_of


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A database that would be made would be seen, and so would one that is asked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3")


@pytest.fixture
def three_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The rules of the tests as config/."""
    folder = a_folder(tmp_path / "law", THREE_RULES.replace("2000-01-01", "2026-12-01", 1))
    monkeypatch.setenv("ORCHESTRATOR_CONFIG_DIR", str(folder))


def a_folder(folder: Path, text: str) -> Path:
    """A rulebook folder of that one rule file."""
    for name, content in files_of(text).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(rules.app, list(words))


def listed(*words: str) -> list[str]:
    return [form["id"] for form in json.loads(run("list", "--json", *words).stdout)]


@pytest.mark.parametrize(("on", "there"), [("2026-11-30", False), ("2026-12-01", True), ("1999-12-31", False)])
def test_a_rule_is_listed_from_its_first_day(three_rules: None, on: str, *, there: bool) -> None:
    assert ("test.valid" in listed("--on", on)) is there


def test_all_lists_what_is_to_come_too(three_rules: None) -> None:
    assert len(listed("--all")) == 5


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--class", "policy"), ["test.valid", "test.coverage"]),
        (("--kind", "frequency_cap"), ["test.three-a-day"]),
        (("--jurisdiction", "gb"), ["test.hours", "test.three-a-day"]),
        (("--how", "recalled"), []),
    ],
)
def test_the_list_is_narrowed_by_what_a_rule_is(three_rules: None, words: tuple[str, ...], found: list[str]) -> None:
    assert listed("--on", "2026-12-01", *words) == found


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("list", "--on", "soon"), "must be a date"),
        (("list", "--kind", "calling_windw"), "did you mean 'calling_window'"),
        (("list", "--how", "guessed"), "read, read-2nd, recalled"),
        (("list", "--jurisdiction", "US-XX"), "none that the rulebook knows"),
        (("show", "us-tx.regstry"), "did you mean 'us-tx.registry'"),
        (("diff", "2026-12-01", "2026-11-01"), "must be the earlier: rules diff 2026-11-01 2026-12-01"),
        (("diff", "2026-12-01", "config"), "one of each cannot be compared"),
        (("diff", "2026-13-01", "2027-01-01"), "must be a date"),
        (("diff", "no-such-folder", "neither"), "is no folder and no digest"),
    ],
)
def test_a_mistake_is_answered_with_what_to_do(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        CliRunner().invoke(rules.app, list(words), catch_exceptions=False)


def test_a_folder_that_is_no_rulebook_is_refused_with_the_part_that_lacks(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no rules/"):
        CliRunner().invoke(rules.app, ["diff", str(CONFIG), str(tmp_path)], catch_exceptions=False)


def test_a_rule_is_shown_with_its_content_and_in_words() -> None:
    form = json.loads(run("show", "us-la.calling-window", "--json").stdout)
    assert form["content"]["mon_fri"] == [["08:00", "20:00"]]
    assert "Sundays: closed" in form["says"]
    assert "Sundays: closed" in run("show", "us-la.calling-window").stdout


def test_a_calendar_is_shown_like_a_rule() -> None:
    form = json.loads(run("show", "us-la.holidays", "--json").stdout)
    assert (form["kind"], form["content"]["base"]) == ("holiday_calendar", "US-LA")


def test_every_rule_that_ships_can_be_put_into_words() -> None:
    for written in entries_in(shipped()).values():
        assert sentences(written), written.id


def shipped() -> dict[str, str]:
    return {f"rules/{path.name}": path.read_text("utf-8") for path in sorted((CONFIG / "rules").rglob("*.toml"))}


def test_dates_are_compared_with_the_rule_that_takes_anothers_place() -> None:
    form = json.loads(run("diff", "2026-10-17", "2026-10-18", "--json").stdout)
    pairs = [(pair["ends"]["id"], pair["begins"]["id"]) for pair in form["replaced"]]
    assert ("us-pa.calling-window.before-act-47", "us-pa.calling-window") in pairs


def test_folders_are_compared_rule_by_rule(tmp_path: Path) -> None:
    before = a_folder(tmp_path / "before", THREE_RULES)
    after = a_folder(tmp_path / "after", THREE_RULES.replace("max = 3", "max = 2"))
    form = json.loads(run("diff", str(before), str(after), "--json").stdout)
    assert [change["fields"] for change in form["changed"]] == [{"max": {"before": 3, "after": 2}}]


def test_verification_is_counted_by_jurisdiction_and_listed_with_its_source(three_rules: None) -> None:
    counts = json.loads(run("verify", "--json").stdout)
    assert counts["total"] == {"read": 5, "read-2nd": 0, "recalled": 0}
    assert counts["by_jurisdiction"]["GB"] == {"read": 2, "read-2nd": 0, "recalled": 0}
    assert [form["source"] for form in json.loads(run("verify", "--how", "read", "--json").stdout)] == ["tests"] * 5
