"""A person's story in sentences, complete and in order."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import typer
from sqlalchemy import insert, update
from typer.testing import CliRunner, Result

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli import explain as command
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.errors import UserError
from orchestrator.law import load_rulebook
from orchestrator.persistence import attempts, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import contacts
from orchestrator.pipeline.explain import Explanation, explain, explanation_form
from orchestrator.pipeline.reception.receiving import BODY
from tests.conftest import KEYS
from tests.world import CONFIG, NOON, World, numbers

ADA = numbers(1)[0]


def a_story(world: World, named: str = ADA, **only: str | None) -> Explanation:
    [story] = explain(world.store, world.rulebook, named, world.now, **only)
    return story


def a_life(world: World) -> int:
    """Held at seven, called at eight, abandoned, and a STOP at nine."""
    campaign = world.a_campaign()
    world.now = NOON - timedelta(hours=5, minutes=30)
    person = world.a_contact([ADA], automated=True)
    world.enrol(campaign, person)
    for _ in range(3):
        world.dispatch(campaign)
        with world.store.write() as tx:
            tx.execute(update(enrollments).values(next_eligible_at=world.now))
    world.now = NOON - timedelta(hours=4)
    world.dispatch(campaign)
    called(world)
    world.now += timedelta(hours=1)
    said_stop(world)
    return person


def called(world: World) -> None:
    [attempt] = world.attempts()
    answered = world.now + timedelta(seconds=12)
    facts = {"ringing_at": world.now + timedelta(seconds=3), "answered_at": answered, "abandoned_at": answered}
    with world.store.write() as tx:
        ended = {**facts, "answered_by": "human", "duration_seconds": 9}
        attempts.end(tx, attempt.id, Outcome.ABANDONED, answered + timedelta(seconds=9), ended)
        tx.execute(update(enrollments).values(stage="done", done_reason="suppressed"))


def said_stop(world: World) -> None:
    keyring = world.store.keyring
    with world.store.write() as tx:
        message = {"seller_id": "acme", "number_key": keyring.number_key(ADA), "channel": "sms", "sid": "SM1"}
        sealed = keyring.seal("STOP", BODY)
        row = {
            **message,
            "id": world.attempts()[0].id,
            "sender": "+12125550101",
            "body_sealed": sealed,
            "at": world.now,
        }
        tx.execute(insert(inbound_contacts).values(row))
        suppressions.add(
            tx,
            seller_id="acme",
            number_key=keyring.number_key(ADA),
            kind=SuppressionKind.STOP_REPLY,
            at=world.now,
            source="reply",
        )


def test_a_story_is_told_in_order_and_in_the_persons_own_time(world: World) -> None:
    a_life(world)
    story = a_story(world)
    assert [event.kind for event in story.events] == [
        "consent",
        "decision",
        "decision",
        "attempt",
        "suppression",
        "inbound",
    ]
    held, allowed, attempt, stop, message = story.events[1:]
    assert held.sentence == (
        f"The gate held a predictive call to {ADA} for campaign 'Spring' until 2026-11-23 13:00:00 UTC "
        "(08:00:00 America/New_York there). The same answer was given 3 times, last at 2026-11-23 11:30:00 UTC "
        "(06:30:00 America/New_York there)."
    )
    assert held.details[0].startswith("Held until 08:00: on Mondays")
    assert allowed.sentence == f"The gate allowed a predictive call to {ADA} for campaign 'Spring'."
    for words in (
        "Attempt 1 of campaign 'Spring': a predictive call to",
        "from +12125550100",
        "rang at 2026-11-23 13:00:03 UTC (08:00:03 America/New_York there)",
        "answered by a human at",
        "left without an agent at",
        "after 9 s: the person answered and no agent was there (abandoned).",
    ):
        assert words in attempt.sentence
    assert stop.sentence == (
        f"The person replied with a stop: this forbids every channel to {ADA}. Recorded as “reply”."
    )
    assert message.sentence == f"{ADA} wrote to +12125550101: “STOP”."
    assert story.standing == ("Campaign 'Spring' (running): done, the person said no.",)


def test_a_blocked_person_is_told_with_what_would_open_it_again(world: World) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact([ADA]))
    with world.store.write() as tx:
        blocked = {"stage": "blocked", "blocked_by": "us.registry", "cure": "registry", "cure_detail": "us-national"}
        tx.execute(update(enrollments).values(blocked))
    [standing] = a_story(world).standing
    assert standing.startswith("Campaign 'Spring' (running): blocked by us.registry; ")
    assert standing.endswith("what would open it is a fresh answer of the registry (us-national).")


def test_a_person_is_found_by_id_by_number_and_by_the_lists_own_id(world: World) -> None:
    world.a_seller()
    person = world.a_contact([ADA])
    with world.store.write() as tx:
        tx.execute(update(contacts).values(external_key=world.store.keyring.number_key("external:L-77")))
    assert {a_story(world, named).contact_id for named in (ADA, str(person), "L-77")} == {person}


def test_everybody_under_one_number_is_told_and_a_seller_narrows_it(world: World) -> None:
    for seller in ("acme", "zenith"):
        world.a_seller(seller)
        world.a_contact([ADA], seller=seller)
    assert len(explain(world.store, world.rulebook, ADA, world.now)) == 2
    assert a_story(world, seller_id="zenith").seller_id == "zenith"


def test_an_attempt_at_another_contact_with_the_same_number_is_told_too(world: World) -> None:
    campaign = world.a_campaign()
    first, second = world.a_contact([ADA]), world.a_contact([ADA])
    world.enrol(campaign, first)
    world.dispatch(campaign)
    [attempt] = a_story(world, str(second)).events
    assert attempt.kind == "attempt"
    assert attempt.details == (f"It was made to contact {first}, who has the same number; it counts here too.",)


def test_one_campaign_can_be_told_alone(world: World) -> None:
    spring, autumn = world.a_campaign("Spring"), world.a_campaign("Autumn")
    person = world.a_contact([ADA])
    world.enrol(spring, person)
    world.enrol(autumn, person)
    world.dispatch(spring)
    world.dispatch(autumn)
    story = a_story(world, campaign="Autumn")
    assert {event.facts["campaign_id"] for event in story.events} == {autumn}
    assert len(story.standing) == 1


@pytest.mark.parametrize("named", ["+12125550199", "999", "nobody", "99999999999999999999"])
def test_somebody_unknown_is_said_in_one_sentence(world: World, named: str) -> None:
    with pytest.raises(UserError, match="Nobody is on record under"):
        a_story(world, named)


def test_the_story_as_json_holds_the_facts_and_the_answer_given_again(world: World) -> None:
    a_life(world)
    form = json.loads(json.dumps(explanation_form(a_story(world))))
    decision = form["events"][1]
    assert (decision["decision"], decision["recomputed"], decision["agrees"]) == ("hold", "hold", True)
    assert decision["facts"]["contact"]["number"] == ADA
    assert decision["rules"][0]["citation"] == "tests"


Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `orchestrator explain` on the test's SQLite database, under the rulebook that ships."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    app = typer.Typer()
    app.command()(command.explain)
    return lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)


def test_the_command_prints_sentences_and_json(run: Run, sqlite_store: Store, carrier: InProcessCarrier) -> None:
    world = World(sqlite_store, carrier)
    a_life(world)
    world.close()
    told = run(ADA)
    assert told.exit_code == 0, told.output
    assert "so only what was written down then is shown" in " ".join(told.stdout.split())
    assert "Where it stands:\nCampaign 'Spring' (running): done, the person said no." in told.stdout
    [form] = json.loads(run(ADA, "--json").stdout)
    assert [event["agrees"] for event in form["events"] if event["kind"] == "decision"] == [None, None]


def test_a_stored_verdict_that_the_gate_would_not_give_ends_the_command_with_one(
    run: Run, sqlite_store: Store, carrier: InProcessCarrier
) -> None:
    world = World(sqlite_store, carrier, rulebook=load_rulebook(CONFIG))
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact([ADA]))
    world.dispatch(campaign)
    world.close()
    assert run(ADA).exit_code == 0
    with sqlite_store.write() as tx:
        tx.execute(update(decisions).values(verdict="allow", rules=[]))
    tampered = run(ADA)
    assert tampered.exit_code == 1
    assert "ASKED AGAIN, THE GATE ANSWERS OTHERWISE" in tampered.stdout
