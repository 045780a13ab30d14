"""A breach as it is lived through: found, entered, reminded of, told, closed; and its drafts."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from orchestrator.compliance.breach_law import Whom
from orchestrator.config_files import load_breach_law
from orchestrator.domain.errors import UserError
from orchestrator.persistence import accesses, breaches
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.people import contacts
from orchestrator.pipeline.breaches import clocks, opening
from orchestrator.pipeline.breaches.finding import Span, find
from tests.integration.accountability.conftest import Typed
from tests.world import NOON, World, numbers

ADA, BOB, EVE = numbers(3)
LONDON = "+442079460123"
OFFICER = ("--data-protection-officer", "Data Protection", "--officer-contact", "privacy@acme.example")


def read(world: World, *read: str, actor: str = "token:7", seller: str | None = "acme", at: datetime = NOON) -> None:
    keys = [world.store.keyring.number_key(number) for number in read]
    with world.store.write() as tx:
        accesses.record(tx, actor=actor, action="explain", reason="x", number_keys=keys, at=at, seller_id=seller)


def a_house(world: World) -> None:
    """Acme knows Ada, Bob and a Londoner who reads German; another seller knows Ada too."""
    world.a_seller()
    world.a_seller("other")
    world.a_contact([ADA, BOB])
    german = world.a_contact([LONDON])
    world.a_contact([ADA], seller="other")
    with world.store.write() as tx:
        tx.execute(update(contacts).where(contacts.c.id == german).values(language="de"))


def test_what_was_touched_is_counted_by_seller_and_by_the_second(world: World) -> None:
    a_house(world)
    read(world, ADA, LONDON, at=NOON)
    read(world, ADA, at=NOON - timedelta(seconds=1))
    read(world, BOB, at=NOON + timedelta(seconds=60))
    read(world, EVE, actor="cli:ops")
    with world.store.read() as tx:
        [acme] = find(tx, Span(actor="token:7", since=NOON, until=NOON + timedelta(seconds=60)))
        everything = find(tx, Span(actor="*", since=NOON - timedelta(days=1), until=NOON + timedelta(days=1)))
    assert (acme.people, acme.numbers, acme.unlisted) == (2, 2, 0)
    assert acme.countries == {"GB": 1, "US": 1}
    assert acme.languages == {"": 1, "de": 1}
    assert acme.readings == {"explain": 1}
    assert [(one.seller_id, one.numbers, one.unlisted) for one in everything] == [("acme", 4, 1)]


def test_a_reading_over_all_sellers_is_counted_with_each_that_holds_the_number(world: World) -> None:
    a_house(world)
    read(world, ADA, LONDON, seller=None)
    with world.store.read() as tx:
        found = find(tx, Span(actor="token:7", since=NOON, until=NOON + timedelta(seconds=1)))
    assert [(one.seller_id, one.numbers) for one in found] == [("acme", 2), ("other", 1)]


def test_an_agent_touched_whom_they_were_shown_or_talked_to(world: World) -> None:
    campaign = world.a_campaign()
    person = world.a_contact([ADA, BOB], automated=True)
    world.enrol(campaign, person)
    world.an_agent("kim")
    world.dispatch(campaign)
    with world.store.write() as tx:
        tx.execute(update(attempts).values(agent_id="kim"))
    with world.store.read() as tx:
        [kim] = find(tx, Span(actor="agent:kim", since=NOON, until=NOON + timedelta(hours=1)))
        nobody = find(tx, Span(actor="agent:lee", since=NOON, until=NOON + timedelta(hours=1)))
    assert (kim.people, kim.numbers, nobody) == (1, 1, [])


def test_a_breach_from_its_discovery_to_the_register(
    world: World, typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a_house(world)
    read(world, ADA, BOB, LONDON)
    span = ("--since", "2026-11-23", "--until", "2026-11-24", "--token", "7")
    assert typed("evidence", "breach", *span, "--dry-run", "--json").json[0]["people"] == 2
    assert typed("sellers", "set", "acme", *OFFICER, "--another-firm").code == 0
    known = ("--aware-at", "2026-11-23T18:00Z", "--what", "a token was published")
    monkeypatch.setattr("orchestrator.clock.Clock.now", lambda _: NOON + timedelta(hours=80))
    entered = typed("evidence", "breach", *span, *known, "--json")
    assert entered.code == 0, entered.complained
    clocks = {clock["law"]: (clock["due_at"], clock["standing"]) for clock in entered.json["clocks"]}
    assert clocks["gb.gdpr.authority"] == ("2026-11-26T18:00:00Z", "late")
    assert entered.json["no_deadline_on_file"] == {"acme": ["US"]}
    files = {path.name for path in (tmp_path / "breach-1").iterdir()}
    assert files == {
        f"{name}.{ending}"
        for name in ("authority-acme", "controller-acme", "people-acme-de", "people-acme-en")
        for ending in ("md", "html")
    }
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "breach-1").iterdir()} == {0o600}
    notice = (tmp_path / "breach-1" / "authority-acme.md").read_text("utf-8")
    assert "People, about: 2. Telephone numbers, about: 3." in notice
    assert "TO FILL: reasons for the delay" in notice
    assert "privacy@acme.example" in notice
    assert "Ihre Telefonnummer" in (tmp_path / "breach-1" / "people-acme-de.md").read_text("utf-8")
    assert "The time is up" in "".join(_reminders(world, hours=80))
    assert "was not told" in typed("evidence", "breaches", "close", "1", "--because", "done").complained
    for whom, how in (
        ("authority", ("--note", "case 9")),
        ("controller", ()),
        ("people", ("--need-not", "--note", "sealed")),
    ):
        assert typed("evidence", "breaches", "told", "1", "acme", "--whom", whom, *how).code == 0
    assert typed("evidence", "breaches", "people", "1", "-o", "people.csv").said == "people.csv holds 3 numbers.\n"
    assert ADA in (tmp_path / "people.csv").read_text("utf-8")
    assert typed("evidence", "accesses", "--json").json[0]["action"] == "breach"
    assert typed("evidence", "breaches", "close", "1", "--because", "the token is void").code == 0
    assert "was closed before" in typed("evidence", "breaches", "close", "1", "--because", "again").complained
    [register] = typed("evidence", "breaches", "list", "--json").json
    assert (register["closed_because"], len(register["steps"])) == ("the token is void", 3)
    assert ADA not in json.dumps(register)
    assert _reminders(world, hours=80) == []


def _reminders(world: World, *, hours: int) -> list[str]:
    with world.store.read() as tx:
        return clocks.reminders(tx, world.store.keyring, load_breach_law(), NOON + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("aware", "since", "until", "sentence"),
    [
        (0, 0, 0, "--since must lie before --until"),
        (1, -2, -1, "--aware-at lies ahead"),
        (-3, -2, -1, "--aware-at lies before --since"),
    ],
)
def test_a_breach_that_cannot_have_been_is_not_entered(
    sqlite_store: Store, aware: int, since: int, until: int, sentence: str
) -> None:
    span = Span(actor="*", since=NOON + timedelta(hours=since), until=NOON + timedelta(hours=until))
    noticed = opening.Noticed(span=span, aware_at=NOON + timedelta(hours=aware), what_happened="x")
    with pytest.raises(UserError, match=sentence):
        opening.open_breach(sqlite_store, noticed, "cli:ops", NOON)
    with sqlite_store.read() as tx:
        assert not breaches.register(tx)


def test_being_told_later_outdoes_an_excuse_and_the_last_second_is_in_time(sqlite_store: Store) -> None:
    world = World(sqlite_store, None)  # type: ignore[arg-type]
    a_house(world)
    read(world, LONDON)
    span = Span(actor="*", since=NOON, until=NOON + timedelta(hours=1))
    noticed = opening.Noticed(span=span, aware_at=NOON, what_happened="x")
    number, _ = opening.open_breach(sqlite_store, noticed, "cli:ops", NOON)
    assert _standing(world, number, hours=72) == "running"
    assert _standing(world, number, hours=72, seconds=1) == "late"
    for was_told, hours in ((False, 1), (True, 72)):
        told = opening.Told(
            breach_id=number,
            seller_id="acme",
            whom=Whom.AUTHORITY,
            was_told=was_told,
            at=NOON + timedelta(hours=hours),
            note="unlikely to harm",
        )
        opening.tell(sqlite_store, told, "cli:ops", NOON + timedelta(hours=80))
        assert _standing(world, number, hours=80) == ("told" if was_told else "need not be told")
    world.close()


def _standing(world: World, number: int, **after: int) -> str:
    with world.store.read() as tx:
        breach = breaches.fetch(tx, number)
        found = clocks.clocks_of(tx, world.store.keyring, load_breach_law(), breach, NOON + timedelta(**after))
    return next(clock.standing.value for clock in found.every if clock.duty.id == "gb.gdpr.authority")


def test_the_register_holds_no_card(sqlite_store: Store) -> None:
    card = "4111 1111 1111 1111 was read out"
    span = Span(actor="cli:ops", since=NOON - timedelta(hours=1), until=NOON)
    with pytest.raises(UserError, match="number of a payment card"):
        opening.open_breach(
            sqlite_store, opening.Noticed(span=span, aware_at=NOON, what_happened=card), "cli:ops", NOON
        )
    noticed = opening.Noticed(span=span, aware_at=NOON, what_happened="a laptop was lost")
    number, _ = opening.open_breach(sqlite_store, noticed, "cli:ops", NOON)
    with pytest.raises(UserError, match="number of a payment card"):
        opening.close(sqlite_store, load_breach_law(), number, "cli:ops", card, NOON)
