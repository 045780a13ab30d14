"""A thousand texts under every fault of the sandbox and killed workers: none is sent twice, each comes to its end."""

import random
from pathlib import Path

import pytest

from orchestrator.persistence.store import Store
from tests.journeys.stage import staged
from tests.journeys.test_faults import fail_in_every_way
from tests.journeys.texting import (
    POPULATION,
    QUICK,
    ask_about_delivery_now,
    check_texts,
    kill_workers,
    people_to_text,
    planned,
)
from tests.world import NOON, numbers

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]
PEOPLE, KILLS = 1000, 3


def test_a_thousand_texts_are_sent_once_each_with_every_fault_on(tmp_path: Path, sqlite_store: Store) -> None:
    to = numbers(PEOPLE)
    with staged(tmp_path, sqlite_store, POPULATION) as stage:
        stage.environment["ORCHESTRATOR_WAITS"] = QUICK
        with stage.building() as world:
            people_to_text(world, to)
        stage.open()
        fail_in_every_way(stage)
        kill_workers(stage, KILLS, 100, random.Random(20261122))
        stage.start_worker()
        stage.until(lambda: planned(stage, NOON) >= PEOPLE, "a plan for each")
        ask_about_delivery_now(stage)
        stage.until_quiet()
        case = check_texts(stage, to)
    answers, lost = case.report["answers"], case.report["counts"]["callbacks_lost"]
    assert {"POST Messages 429", "POST Messages 500", "POST Messages 0"} <= answers.keys(), answers
    assert lost["messages"] > 0
    assert {"delivered", "sent", "undelivered"} <= {attempt.outcome for attempt in case.attempts}
