"""A launch and a preflight as a person types them, against the sandbox."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from orchestrator.cli.main import app
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import reassigned_answers
from sandbox.clock import WorldClock
from sandbox.server import RunningSandbox, serve
from sandbox.world import SandboxConfig
from tests.conftest import KEYS
from tests.unit.campaigns.files import CALLS_ONLY

ACCOUNT, TOKEN = "AC" + "7" * 32, "a-token-of-tests"
CLOCK = "2026-11-23T17:00:00Z x1 @2099-01-01T00:00:00Z"  # stands at noon in New York
SELLER = ["--name", "Acme Roofing", "--callback-number", "+12125550100", "--country", "US"]
LIST = """name,phone,call consent,call consent date,call consent text,call consent level
A,+12125550107,yes,2025-03-04,may call me by automated means,written
B,+12125550108,yes,2025-03-04,may call me by automated means,written
C,+442079460123,yes,2025-03-04,may call me by automated means,written
"""


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    clock = WorldClock(0.0, 1.0, time.time() + 86_400)
    config = SandboxConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        clock=clock,
        numbers=("+12125550100",),
        inbound_voice_url="https://calls.example.com/inbound/calls",
    )
    with serve("127.0.0.1:0", config) as running:
        for number, gone in (("+12125550107", "2025-06-01"), ("+12125550108", None)):
            wishes = {"disconnected_on": gone, "line_type": "landline", "lookup_error_code": None}
            running.world.people.pin(number, wishes)
        yield running


@pytest.fixture
def draft(sandbox: RunningSandbox, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A campaign that wants to know, over a list of three people, and the carrier's sandbox."""
    settings = {
        "ORCHESTRATOR_DATABASE_URL": sqlite_url,
        "ORCHESTRATOR_SECRET_KEYS": KEYS,
        "ORCHESTRATOR_PUBLIC_URL": "https://calls.example.com",
        "ORCHESTRATOR_TWILIO_API_URL": sandbox.url,
        "ORCHESTRATOR_CLOCK": CLOCK,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "COLUMNS": "200",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    people, campaign = tmp_path / "people.csv", tmp_path / "campaign.toml"
    people.write_text(LIST, "utf-8")
    campaign.write_text(f"reassigned_check_days = 30\n{CALLS_ONLY}", "utf-8")
    run("sellers", "add", "acme-roofing", *SELLER)
    national = tmp_path / "212.txt"
    national.write_text("212,5550199\n", "utf-8")
    run("registries", "import", "us-national", str(national), "--obtained-at", "2026-11-22")
    run("lists", "import", str(people), "--country", "US", "--name", "autumn")
    run("campaigns", "create", str(campaign))


def run(*words: str) -> Result:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def lookups(store: Store) -> dict[str, str]:
    with store.read() as tx:
        rows = tx.execute(select(reassigned_answers)).all()
    numbers = {store.keyring.number_key(f"+1212555010{last}"): f"+1212555010{last}" for last in (7, 8)}
    return {numbers[bytes(row.number_key)]: row.result for row in rows}


def test_a_launch_asks_says_what_was_paid_for_and_asks_no_second_time(draft: None, sqlite_store: Store) -> None:
    told = run("campaigns", "preflight", "Autumn calls").stdout
    assert "Paid lookups in the Reassigned Numbers Database before anybody is contacted: 2" in told
    assert json.loads(run("campaigns", "preflight", "1", "--json").stdout)["paid_lookups"] == {"reassigned": 2}
    launched = run("campaigns", "launch", "Autumn calls").stderr
    assert "reassigned numbers: 2 (still the same person's 1, reassigned 1, no data 0, not answered 0)." in launched
    assert lookups(sqlite_store) == {"+12125550107": "yes", "+12125550108": "no"}
    after = json.loads(run("campaigns", "preflight", "1", "--json").stdout)
    assert after["paid_lookups"] == {"reassigned": 0}
    assert "us.fcc.reassigned-number" in {barred["rule"] for barred in after["never"]["by_rule"]}


def test_without_an_account_the_launch_says_who_waits(
    draft: None, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWILIO_AUTH_TOKEN")
    launched = run("campaigns", "launch", "Autumn calls")
    assert "the Reassigned Numbers Database is not asked about" in launched.stderr
    assert lookups(sqlite_store) == {}


def test_a_campaign_that_starts_later_asks_when_it_starts(draft: None, sqlite_store: Store, tmp_path: Path) -> None:
    later = ["--name", "Later", "--starts-at", "2026-12-01T15:00:00Z"]
    run("campaigns", "create", str(tmp_path / "campaign.toml"), *later)
    assert "scheduled" in run("campaigns", "launch", "Later").stdout
    assert lookups(sqlite_store) == {}


def test_maine_wants_an_answer_whatever_the_campaign_says(draft: None, sqlite_store: Store, tmp_path: Path) -> None:
    people, national, campaign = tmp_path / "maine.csv", tmp_path / "207.txt", tmp_path / "maine.toml"
    consent = "yes,2025-03-04,may call me by automated means,written"
    people.write_text(f"{LIST.splitlines()[0]}\nA,+12075550107,{consent}\nB,+12125550108,{consent}\n", "utf-8")
    national.write_text("207,5550199\n", "utf-8")
    campaign.write_text(CALLS_ONLY, "utf-8")
    run("registries", "import", "us-national", str(national), "--obtained-at", "2026-11-22")
    run("lists", "import", str(people), "--country", "US", "--name", "maine")
    run("campaigns", "create", str(campaign), "--name", "Maine", "--list", "maine")
    assert "reassigned numbers: 1 (" in run("campaigns", "launch", "Maine").stderr
    with sqlite_store.read() as tx:
        keys = tx.execute(select(reassigned_answers.c.number_key)).scalars().all()
    assert [bytes(key) for key in keys] == [sqlite_store.keyring.number_key("+12075550107")]
