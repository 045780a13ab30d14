"""The gate is pure and its facts are kept, so every stored verdict can be had again."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import insert, select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.contact_request import LawfulBasis, LineType, Purpose, SuppressionKind
from orchestrator.domain.enrollment import Lane
from orchestrator.law import rule_files
from orchestrator.persistence import attempts, rulebooks, suppressions
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.pipeline import halts
from orchestrator.pipeline.explain_recompute import Recomputed, Recomputer
from tests.world import CONFIG, NOON, THREE_RULES, World, numbers, rulebook_of

REGIONS = [
    ("US", "NY", "10001"),
    ("US", "TX", "79901"),
    ("US", "FL", None),
    ("US", None, None),
    ("GB", None, "SW1A 1AA"),
]
PLACES = ["+1212555{:04d}", "+1850555{:04d}", "+1915555{:04d}", "+44207946{:04d}"]


@pytest.fixture
def lawful(store: Store, carrier: InProcessCarrier, law: Rulebook) -> Iterator[World]:
    """The pipeline under the whole rulebook."""
    made = World(store, carrier, rulebook=law)
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(2))
def test_every_stored_verdict_comes_out_again_from_its_stored_facts(lawful: World, seed: int) -> None:
    play(lawful, Random(seed))
    again = ask_all_again(lawful, lawful.rulebook)
    assert len(again) >= 40
    assert {row.verdict for row, _ in again} >= {"hold", "refuse"}
    assert [(row.verdict, row.rules, found.note) for row, found in again if not found.agrees] == []


def play(world: World, chance: Random) -> None:
    """Two campaigns, people of every kind, and what happens to them over two days."""
    campaigns = [
        world.a_campaign("Sales", sms=True, lawful_basis=LawfulBasis.LEGITIMATE_INTEREST),
        world.a_campaign("Survey", purpose=Purpose.RESEARCH, lawful_basis=LawfulBasis.CONSENT),
    ]
    people = [somebody(world, chance, place) for place in range(16)]
    for campaign in campaigns:
        world.enrol(campaign, *people)
    for _ in range(3):
        world.now += timedelta(minutes=chance.randrange(20, 900))
        make_due(world)
        happen(world, chance)
        for campaign in campaigns:
            for lane in (Lane.PREDICTIVE, Lane.SMS):  # previews are decided about on the way, and offered elsewhere
                world.dispatch(campaign, lane)


def somebody(world: World, chance: Random, place: int) -> int:
    country, region, postal_code = chance.choice(REGIONS)
    return world.a_contact(
        [chance.choice(PLACES).format(100 + place)],
        line_type=chance.choice(list(LineType)),
        automated=chance.random() < 0.4,
        texts=chance.random() < 0.4,
        country=country,
        region=region,
        **({"postal_code": postal_code} if postal_code else {}),
    )


def happen(world: World, chance: Random) -> None:
    """Some attempts end, somebody says no, somebody writes, a jurisdiction is halted and opened again."""
    with world.store.write() as tx:
        for row in world.attempts():
            if chance.random() < 0.7:
                attempts.end(tx, row.id, chance.choice([Outcome.NO_ANSWER, Outcome.ABANDONED]), world.now, {})
                attempts.vacate(tx, row.id, row.number_key, row.channel)
        keys = [row.number_key for row in tx.execute(select(decisions.c.number_key).distinct())]
        for key in keys:
            if chance.random() < 0.1:
                kind = chance.choice([SuppressionKind.DO_NOT_CALL, SuppressionKind.OBJECTION])
                suppressions.add(tx, seller_id="acme", number_key=key, kind=kind, at=world.now, source="reply")
            if chance.random() < 0.1:
                tx.execute(insert(inbound_contacts).values(heard(world, key)))
    if chance.random() < 0.5:
        with world.store.write() as tx:
            halts.declare(tx, halts.Halt("jurisdiction", "GB", None, "kim"), world.now)
    elif chance.random() < 0.5:
        halts.lift(world.store, "jurisdiction", "GB", world.now)


def heard(world: World, key: bytes) -> dict[str, object]:
    message_id = new_id(world.now)
    return {
        "id": message_id,
        "seller_id": "acme",
        "number_key": key,
        "channel": "sms",
        "sid": f"SM{message_id.hex}",
        "sender": "+12125550101",
        "at": world.now,
    }


def make_due(world: World) -> None:
    with world.store.write() as tx:
        tx.execute(update(enrollments).values(stage="due", lane=Lane.PREDICTIVE, next_eligible_at=world.now))


def ask_all_again(world: World, loaded: Rulebook) -> list[tuple[Record, Recomputed]]:
    recomputer = Recomputer(world.store.keyring, loaded)
    with world.store.read() as tx:
        return [(row, recomputer.ask_again(tx, row)) for row in tx.execute(select(decisions)).all()]


def one_decision(world: World) -> None:
    campaign = world.a_campaign()
    world.enrol(campaign, world.a_contact(numbers(1)))
    world.dispatch(campaign)


def test_an_old_decision_is_explained_by_the_rules_of_its_own_day(world: World) -> None:
    one_decision(world)
    files = rule_texts()
    assert rulebooks.remember(world.store, world.rulebook.digest, files, NOON)
    assert not rulebooks.remember(world.store, world.rulebook.digest, files, NOON)
    stricter = rulebook_of(THREE_RULES.replace('["08:00", "21:00"]', '["09:00", "10:00"]'))
    [(_, found)] = ask_all_again(world, stricter)
    assert found.agrees
    assert "in force then and not now" in found.note


def rule_texts() -> dict[str, str]:
    plans = {name: text for name, text in rule_files(CONFIG).items() if name.startswith("numbering/")}
    return {**plans, "rules/test.toml": THREE_RULES}


def test_without_the_rules_of_that_day_what_was_stored_is_shown_and_nothing_is_claimed(world: World) -> None:
    one_decision(world)
    [(_, found)] = ask_all_again(world, rulebook_of(THREE_RULES + "\n# another text\n"))
    assert (found.agrees, found.answer) == (None, None)
    assert "is not stored" in found.note
    assert found.facts["contact"]["number"] == numbers(1)[0]


def test_a_verdict_that_somebody_changed_in_the_database_is_found_out(world: World) -> None:
    world.now = NOON - timedelta(hours=8)
    one_decision(world)
    with world.store.write() as tx:
        tx.execute(update(decisions).values(verdict="allow", rules=[], until=None))
    [(_, found)] = ask_all_again(world, world.rulebook)
    assert found.agrees is False


def test_a_hold_by_hand_is_recomputed_from_the_halt_that_made_it(world: World) -> None:
    with world.store.write() as tx:
        halts.declare(tx, halts.Halt("jurisdiction", "US", None, "kim"), NOON)
    one_decision(world)
    world.now += timedelta(hours=1)
    halts.lift(world.store, "jurisdiction", "US", world.now)
    [(row, found)] = ask_all_again(world, world.rulebook)
    assert row.rules == ["halt"]
    assert found.agrees
