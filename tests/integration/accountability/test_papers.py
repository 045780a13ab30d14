"""Records, outline and notice say what is there, name what is not, and invent nothing."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.domain.contact_request import LawfulBasis
from orchestrator.domain.retention_periods import Period
from orchestrator.persistence.store import Store
from orchestrator.pipeline.accountability.facts import Surroundings, facts_of
from orchestrator.pipeline.accountability.measures import Around, measures
from orchestrator.pipeline.accountability.papers import PAPERS, records
from orchestrator.settings import config_dir
from tests.integration.accountability.conftest import Typed
from tests.world import NOON, World, numbers

AROUND = Surroundings(
    rulebook="0" * 64,
    accepted="2026-11-01 by ops",
    uses_carrier=True,
    measures=("Fields are sealed.",),
    missing_measures=(),
    periods=None,
)
LONDON = "+442079460123"
CHOSEN = """seller = "acme"
[[period]]
class = "contacts"
jurisdiction = ["*"]
keep = { months = 7 }
why = "they move house"
"""


def gaps(world: World, paper: str = "records", around: Surroundings = AROUND) -> list[str]:
    return [gap.what for gap in PAPERS[paper](facts_of(world.store, "acme", around, NOON)).gaps]


def test_what_is_known_is_written_and_what_is_not_is_a_gap(world: World, typed: Typed, tmp_path: Path) -> None:
    world.a_campaign("Spring", sms=True, lawful_basis=LawfulBasis.LEGITIMATE_INTEREST)
    world.a_campaign("Autumn")
    world.a_contact(numbers(2), country="US")
    world.a_contact([LONDON], country="GB")
    before = gaps(world)
    assert "In charge of data protection" in before
    assert "the lawful basis of 'Autumn'" in before
    assert "Representative in the United Kingdom" in before
    assert "Representative in the Union (art. 27)" not in before
    named = ("--data-protection-officer", "Data Protection", "--officer-contact", "privacy@acme.example")
    assert typed("sellers", "set", "acme", *named, "--own-firm").code == 0
    assert typed("sellers", "set", "acme", "--address", "1 Example Street", "--time-zone", "Europe/London").code == 0
    file = tmp_path / "records.md"
    said = typed("accountability", "records", "acme", "-o", str(file))
    assert said.code == 0, said.complained
    text = file.read_text("utf-8")
    assert "Data Protection, privacy@acme.example" in text  # kept beside what was set later
    assert "legitimate\\_interest" in text
    assert "calls, texts" in text
    assert "by country: GB 1, US 1" in text
    assert "by country: GB 1, US 2" in text
    assert "TO FILL: In charge of data protection" not in text
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.with_suffix(".json").read_text("utf-8"))["title"].startswith("Records of processing")
    for paper in ("dpia", "notice-facts"):
        page = tmp_path / f"{paper}.html"
        assert typed("accountability", paper, "acme", "-o", str(page)).code == 0
        assert page.read_text("utf-8").startswith("<!doctype html>")
    assert "There is no seller" in typed("accountability", "records", "nobody", "-o", str(file)).complained
    assert "no folder" in typed("accountability", "records", "acme", "-o", str(tmp_path / "no" / "x.md")).complained


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ((), "Say what to set"),
        (("--time-zone", "Mars/Olympus"), "'Mars/Olympus' is no time zone"),
        (("--language", "klingonish"), "is no language"),
        (("--data-protection-officer", " "), "--data-protection-officer: write it on one printed line"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_set_is_said(world: World, typed: Typed, said: tuple[str, ...], sentence: str) -> None:
    world.a_seller()
    done = typed("sellers", "set", "acme", *said)
    assert (done.code, sentence in done.complained) == (1, True), done.complained


def test_a_seller_without_people_of_europe_transfers_nothing_from_there(sqlite_store: Store) -> None:
    world = World(sqlite_store, None)  # type: ignore[arg-type]
    world.a_seller()
    assert "the ground of the transfer" not in gaps(world)
    world.a_contact(["+4930555010"], country="DE")
    assert "the ground of the transfer" in gaps(world)
    assert "Representative in the Union (art. 27)" in gaps(world)
    assert "time limits for erasure" in gaps(world)
    period = Period(data="x", jurisdictions=("DE",), keep="5 years", clock="use", action="delete", citation="law")
    assert "time limits for erasure" not in gaps(world, around=replace(AROUND, periods=(period,)))
    world.close()


def test_a_measure_that_is_off_is_a_gap_and_not_a_claim(sqlite_store: Store, tmp_path: Path) -> None:
    file = tmp_path / "orchestrator.sqlite3"
    file.chmod(0o644)
    open_to_all = Around(file=file, keys_beside=True, public_url="http://a.example", carrier_url=None)
    _, off = measures(sqlite_store, open_to_all)
    assert [word in " ".join(off) for word in ("chmod 600", "beside the database", "without TLS")] == [True] * 3
    file.chmod(0o600)
    on, _ = measures(sqlite_store, replace(open_to_all, keys_beside=False, public_url="https://a.example"))
    assert "The database file can be read by its owner alone." in on
    world = World(sqlite_store, None)  # type: ignore[arg-type]
    world.a_seller()
    page = records(facts_of(sqlite_store, "acme", replace(AROUND, missing_measures=off), NOON))
    assert sum(gap.what == "a measure that is off" for gap in page.gaps) == len(off)
    world.close()


def test_periods_of_retention_are_those_that_hold_for_the_seller_today(
    typed: Typed, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the seller chose within the law's bounds; and an entry that a later one replaces is not shown."""
    world.a_seller()
    config = tmp_path / "config"
    shutil.copytree(config_dir(), config)
    (config / "retention").mkdir()
    (config / "retention" / "acme.toml").write_text(CHOSEN)
    monkeypatch.setenv("ORCHESTRATOR_CONFIG_DIR", str(config))
    assert typed("accountability", "records", "acme", "-o", str(tmp_path / "records.md")).code == 0
    told = (tmp_path / "records.md").read_text("utf-8")
    [line] = [line for line in told.splitlines() if "| contacts | *" in line or "| contacts | \\*" in line]
    assert "7 months" in line
    assert "3 years" not in line
