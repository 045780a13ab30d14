"""Who could be contacted now, later or never; which laws change; what missing facts cost."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import typer
from sqlalchemy import insert, update
from typer.testing import CliRunner, Result

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli import preflight as command
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import LineType, SuppressionKind
from orchestrator.domain.errors import UserError
from orchestrator.persistence import campaigns, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.pipeline.preflight import Outlook, preflight
from orchestrator.pipeline.preflight_gains import code_in
from tests.conftest import KEYS
from tests.world import NOON, THREE_RULES, World, numbers, rulebook_of


def on_list(world: World, name: str, people: Sequence[int]) -> None:
    """These people on a list of that name."""
    with world.store.write() as tx:
        list_id = tx.execute(
            insert(lists).values(seller_id="acme", name=name, created_at=NOON).returning(lists.c.id)
        ).scalar_one()
        file = {"list_id": list_id, "file_digest": name, "file_name": name, "reading": {}, "state": "finished"}
        row = {**file, "records_done": len(people), "counts": {}, "started_at": NOON}
        import_id = tx.execute(insert(imports).values(row).returning(imports.c.id)).scalar_one()
        for line, contact_id in enumerate(people, 2):
            place = {"import_id": import_id, "line": line, "list_id": list_id}
            tx.execute(insert(list_rows).values(**place, contact_id=contact_id, verdict="accepted"))


def outlook_of(world: World, campaign_id: int) -> Outlook:
    with world.store.read() as tx:
        campaign = campaigns.fetch(tx, campaign_id)
    told: list[int] = []
    outlook = preflight(world.engine, campaign, world.now, told.append)
    assert sum(told) == outlook.people
    return outlook


def test_everybody_is_now_later_or_never(world: World) -> None:
    campaign = world.a_campaign(lists=("spring",))
    new_york, london = world.a_contact([numbers(1)[0]]), world.a_contact(["+442079460123"], country="GB", region=None)
    silent, nobody = world.a_contact([numbers(2)[1]]), world.a_contact([])
    with world.store.write() as tx:
        key = world.store.keyring.number_key(numbers(2)[1])
        no = SuppressionKind.DO_NOT_CALL
        suppressions.add(tx, seller_id="acme", number_key=key, kind=no, at=NOON, source="console")
    on_list(world, "spring", [new_york, london, silent, nobody])
    world.now = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # 17:30 in New York, 22:30 in London
    outlook = outlook_of(world, campaign)
    assert outlook.now == {"predictive": 1}
    assert outlook.later == {datetime(2026, 11, 24, 8, tzinfo=UTC): 1}
    assert outlook.held_by == {"test.hours": 1}
    assert {reason: barred.people for reason, barred in outlook.never.items()} == {
        "test.no-means-no": 1,
        "no_number": 1,
    }
    assert outlook.never["test.no-means-no"].citation == "tests"


def test_it_writes_nothing(world: World) -> None:
    campaign = world.a_campaign(lists=("spring",))
    on_list(world, "spring", [world.a_contact([number]) for number in numbers(3)])
    outlook_of(world, campaign)
    assert [world.count(table) for table in (enrollments, decisions, attempts)] == [0, 0, 0]


def test_after_the_launch_those_under_way_and_those_done_are_told_apart(world: World) -> None:
    campaign = world.a_campaign(lists=("spring",))
    people = [world.a_contact([number]) for number in numbers(3)]
    on_list(world, "spring", people)
    world.enrol(campaign, *people)
    with world.store.write() as tx:
        tx.execute(update(enrollments).where(enrollments.c.contact_id == people[0]).values(stage="in_flight"))
        done = {"stage": "done", "done_reason": "reached"}
        tx.execute(update(enrollments).where(enrollments.c.contact_id == people[1]).values(done))
    outlook = outlook_of(world, campaign)
    assert (outlook.under_way, outlook.now.total(), outlook.never["reached"].people) == (1, 1, 1)


def test_a_person_on_two_lists_counts_once(world: World) -> None:
    campaign = world.a_campaign(lists=("spring", "autumn"))
    person = world.a_contact(numbers(1))
    on_list(world, "spring", [person])
    on_list(world, "autumn", [person])
    assert outlook_of(world, campaign).people == 1


def test_before_its_start_a_campaign_is_asked_about_at_its_start(world: World) -> None:
    starts_at = NOON + timedelta(days=3)
    campaign = world.a_campaign(lists=("spring",), starts_at=starts_at)
    on_list(world, "spring", [world.a_contact(numbers(1))])
    outlook = outlook_of(world, campaign)
    assert (outlook.at, outlook.now.total()) == (starts_at, 1)


def test_who_would_open_only_after_the_end_is_never_contacted(world: World) -> None:
    world.now = NOON - timedelta(hours=12)
    campaign = world.a_campaign(lists=("spring",), ends_at=NOON - timedelta(hours=6))
    on_list(world, "spring", [world.a_contact(numbers(1))])
    assert outlook_of(world, campaign).never["campaign_over"].people == 1


def test_a_list_that_is_not_there_is_said(world: World) -> None:
    with pytest.raises(UserError, match="has no list 'spring'"):
        outlook_of(world, world.a_campaign(lists=("spring",)))


BEFORE, COVERAGE, AFTER = THREE_RULES.partition('id = "test.coverage"')
STRICTER = (
    BEFORE
    + COVERAGE
    + AFTER.replace("effective = 2000-01-01", "effective = 2000-01-01\nexpires = 2026-12-01", 1)
    + """
[[calling_window]]
id = "test.shorter-hours"
applies = { jurisdiction = ["US-NY"], channel = ["voice"], purpose = "telemarketing" }
mon_fri = [["09:00", "17:00"]]
clock = "called-party"
class = "law"
citation = "tests"
source = "tests"
effective = 2026-12-10
verified = { on = 2026-11-21, how = "read" }

[[calling_window]]
id = "test.elsewhere"
applies = { jurisdiction = ["US-CA"], channel = ["voice"], purpose = "telemarketing" }
mon_fri = [["09:00", "17:00"]]
clock = "called-party"
class = "law"
citation = "tests"
source = "tests"
effective = 2026-12-10
verified = { on = 2026-11-21, how = "read" }
"""
)


@pytest.mark.parametrize(
    ("ends_on", "changes"),
    [
        (datetime(2026, 12, 9, 23, tzinfo=UTC), ["test.coverage ends"]),
        (datetime(2026, 12, 10, 0, tzinfo=UTC), ["test.coverage ends", "test.shorter-hours begins"]),
        (None, ["test.coverage ends", "test.shorter-hours begins"]),
    ],
)
def test_laws_that_change_while_it_runs_are_told_where_its_people_are(
    sqlite_store: Store, carrier: InProcessCarrier, ends_on: datetime | None, changes: list[str]
) -> None:
    world = World(sqlite_store, carrier, rulebook=rulebook_of(STRICTER))
    campaign = world.a_campaign(lists=("spring",), ends_at=ends_on)
    on_list(world, "spring", [world.a_contact(numbers(1))])
    found = outlook_of(world, campaign).changes
    world.close()
    assert [f"{change.rule} {change.change}" for change in found] == changes


def test_an_open_week_has_as_many_hours_as_the_law_leaves(world: World) -> None:
    campaign = world.a_campaign(lists=("spring",))
    on_list(world, "spring", [world.a_contact([number]) for number in numbers(4)])
    outlook = outlook_of(world, campaign)
    assert (outlook.sampled, outlook.week_hours) == (4, 4 * 7 * 13)  # eight to nine, every day


@pytest.fixture
def lawful(sqlite_store: Store, carrier: InProcessCarrier, law: Rulebook) -> Iterator[World]:
    """The pipeline under the whole rulebook."""
    made = World(sqlite_store, carrier, rulebook=law)
    yield made
    made.close()


def test_a_missing_consent_costs_every_hour_that_the_law_would_leave_with_it(lawful: World) -> None:
    campaign = lawful.a_campaign(lists=("spring",))
    person = lawful.a_contact(numbers(1), line_type=LineType.LANDLINE, region="NY", postal_code="10001")
    on_list(lawful, "spring", [person])
    outlook = outlook_of(lawful, campaign)
    gains = {gain.fact: gain for gain in outlook.gains}
    assert outlook.week_hours == 0
    assert (gains["postal code"].people, gains["line type"].people, gains["consent"].people) == (0, 0, 1)
    assert gains["consent"].hours > 0


def test_a_postal_code_narrows_the_zones_that_must_agree(world: World) -> None:
    campaign = world.a_campaign(lists=("spring",))
    person = world.a_contact(["+15125550100"], region="TX", automated=True)  # Texas lies in two zones
    on_list(world, "spring", [person])
    gains = {gain.fact: gain for gain in outlook_of(world, campaign).gains}
    assert (gains["postal code"].people, gains["postal code"].hours) == (1, 7)  # an hour a day


@pytest.mark.parametrize(
    ("country", "region", "found"),
    [("US", "TX", "7"), ("CA", "ON", "K"), ("AU", "NSW", "1"), ("US", None, ""), ("ZZ", "A", "")],
)
def test_a_postal_code_of_a_region_lies_in_it(law: Rulebook, country: str, region: str | None, found: str) -> None:
    code = code_in(law, country, region) or ""
    assert code.startswith(found)
    assert bool(code) == bool(found)


def test_estimates_are_scaled_from_a_sample_that_is_always_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.pipeline.preflight.SAMPLE", 5)
    campaign = world.a_campaign(lists=("spring",))
    people = [
        world.a_contact([number], line_type=LineType.UNKNOWN if place % 3 else LineType.LANDLINE)
        for place, number in enumerate(numbers(20))
    ]
    on_list(world, "spring", people)
    first, again = outlook_of(world, campaign), outlook_of(world, campaign)
    assert (first.sampled, first.week_hours) == (5, 20 * 7 * 13)
    assert list(first.gains) == list(again.gains)


Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `campaigns preflight` without an account."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    monkeypatch.delenv("TWILIO_ACCOUNT_SID", raising=False)
    app = typer.Typer()
    app.command()(command.preflight)
    return lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)


def test_the_command_needs_no_account_and_prints_json_and_words(run: Run, lawful: World) -> None:
    campaign = lawful.a_campaign(lists=("spring",))
    on_list(lawful, "spring", [lawful.a_contact([number]) for number in numbers(3)])
    form = json.loads(run("Spring", "--json").stdout)
    assert (form["people"], form["never"]["people"]) == (3, 3)
    assert form["never"]["by_rule"][0]["cure"] in {"consent", "registry"}
    assert form["week"]["is_estimate"] is True
    told = run(str(campaign))
    assert told.exit_code == 0
    assert "3 people on its lists." in told.stdout
    assert "would be opened by:" in told.stdout


LANDLINES_LESS = (
    THREE_RULES
    + """
[[calling_window]]
id = "test.landlines"
applies = { jurisdiction = ["US"], channel = ["voice"], purpose = "any", line_type = ["landline"] }
mon_fri = [["09:00", "10:00"]]
clock = "called-party"
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
"""
)


def test_line_types_that_are_not_known_are_told_and_never_a_loss_called_a_gain(
    run: Run, sqlite_store: Store, carrier: InProcessCarrier
) -> None:
    world = World(sqlite_store, carrier, rulebook=rulebook_of(LANDLINES_LESS))
    campaign = world.a_campaign(lists=("spring",))
    known = world.a_contact([numbers(3)[0]])
    on_list(world, "spring", [known, *[world.a_contact([n], line_type=LineType.UNKNOWN) for n in numbers(3)[1:]]])
    outlook = outlook_of(world, campaign)
    world.close()
    gains = {gain.fact: gain for gain in outlook.gains}
    assert outlook.unknown_line_types == 2
    assert (gains["line type"].people, gains["line type"].hours) == (2, 0)
    told = run("Spring").stdout
    assert "Line types of 2 of these are not looked up yet and count as mobile" in told
    assert "+0" not in told
    assert json.loads(run("Spring", "--json").stdout)["line_types_unknown"] == {"people": 2}
