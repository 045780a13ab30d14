"""People who are the same for the same seed, in the shares that were asked for."""

from collections import Counter
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.mix import Mix, load_mix
from sandbox.people import People
from sandbox.population import CallOutcome, Population

NUMBERS = [f"+1202555{ordinal:04}" for ordinal in range(2000)]


def test_a_seed_fixes_everybody_and_every_attempt() -> None:
    first, again, other = Population(7), Population(7), Population(8)
    plans = [[p.call_plan(number, 2) for number in NUMBERS[:50]] for p in (first, again, other)]
    assert plans[0] == plans[1]
    assert plans[0] != plans[2]
    assert [first.persona(n) for n in NUMBERS[:50]] == [again.persona(n) for n in NUMBERS[:50]]
    assert [first.message_plan(n, 1) for n in NUMBERS[:50]] == [again.message_plan(n, 1) for n in NUMBERS[:50]]


def test_outcomes_come_in_their_shares() -> None:
    population = Population(1)
    counts = Counter(population.call_plan(number, 1).outcome for number in NUMBERS)
    for outcome, share in Mix().outcomes.items():
        assert abs(counts[CallOutcome(outcome)] / len(NUMBERS) - share) < 0.04


def test_a_number_out_of_service_never_answers_and_a_person_differs_from_call_to_call() -> None:
    population = Population(1)
    dead = next(number for number in NUMBERS if not population.persona(number).in_service)
    assert {population.call_plan(dead, ordinal).outcome for ordinal in range(1, 20)} == {CallOutcome.FAILED}
    alive = next(number for number in NUMBERS if population.persona(number).in_service)
    assert len({population.call_plan(alive, ordinal).outcome for ordinal in range(1, 40)}) >= 3


def test_pinned_outcomes_come_in_order_and_the_last_remains() -> None:
    people = People(Population(1))
    people.pin(NUMBERS[0], {"outcomes": ["no_answer", "busy", "human"], "talk_seconds": 12})
    plans = [people.next_call(NUMBERS[0]) for _ in range(4)]
    assert [plan.outcome for plan in plans] == ["no_answer", "busy", "human", "human"]
    assert {plan.talk_seconds for plan in plans} == {12}


def test_pinned_replies_come_in_order_and_then_stop() -> None:
    people = People(Population(1))
    people.pin(NUMBERS[0], {"line_type": "mobile", "replies": [None, "HELP", "STOP"]})
    assert [people.next_message(NUMBERS[0]).reply for _ in range(4)] == [None, "HELP", "STOP", None]


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcomes": ["maybe"]},
        {"outcomes": []},
        {"talk_seconds": -1},
        {"talk_seconds": "long"},
        {"detected_as": "alien"},
        {"hangs_up_before_bridge": 1},
        {"shoe_size": 42},
    ],
)
def test_a_wish_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SandboxError):
        People(Population(1)).pin(NUMBERS[0], wrong)


def test_a_population_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "quiet.toml"
    file.write_text("talk_seconds = [5, 6]\nstop_wordings = ['STOP']\npresses_nine = 1\n[outcomes]\nhuman = 1\n")
    mix = load_mix(file)
    assert (mix.talk_seconds, mix.stop_wordings, mix.outcomes) == ((5, 6), ("STOP",), {"human": 1})
    plan = Population(1, mix).call_plan(NUMBERS[0], 1)
    assert (plan.outcome, plan.presses) == ("human", "9")
    assert 5 <= plan.talk_seconds <= 6


@pytest.mark.parametrize(
    "text",
    [
        "talk_seconds = [6, 5]",
        "talk_seconds = 5",
        "presses_nine = 1.5",
        "mood = 'good'",
        "[outcomes]\nalien = 1",
        "[outcomes]\nhuman = 0",
        "stop_wordings = [1]",
        "not toml",
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.toml"
    file.write_text(text)
    with pytest.raises(SandboxError, match=r"odd\.toml"):
        load_mix(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"gone\.toml"):
        load_mix(tmp_path / "gone.toml")
