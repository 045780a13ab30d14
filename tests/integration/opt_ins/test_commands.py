"""`orchestrator opt-ins`: a page opened, shown, changed and closed, and the person's own link."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from orchestrator.cli import opt_ins as commands
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.errors import UserError
from orchestrator.persistence import consents, sellers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.proof import access_numbers, accesses, actions
from orchestrator.pipeline.planning import TO
from tests.conftest import KEYS
from tests.integration.consents.builders import a_consent
from tests.integration.opt_ins.pages import NEIGHBOUR, PAGE_TOML, PERSON, a_page, open_page, sign_up
from tests.integration.reception.world import ACME, an_attempt, open_house
from tests.world import World

BASE = "https://people.example.com"


@pytest.fixture(autouse=True)
def settings(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.setenv("ORCHESTRATOR_PEOPLE_URL", BASE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page.toml"
    path.write_text(PAGE_TOML)
    return path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(commands.app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def refusal(*arguments: str) -> str:
    with pytest.raises(UserError) as error:
        CliRunner().invoke(commands.app, list(arguments), catch_exceptions=False)
    return str(error.value)


def test_a_page_is_opened_changed_under_a_new_version_alone_and_closed(sqlite_store: Store, file: Path) -> None:
    assert "sellers add acme" in refusal("add", str(file))
    now = datetime.now(UTC)
    open_page(sqlite_store, a_page(id='"other-page"', keyword='"OTHER"'), now)
    assert f"{BASE}/people/roof-tips" in run("add", str(file)).stdout
    assert "shows this version already" in run("add", str(file)).stdout
    file.write_text(PAGE_TOML.replace("tips and offers about your roof", "offers"))
    assert "says something else" in refusal("add", str(file))
    file.write_text(PAGE_TOML.replace('"2026-11"', '"2026-12"').replace("tips and offers about your roof", "offers"))
    assert json.loads(run("add", str(file), "--json").stdout)["version"] == "2026-12"
    shown = json.loads(run("show", "roof-tips", "--json").stdout)
    assert [one["version"] for one in shown["versions"]] == ["2026-11", "2026-12"]
    assert "Acme Roofing sends you offers." in shown["shown"]["en"]
    assert "by text: Acme Roofing: reply YES" in run("show", "roof-tips").stdout
    assert "is closed" in run("close", "roof-tips").stdout
    assert "was closed already" in run("close", "roof-tips").stdout
    assert {one["id"]: one["state"][:6] for one in json.loads(run("list", "--json").stdout)} == {
        "other-page": "open",
        "roof-tips": "closed",
    }
    assert "opt-ins list" in refusal("show", "nothing")


def test_a_keyword_belongs_to_one_page_and_is_no_answer(sqlite_store: Store, file: Path) -> None:
    open_page(sqlite_store, a_page(id='"other-page"'), datetime.now(UTC))
    assert "signs up for page 'other-page'" in refusal("add", str(file))
    file.write_text(PAGE_TOML.replace('"Join"', '"Yes"'))
    assert "how people answer" in refusal("add", str(file))
    file.write_text(PAGE_TOML.replace('"Join"', '"Stop"'))
    assert "stops" in refusal("add", str(file))
    with sqlite_store.write() as tx:
        sellers.claim_senders(tx, "acme", ["+13055550109"], datetime.now(UTC))


def test_support_reads_out_the_person_s_own_link_and_the_reading_is_kept(sqlite_store: Store) -> None:
    open_house(sqlite_store)
    open_page(sqlite_store, a_page(), datetime.now(UTC))
    assert "Nobody has contacted this number" in run("link", PERSON, "--reason", "they rang us").stdout
    now = datetime.now(UTC)
    an_attempt(sqlite_store, to_sealed=sqlite_store.keyring.seal(PERSON, TO), planned_at=now - timedelta(days=3))
    sign_up(sqlite_store, a_page(), now)
    shown = json.loads(run("link", PERSON, "--reason", "they rang us", "--json").stdout)
    (one,) = shown["links"]
    assert (one["seller"], shown["pending"]) == (ACME, ["roof-tips"])
    assert one["link"].startswith(f"{BASE}/people/u/")
    assert PERSON[2:] not in json.dumps(shown)
    with sqlite_store.read() as tx:
        assert set(tx.execute(select(accesses.c.action)).scalars()) == {"opt-out link"}
        keys = {bytes(key) for key in tx.execute(select(access_numbers.c.number_key)).scalars()}
    assert keys == {sqlite_store.keyring.number_key(PERSON)}
    assert "no valid number" in refusal("link", "12", "--reason", "x")


def test_renewal_shows_whom_it_would_ask_and_asks_each_once(sqlite_store: Store) -> None:
    now = datetime.now(UTC)
    world = World(sqlite_store, None, now=now)  # type: ignore[arg-type]
    open_page(sqlite_store, a_page(), now)
    assert "Nobody is left" in run("renew", "roof-tips", "--within", "30d").stdout
    world.a_contact([PERSON, NEIGHBOUR], line_type=LineType.MOBILE)
    for number, days in ((PERSON, 20), (NEIGHBOUR, 10)):
        ends = {"happened_at": now - timedelta(days=9), "expires_at": now + timedelta(days=days)}
        with sqlite_store.write() as tx:
            consents.record(tx, sqlite_store.keyring, a_consent("acme", number=number, automated=True, **ends), now)
    assert "Nobody is left" in run("renew", "roof-tips", "--within", "9d").stdout
    table = run("renew", "roof-tips", "--within", "30d", "--dry-run").stdout
    assert ("2 people would be asked; nobody was." in table, PERSON in table, "…24" in table) == (True, False, True)
    shown = json.loads(run("renew", "roof-tips", "--within", "30d", "--limit", "1", "--json").stdout)
    (one,) = shown["people"]
    assert (shown["asked"], one["number"], one["renewals"][0]["ends_by"]) == (True, "…24", "stated")
    assert "Acme Roofing: your consent" in one["message"]
    assert "1 person is asked" in run("renew", "roof-tips", "--within", "30d").stdout
    assert "Nobody is left" in run("renew", "roof-tips", "--within", "30d").stdout
    with sqlite_store.read() as tx:
        noted = tx.execute(select(actions.c.detail).where(actions.c.action == "renewals asked")).scalars().all()
    assert [one["asked"] for one in noted] == [1, 1]


def test_renewal_says_what_is_wrong_with_it(sqlite_store: Store) -> None:
    assert "opt-ins list" in refusal("renew", "nothing", "--within", "30d")
    now = datetime.now(UTC)
    open_page(sqlite_store, a_page(), now)
    assert "as in 30d" in refusal("renew", "roof-tips", "--within", "a month")
    run("close", "roof-tips")
    assert "opens it again" in refusal("renew", "roof-tips", "--within", "30d")
