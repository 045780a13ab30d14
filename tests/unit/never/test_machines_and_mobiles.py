"""From the tables to the carrier: no machine dials a mobile without proven consent, no text goes without consent."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Stage
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.contact_request import Channel, ConsentLevel, LineType, Mode
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import UserError
from orchestrator.installation import prove
from orchestrator.persistence import campaigns
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.people import consents
from orchestrator.pipeline import offers
from orchestrator.settings import Settings
from orchestrator.strategies.strategy import Step, Strategy
from tests.unit.strategies.test_no_machine_without_consent import STEPS_AS_BUILT
from tests.world import NOON, World, a_plan, numbers

QUICKLY = (Phase.reuse, Phase.generate, Phase.shrink)  # an explanation takes minutes, and says little
AGENTS = ("ada", "ben", "kim")
WEAK = {ConsentLevel.IMPLIED, ConsentLevel.SOFT_OPT_IN}


@dataclass(frozen=True)
class Word:
    """What a person said once about one number; hours from now."""

    event: str
    channel: str
    level: ConsentLevel
    automated: bool
    said: int
    expires: int | None
    evidence: bool
    to_caller: bool
    purpose: str | None = None


WORDS = st.builds(
    Word,
    event=st.sampled_from(["given", "given", "given", "withdrawn", "refused", "invalidated"]),
    channel=st.sampled_from(["any", "voice", "sms"]),
    level=st.sampled_from(ConsentLevel),
    automated=st.booleans(),
    said=st.integers(-3, 0),
    expires=st.none() | st.integers(-2, 2),
    evidence=st.booleans(),
    to_caller=st.booleans(),
    purpose=st.sampled_from([None, "telemarketing", "research"]),  # the campaign sells
)
People = Sequence[tuple[LineType, Sequence[Word]]]
PEOPLE = st.lists(st.tuples(st.sampled_from(LineType), st.lists(WORDS, max_size=3)), min_size=1, max_size=4)


def agreed(words: Sequence[Word], channel: Channel) -> bool:
    """Said again in the words of the law, apart from the code under test."""
    return any(
        word.event == "given"
        and word.evidence
        and word.to_caller
        and word.purpose in {None, "telemarketing"}
        and word.channel in {"any", channel}
        and (word.expires is None or word.expires > 0)
        and (channel is Channel.SMS or (word.automated and word.level not in WEAK))
        and not any(_takes_back(later, word) for later in words)
        for word in words
    )


def _takes_back(later: Word, word: Word) -> bool:
    meant = later.channel in {"any", word.channel} or word.channel == "any"
    about = later.purpose in {None, word.purpose} or word.purpose is None
    return later.event != "given" and later.said >= word.said and meant and about


@contextmanager
def a_world(template: Path, keyring: Keyring) -> Iterator[World]:
    """A world of its own for each example."""
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{shutil.copy(template, Path(folder) / 'never.sqlite3')}")
        world = World(prove(Store(engine, keyring), Settings()), InProcessCarrier(now=lambda: NOON))
        try:
            yield world
        finally:
            world.close()
            engine.dispose()


def launch(world: World, strategy: Strategy, mode: Mode) -> int:
    """A campaign of calls and texts that follows this strategy."""
    world.engine = replace(world.engine, strategies={"random": strategy})
    world.dispatcher = replace(world.dispatcher, engine=world.engine)
    plan = a_plan("Random", voice=True, sms=True)
    assert plan.voice is not None
    plan = replace(plan, strategy="random", voice=replace(plan.voice, mobile_without_consent=mode))
    world.a_seller()
    with world.store.write() as tx:
        campaign = campaigns.create(tx, plan, world.now)
        campaigns.change_state(tx, campaign, {CampaignState.DRAFT}, CampaignState.RUNNING, None)
        campaigns.mark_launched(tx, campaign, world.now)
    return campaign


def say(world: World, number: str, words: Sequence[Word]) -> None:
    rows = [
        {
            "seller_id": "acme",
            "number_key": world.store.keyring.number_key(number),
            "event": word.event,
            "channel": word.channel,
            "level": word.level,
            "automated": word.automated,
            "happened_at": NOON + timedelta(hours=word.said),
            "recorded_at": NOON,
            "expires_at": None if word.expires is None else NOON + timedelta(hours=word.expires),
            "evidence_sealed": world.store.keyring.seal("the form", "consents.evidence") if word.evidence else None,
            "to_caller": word.to_caller,
            "purpose": word.purpose,
        }
        for word in words
    ]
    if rows:
        with world.store.write() as tx:
            tx.execute(insert(consents), rows)


def work_every_lane(world: World, campaign: int) -> None:
    """Twice, since who is due on another lane moves there first; agents say yes to all that is laid before them."""
    for _ in range(2):
        for lane in (Lane.PREDICTIVE, Lane.PROGRESSIVE, Lane.SMS):
            world.dispatch(campaign, lane)
        offers.run_once(world.dispatcher, world.campaign(campaign))
        for agent in AGENTS:
            try:
                offers.accept(world.store, agent, world.now)
            except UserError:
                continue  # nobody lies before this one
    offers.run_once(world.dispatcher, world.campaign(campaign))
    assert world.placer.drain(30)


def contacted(world: World, drawn: Mapping[str, tuple[LineType, Sequence[Word]]]) -> list[tuple[LineType, bool, str]]:
    """Whom the carrier was asked to reach, as (line type, whether they agreed, mode or sms)."""
    carrier = world.carrier
    assert isinstance(carrier, InProcessCarrier)
    asked = {order.reference for order in carrier.orders.values()}  # type: ignore[union-attr]
    found = []
    by_key = {world.store.keyring.number_key(number): facts for number, facts in drawn.items()}
    for attempt in world.attempts():
        assert attempt.stage != Stage.PLANNED
        line_type, words = by_key[bytes(attempt.number_key)]
        if attempt.id in asked:
            found.append((line_type, agreed(words, Channel(attempt.channel)), attempt.mode or attempt.channel))
    return found


def run(
    template: Path,
    keyring: Keyring,
    people: People,
    steps: Sequence[Step],
    mode: Mode,
    lane: Lane,
) -> list[tuple[LineType, bool, str]]:
    drawn = dict(zip(numbers(len(people)), people, strict=True))
    with a_world(template, keyring) as world:
        campaign = launch(world, Strategy(name="random", steps=tuple(steps)), mode)
        for agent in AGENTS:
            world.an_agent(agent)
        for number, (line_type, words) in drawn.items():
            world.enrol(campaign, world.a_contact([number], line_type=line_type), lane=lane)
            say(world, number, words)
        work_every_lane(world, campaign)
        return contacted(world, drawn)


@given(
    people=PEOPLE,
    steps=STEPS_AS_BUILT,
    mode=st.sampled_from([Mode.PREVIEW, Mode.PROGRESSIVE]),
    lane=st.sampled_from(Lane),
)
@settings(max_examples=80, deadline=None, phases=QUICKLY, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_machine_dials_a_mobile_without_consent_and_no_text_goes_without_it(
    sqlite_template: Path,
    keyring: Keyring,
    people: People,
    steps: Sequence[Step],
    mode: Mode,
    lane: Lane,
) -> None:
    for line_type, has_agreed, by in run(sqlite_template, keyring, people, steps, mode, lane):
        if by not in {Mode.PREVIEW, Mode.PROGRESSIVE}:
            assert has_agreed or (line_type is LineType.LANDLINE and by != Channel.SMS), by


YES = Word(
    "given", "any", ConsentLevel.EXPRESS_WRITTEN, automated=True, said=-3, expires=None, evidence=True, to_caller=True
)
BY_AGENTS = Step(
    name="all",
    channel=Channel.VOICE,
    line_types=frozenset(LineType),
    automated_consent=None,
    mode=None,
    patience_seconds=0,
)
BY_MACHINE = replace(BY_AGENTS, automated_consent=True, mode=Mode.PREDICTIVE)


def test_the_property_sees_machines_and_agents_dial(sqlite_template: Path, keyring: Keyring) -> None:
    """Else it would hold of a product that contacts nobody."""
    agreed: People = [(LineType.MOBILE, [YES])]
    seen = run(sqlite_template, keyring, agreed, [BY_MACHINE], Mode.PREVIEW, Lane.SMS)
    assert seen == [(LineType.MOBILE, True, "predictive")]
    silent: People = [(LineType.MOBILE, [])]
    seen = run(sqlite_template, keyring, silent, [BY_AGENTS], Mode.PREVIEW, Lane.PREDICTIVE)
    assert seen == [(LineType.MOBILE, False, "preview")]
