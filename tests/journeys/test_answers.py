"""Two people at two terminals answer somebody who wrote: typed commands, over HTTP."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.pipeline.planning import BODY
from orchestrator.pipeline.reception.receiving import receive
from tests.journeys.stage import Stage, staged
from tests.world import CONFIG, SENDER

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]
PERSON = "+12125550123"


def typed(stage: Stage, by: str, *words: str) -> "subprocess.Popen[str]":
    """A command of somebody's, under way."""
    return subprocess.Popen(
        [sys.executable, "-m", "orchestrator", *words],
        env={**os.environ, **stage.environment, "LOGNAME": by},
        cwd=CONFIG.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(command: "subprocess.Popen[str]") -> str:
    """All that it said."""
    return "".join(command.communicate(timeout=60))


def writes(stage: Stage, body: str, sid: str) -> None:
    event = CarrierEvent(kind=EventKind.INBOUND_MESSAGE, key=sid, sid=sid, to=SENDER, from_=PERSON, body=body)
    receive(stage.store, event, stage.clock.now(), lambda _: "other")


def test_of_two_who_type_an_answer_at_once_one_sends_and_the_other_reads_who_did(tmp_path: Path, store: Store) -> None:
    with staged(tmp_path, store) as stage:
        with stage.building() as world:
            world.a_seller()
        stage.environment["ORCHESTRATOR_REGISTRIES_DIR"] = str(tmp_path)
        stage.open()
        writes(stage, "do you work on Sundays?", "SM1")
        people = {by: typed(stage, by, "messages", "answer", "1", f"Acme Roofing: yes. {by}") for by in ("kim", "lee")}
        told = {by: said(command) for by, command in people.items()}
        (winner,) = (by for by, words in told.items() if words.startswith("Sent as SM"))
        (loser,) = people.keys() - {winner}
        assert f"cli:{winner} has answered this already" in told[loser]
        assert "Traceback" not in told[loser]
        assert stage.report()["answers"] == {"POST Messages 201": 1}
        with store.read() as tx:
            (sent,) = tx.execute(select(attempts)).all()
        assert store.keyring.open(sent.body_sealed, BODY) == f"Acme Roofing: yes. {winner}"
