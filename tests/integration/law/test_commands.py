"""What a compliance user types: status, review, accept, replay, and emergencies."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.compliance.rulebook import digest_of
from tests.integration.law.conftest import LATER_HOURS
from tests.integration.test_commands import Typed, typed
from tests.journeys.config import a_config
from tests.world import THREE_RULES

__all__ = ["typed"]
KIM = ("--by", "Kim", "--role", "compliance")


@pytest.fixture
def config(typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """config/ under the three rules, accepted as the first."""
    folder = a_config(tmp_path / "config")
    monkeypatch.setenv("ORCHESTRATOR_CONFIG_DIR", str(folder))
    assert "the first of this database" in typed("rules", "status").stdout
    return folder


def change(config: Path, text: str = LATER_HOURS) -> None:
    (config / "rules" / "test.toml").write_text(text, "utf-8")


def a_review(typed: Typed) -> str:
    review: str = json.loads(typed("rules", "review", "--json").stdout)["review"]
    return review


def test_a_change_is_shown_then_accepted_and_then_in_force(typed: Typed, config: Path) -> None:
    change(config)
    assert "is not in force" in typed("rules", "status").stdout
    shown = typed("rules", "review")
    assert "mon_fri: 08:00 to 21:00 -> 13:00 to 21:00" in shown.stdout
    assert "No campaign was launched yet" in shown.stdout
    review = shown.stdout.split("rules accept ")[1].split()[0]
    assert typed("rules", "accept", review, *KIM, "--note", "the new hours").returncode == 0
    said = typed("rules", "status")
    assert "accepted by Kim" in said.stdout
    assert "the new hours" in said.stdout
    assert "config/ holds this rulebook." in said.stdout


def test_a_rulebook_that_is_accepted_goes_back_by_its_digest(typed: Typed, config: Path) -> None:
    first = json.loads(typed("rules", "status", "--json").stdout)["in_force"]["rulebook"]
    change(config)
    typed("rules", "accept", a_review(typed), *KIM)
    back = json.loads(typed("rules", "review", "--rulebook", first[:12], "--json").stdout)
    assert back["rulebook"] == first
    assert typed("rules", "accept", back["review"], *KIM).returncode == 0
    form = json.loads(typed("rules", "status", "--json").stdout)
    assert [row["how"] for row in form["history"]] == ["reviewed", "reviewed", "first"]
    assert form["reviews"] == []
    assert form["in_force"]["rulebook"] == first


def test_without_a_review_it_is_shown_and_nobody_being_there_nothing_is_accepted(typed: Typed, config: Path) -> None:
    change(config)
    done = typed("rules", "accept", *KIM)
    assert done.returncode == 1
    assert "mon_fri" in done.stdout
    assert "Nothing was accepted" in done.stderr
    assert "is not in force" in typed("rules", "status").stdout


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not text in UTF-8; save it as UTF-8."),
        (lambda path: path.mkdir(), "is no file; take it out of the configuration"),
        (os.mkfifo, "is no file; take it out of the configuration"),
    ],
)
def test_what_cannot_be_read_in_config_is_named_and_the_accepted_rulebook_stays(
    typed: Typed, config: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    path = config / "rules" / "new.toml"
    damage(path)
    done = typed("rules", "status")
    assert done.returncode == 0
    assert f"config/ cannot be read: {path} {sentence}" in done.stdout
    assert "stays in force" in done.stdout
    assert json.loads(typed("rules", "status", "--json").stdout)["config"] is None
    for words in (("review",), ("list",), ("accept", *KIM)):
        refused = typed("rules", *words)
        assert (refused.returncode, f"{path} {sentence}" in refused.stderr) == (1, True)


def test_a_first_rulebook_that_cannot_be_read_is_not_accepted(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = a_config(tmp_path / "config")
    (folder / "rules" / "new.toml").mkdir()
    monkeypatch.setenv("ORCHESTRATOR_CONFIG_DIR", str(folder))
    done = typed("rules", "status")
    assert (done.returncode, "is no file" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("accept", "deadbeef", *KIM), "There is no review 'deadbeef'"),
        (("accept", "deadbeef", "--by", "Kim"), "takes a compliance user"),
        (("accept", "deadbeef", "--role", "compliance"), "--by must name"),
        (("accept",), "orchestrator rules accept [REVIEW] --by NAME --role compliance"),
        (("accept", "deadbeef", "--rulebook", "config", *KIM), "Name a review or a --rulebook"),
        (("review",), "Nothing differs: this is rulebook "),
        (("accept", *KIM), "Nothing differs: this is rulebook "),
        (("review", "--rulebook", "0123456789ab"), "No stored rulebook begins with 0123456789ab"),
        (("review", "--rulebook", "nowhere"), "is no folder and no digest"),
        (("replay", "--campaign", "none", "--rulebook", "nowhere"), "is no folder and no digest"),
    ],
)
def test_a_mistake_says_what_to_do(typed: Typed, config: Path, words: tuple[str, ...], sentence: str) -> None:
    done = typed("rules", *words)
    assert (done.returncode, "fault of ours" in done.stderr) == (1, False)
    assert sentence in done.stderr


def test_a_damaged_change_is_refused_before_anything_is_shown(typed: Typed, config: Path) -> None:
    change(config, THREE_RULES.replace("effective = 2000-01-01", "", 1))
    done = typed("rules", "review")
    assert (done.returncode, done.stdout) == (1, "")
    assert "field 'effective': is missing" in done.stderr


def test_commands_say_that_config_holds_another_rulebook(
    typed: Typed, config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    campaign = a_draft(typed, tmp_path)
    change(config)
    form = json.loads(typed("campaigns", "status", campaign, "--json").stdout)
    assert "is not in force" in form["rulebook_notice"]
    assert form["rulebook"] != digest_of({})
    assert "is not in force" in typed("campaigns", "launch", campaign).stderr


def a_draft(typed: Typed, folder: Path) -> str:
    (folder / "people.csv").write_text("name,phone,region\nAda,+12125550107,NY\n")
    (folder / "news.toml").write_text(
        'name = "News"\nseller = "acme"\npurpose = "telemarketing"\nlists = ["spring"]\n'
        '[sms]\nsenders = ["+12125550104"]\ntemplates.en = "Acme: hello. Reply STOP to opt out."\n'
        '[attempts]\ncadence = "demo"\n'
    )
    typed("sellers", "add", "acme", "--name", "Acme", "--callback-number", "+12125550100", "--country", "US")
    people = str(folder / "people.csv")
    assert typed("lists", "import", people, "--country", "US", "--seller", "acme", "--name", "spring").returncode == 0
    assert typed("campaigns", "create", str(folder / "news.toml")).returncode == 0
    return "News"


def test_a_replay_tells_whom_a_folder_would_treat_otherwise(typed: Typed, config: Path, tmp_path: Path) -> None:
    campaign = a_draft(typed, tmp_path)
    assert typed("campaigns", "launch", campaign).returncode == 0
    other = a_config(tmp_path / "other")
    (other / "rules" / "test.toml").write_text(THREE_RULES.replace('"test.coverage"', '"test.other"'), "utf-8")
    done = typed("rules", "replay", "--campaign", campaign, "--rulebook", str(other), "--json")
    form = json.loads(done.stdout)
    assert (form["campaign"], form["past"]["asked"], form["planned"]["asked"]) == ("News", 0, 1)
    assert form["from"] != form["to"]
    same = typed("rules", "replay", "--campaign", campaign, "--rulebook", str(config)).stdout
    assert "These are the same rulebook: nothing differs" in same
    assert "same rulebook" not in typed("rules", "replay", "--campaign", campaign, "--rulebook", str(other)).stdout


DECLARE = ("emergencies", "declare", "--source", "https://governor.example/orders", "--citation", "Order 1")


def test_an_emergency_is_declared_listed_and_ended_by_name(typed: Typed) -> None:
    done = typed(*DECLARE, "--jurisdiction", "us-la", "--until", "2030-01-01")
    assert "us-la.emergency-ban" in done.stdout
    assert "US-LA" in typed("emergencies", "list").stdout
    assert typed("emergencies", "end", "1").returncode == 0
    assert typed("emergencies", "list").stdout == "No emergency is declared.\n"
    [row] = json.loads(typed("emergencies", "list", "--all", "--json").stdout)
    assert row["declared_by"].startswith("cli")
    assert row["ended_by"].startswith("cli")


@pytest.mark.parametrize("county", ["Saint Tammany", "St. Tammany", "ST TAMMANY PARISH", "LaSalle"])
def test_a_county_may_be_written_as_people_write_it(typed: Typed, county: str) -> None:
    assert typed(*DECLARE, "--jurisdiction", "US-LA", "--county", county).returncode == 0


def test_an_emergency_that_no_rule_asks_for_is_said_to_hold_nobody(typed: Typed) -> None:
    done = typed(*DECLARE, "--jurisdiction", "US-WY")
    assert "nobody is held by it" in done.stdout
    assert "orchestrator halt --jurisdiction US-WY" in done.stdout
    assert "nobody is held by it" in typed("emergencies", "list").stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--jurisdiction", "US-XX"), "is no jurisdiction that anybody is contacted in"),
        (("--jurisdiction", "Louisiana"), "must be a jurisdiction as in US-LA, not 'LOUISIANA'"),
        (("--jurisdiction", "US-LA", "--until", "2020-01-01"), "lies in the past"),
        (("--jurisdiction", "US-LA", "--postal-code", "7"), "must be the first three to five digits"),
        (("--jurisdiction", "US-LA", "--area-code", "12"), "must be an area code as in 518"),
        (("--jurisdiction", "US-LA", "--area-code", "212"), "212 is no area code of US-LA, but of US-NY."),
        (("--jurisdiction", "US-LA", "--area-code", "299"), "299 is no area code of US-LA."),
        (("--jurisdiction", "GB", "--area-code", "212"), "212 is no area code of GB, but of US-NY."),
        (("--jurisdiction", "US-LA", "--postal-code", "122"), "no postal code of US-LA begins with 122, but of US-NY."),
        (("--jurisdiction", "CA-ON", "--postal-code", "122"), "no postal code of CA-ON begins with 122."),
        (("--jurisdiction", "US-NY", "--county", "Albny"), "has no county 'Albny'; did you mean 'Albany County'?"),
        (("--jurisdiction", "US-LA", "--county", "Albany"), "US-LA has no county 'Albany'; "),
        (("--jurisdiction", "GB", "--county", "Kent"), "counties are known in the United States alone"),
        (("--jurisdiction", "US-LA", "--until", "9999-12-31"), "must lie in the years 1900 to 2199, not 9999"),
    ],
)
def test_a_mistyped_emergency_is_not_declared(typed: Typed, words: tuple[str, ...], sentence: str) -> None:
    done = typed(*DECLARE, *words)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert typed("emergencies", "list").stdout == "No emergency is declared.\n"


def test_an_emergency_that_nobody_declared_cannot_be_ended(typed: Typed) -> None:
    assert "No emergency 7 is declared" in typed("emergencies", "end", "7").stderr


def test_a_damaged_feed_is_said_where_emergencies_are_listed(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "feed.toml"
    path.write_text("[[emergency]]\nid = 1\n")
    monkeypatch.setenv("ORCHESTRATOR_EMERGENCY_FEED", str(path))
    done = typed("emergencies", "list")
    assert done.returncode == 0
    assert "what it declared last stays in force" in done.stderr


def test_a_halt_is_told_with_its_end_and_who_declared_it(typed: Typed) -> None:
    until = ("--until", "2090-01-01T12:00")
    said = typed("halt", "--jurisdiction", "US-LA", *until).stdout
    assert said.startswith("Halted: jurisdiction US-LA, until 2090-01-01 12:00 UTC, by cli")
    again = typed("halt", "--jurisdiction", "US-LA", *until)
    assert "That is halted already; nothing was added." in again.stdout
    assert again.stdout.count("Halted: ") == 1


def test_lifting_what_nobody_halted_tells_what_is(typed: Typed) -> None:
    assert "Nothing is halted." in typed("halt", "--lift").stderr
    typed("halt", "--jurisdiction", "US-LA")
    done = typed("halt", "--lift", "--jurisdiction", "US-TX")
    assert done.returncode == 1
    assert "No halt of 'jurisdiction US-TX' is in force, so nothing was lifted. What is halted: jurisdiction US-LA" in (
        done.stderr
    )
    assert typed("halt", "--lift", "--jurisdiction", "US-LA").stdout == "Halts lifted: 1.\nNothing is halted.\n"


def test_a_campaigns_status_tells_halts_and_emergencies_once(typed: Typed, tmp_path: Path) -> None:
    campaign = a_draft(typed, tmp_path)
    typed("halt", "--jurisdiction", "US-LA", "--until", "2090-01-01")
    for _ in range(2):
        typed(*DECLARE, "--jurisdiction", "US-LA")
    said = typed("campaigns", "status", campaign).stdout
    assert "Halted: jurisdiction US-LA, until 2090-01-01 00:00 UTC, by cli" in said
    assert "Emergencies declared in US-LA: 2 (`orchestrator emergencies list`)" in said
    assert typed("emergencies", "list").stdout.splitlines()[0].count("US-LA") == 1
