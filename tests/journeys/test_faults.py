"""Every fault of the sandbox at once: what people experience, and what we record of it, is the same as without."""

import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, update

from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.installation import prove
from orchestrator.persistence.dossiers import NUMBER
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.persistence.tables.people import contact_points, suppressions
from orchestrator.settings import Settings
from sandbox.faults import FaultKind
from tests.journeys.invariants import Case, check
from tests.journeys.stage import Stage, YesSayers, staged
from tests.world import World, numbers

pytestmark = pytest.mark.slow
EVERY_FAULT = (
    ("callback-late", {"probability": 0.2, "seconds": 15}),
    ("callback-doubled", {"probability": 0.2}),
    ("callback-lost", {"probability": 0.2}),
    ("callback-reordered", {"probability": 0.2}),
    ("create-busy", {"probability": 0.1}),
    ("create-error-after-accepting", {"probability": 0.1}),
    ("create-reset-after-accepting", {"probability": 0.1}),
    ("slow-answer", {"probability": 0.2, "seconds": 0.3}),
    ("lookup-failing", {"probability": 0.1}),
    ("listing-lag", {"seconds": 20}),
)
# Whom we meet, over and over; what a call comes to depends on the person and on how often they were called.
CALLED = (["human"], ["busy", "human"], ["no_answer", "human"], ["busy", "no_answer"], ["machine"])
TEXTED: Sequence[Mapping[str, object]] = (
    {"message_outcome": "delivered", "reply": None},
    {"message_outcome": "undelivered", "message_error_code": 30003, "reply": None},
    {"message_outcome": "delivered", "reply": "STOP", "reply_delay_seconds": 10},
)
TO_CALL, TO_TEXT, AGENTS = numbers(40), numbers(20, start=40), 10


@dataclass(frozen=True)
class Experience:
    """What came of one person: the outcomes in order, where the enrollment stands, and whether they said stop."""

    outcomes: tuple[str, ...]
    stage: str
    done_reason: str | None
    stopped: bool


@contextmanager
def a_stage(folder: Path, template: Path, keyring: Keyring) -> Iterator[Stage]:
    folder.mkdir()
    shutil.copy(template, folder / "journey.sqlite3")
    engine = open_engine(f"sqlite:///{folder / 'journey.sqlite3'}")
    try:
        with staged(folder, prove(Store(engine, keyring), Settings())) as stage:
            yield stage
    finally:
        engine.dispose()


def previews_and_texts(stage: Stage, *, faults: bool) -> Case:
    with stage.building() as world:
        calls, texts = world.a_campaign("Calls"), world.a_campaign("Texts", voice=False, sms=True)
        to_call = [world.a_contact([number], line_type=LineType.MOBILE) for number in TO_CALL]
        to_text = [world.a_contact([number], line_type=LineType.MOBILE, texts=True) for number in TO_TEXT]
        world.enrol(calls, *to_call, lane=Lane.PREVIEW)
        world.enrol(texts, *to_text, lane=Lane.SMS)
    stage.sign_in(AGENTS)
    stage.open()
    for at, number in enumerate(TO_CALL):
        stage.pin(number, line_type="mobile", outcomes=CALLED[at % len(CALLED)], ring_seconds=2, talk_seconds=5)
        stage.pin(number, patience_seconds=90)
    for at, number in enumerate(TO_TEXT):
        stage.pin(number, line_type="mobile", delivery_seconds=2, **TEXTED[at % len(TEXTED)])
    if faults:
        fail_in_every_way(stage)
    stage.look_up(calls)
    stage.look_up(texts)
    stage.start_worker()
    with YesSayers(stage):
        stage.until_quiet()
    return check(stage.store, stage.report())


def fail_in_every_way(stage: Stage) -> None:
    assert {kind for kind, _ in EVERY_FAULT} == set(FaultKind)
    for kind, wishes in EVERY_FAULT:
        stage.fault(kind, **wishes)


def assert_they_struck(case: Case) -> None:
    """Faults that never happen prove nothing."""
    answers = case.report["answers"]
    assert {"POST Calls 429", "POST Calls 500", "POST Calls 0", "GET PhoneNumber 503"} <= answers.keys(), answers
    assert case.report["counts"]["callbacks_lost"]["calls"] > 0


def experiences(case: Case) -> Mapping[str, Experience]:
    """By number; what the carrier was never asked for is nobody's experience."""
    outcomes: dict[int, list[str]] = defaultdict(list)
    for attempt in case.attempts:
        outcomes[attempt.enrollment_id] += [attempt.outcome] if attempt.outcome != "never_sent" else []
    said = {bytes(row.number_key) for row in case.rows(select(suppressions))}
    people = select(enrollments, contact_points.c.number_sealed, contact_points.c.number_key).join(
        contact_points, contact_points.c.contact_id == enrollments.c.contact_id
    )
    return {
        case.store.keyring.open(row.number_sealed, NUMBER): Experience(
            tuple(outcomes[row.id]), row.stage, row.done_reason, bytes(row.number_key) in said
        )
        for row in case.rows(people)
    }


def test_previews_and_texts_come_to_the_same_with_every_fault_on(
    tmp_path: Path, sqlite_template: Path, keyring: Keyring
) -> None:
    with a_stage(tmp_path / "plain", sqlite_template, keyring) as stage:
        plain = experiences(previews_and_texts(stage, faults=False))
    with a_stage(tmp_path / "faulty", sqlite_template, keyring) as stage:
        case = previews_and_texts(stage, faults=True)
        assert_they_struck(case)
        faulty = experiences(case)
    assert [(plain[number], faulty[number]) for number in plain if plain[number] != faulty[number]] == []
    assert {one.outcomes for one in plain.values()} >= {("busy", "reached"), ("delivered",), ("undelivered",)}
    assert sum(one.stopped for one in plain.values()) == len(TO_TEXT[2 :: len(TEXTED)])


POPULATION = """
outcomes = { human = 0.6, busy = 0.1, no_answer = 0.1, machine = 0.15, failed = 0.05 }
line_types = { landline = 1.0 }
ring_seconds = [1.0, 4.0]
machine_ring_seconds = [1.0, 4.0]
machine_greeting_seconds = [1.0, 3.0]
talk_seconds = [2.0, 8.0]
presses_nine = 0.5
"""


def test_machines_that_dial_keep_every_promise_with_every_fault_on(tmp_path: Path, sqlite_store: Store) -> None:
    with staged(tmp_path, sqlite_store, POPULATION) as stage:
        with stage.building() as world:
            campaign = world.a_campaign()
            world.enrol(campaign, *[world.a_contact([number], automated=True) for number in numbers(80)])
            detect_machines(world, campaign)
        stage.sign_in(4)
        stage.open()
        fail_in_every_way(stage)
        stage.look_up(campaign)
        stage.start_worker()
        stage.until_quiet()
        case = check(stage.store, stage.report())
    assert_they_struck(case)
    assert {attempt.mode for attempt in case.attempts} == {"predictive"}
    assert {"reached", "machine", "never_sent"} <= {attempt.outcome for attempt in case.attempts}


def detect_machines(world: World, campaign: int) -> None:
    """The agent is joined at once, and the verdict on who answered comes beside the call."""
    with world.store.write() as tx:
        plan = tx.execute(select(campaigns.c.plan).where(campaigns.c.id == campaign)).scalar_one()
        plan["voice"]["amd"] = AmdMode.CONNECT_FIRST
        tx.execute(update(campaigns).where(campaigns.c.id == campaign).values(plan=plan))
