"""A thousand texts under every fault of the sandbox and killed workers: none is sent twice, each comes to its end."""

import random
from pathlib import Path

import pytest
from sqlalchemy import select

from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.texting import sender_rests
from tests.journeys.stage import staged
from tests.journeys.test_faults import fail_in_every_way
from tests.journeys.texting import (
    POOL,
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
        stage.control("senders", {"address": POOL[0], "error_code": 30034})  # it is not registered, as it turns out
        kill_workers(stage, KILLS, 100, random.Random(20261122))
        stage.start_worker()
        stage.until(lambda: planned(stage, NOON) >= PEOPLE, "a plan for each")
        ask_about_delivery_now(stage)
        stage.until_quiet()
        case = check_texts(stage, to)
    assert [(rest.address, rest.kind) for rest in case.rows(select(sender_rests))] == [(POOL[0], "not-ready")]
    assert {attempt.from_address for attempt in case.attempts if attempt.outcome == "delivered"} == set(POOL[1:])
    answers, lost = case.report["answers"], case.report["counts"]["callbacks_lost"]
    assert {"POST Messages 429", "POST Messages 500", "POST Messages 0"} <= answers.keys(), answers
    assert lost["messages"] > 0
    assert {"delivered", "sent", "undelivered"} <= {attempt.outcome for attempt in case.attempts}
