"""An answer by hand is in the person's story, in a pack, in what they are told, and sealed; and it goes with them."""

import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.config_files import load_retention
from orchestrator.domain.carrier import MessageStatus
from orchestrator.domain.rights import Asked, Right
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.conversations import answers
from orchestrator.persistence.tables.deliveries import inbox
from orchestrator.persistence.tables.rights import carrier_erasures
from orchestrator.pipeline.evidence.checking import check_pack
from orchestrator.pipeline.evidence.complaint import Complaint
from orchestrator.pipeline.evidence.pack import make_pack
from orchestrator.pipeline.explain import explain
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.rights.answering import answer as answer_request
from orchestrator.pipeline.rights.disclosure import Book
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.sealing import sealer
from orchestrator.pipeline.sealing.verifying import verify
from tests.integration.reception.world import ACME, NOW, PERSON, open_house
from tests.integration.replies.desk import TEXT, answer, hear, tell
from tests.world import CONFIG, World

LAW = RightsLaw.parse((CONFIG / "rights.toml").read_text("utf-8"))


@pytest.fixture
def answered(store: Store, law: Rulebook) -> Iterator[World]:
    """Somebody on Acme's list wrote, kim answered, and it was delivered."""
    open_house(store)
    world = World(store, InProcessCarrier(now=lambda: NOW), now=NOW, rulebook=law)
    world.a_contact([PERSON], seller=ACME)
    answer(world, hear(world, "do you work on Sundays?", "SM1"))
    tell(world, world.attempts()[0], MessageStatus.DELIVERED)
    yield world
    world.close()


def asking(right: Right) -> Asked:
    return Asked(right=right, named=PERSON, received_at=NOW, channel="letter", by="cli:ops")


def test_a_story_tells_who_answered_and_that_the_gate_would_say_so_again(answered: World) -> None:
    (story,) = explain(answered.store, answered.rulebook, PERSON, NOW)
    told = {event.kind: event for event in story.events}
    assert "campaign 'Answers by hand': a message to" in told["attempt"].sentence
    assert "written by cli:kim" in told["attempt"].sentence
    assert "it was delivered" in told["attempt"].sentence
    assert told["decision"].facts["agrees"] is True
    assert told["decision"].facts["attempt_id"] == told["attempt"].facts["id"]


def test_a_pack_shows_the_answer_with_its_author_and_proves_both(answered: World, tmp_path: Path) -> None:
    sealer.run_once(answered.store, NOW)
    begins, ends = NOW - timedelta(days=1), NOW + timedelta(days=1)
    complaint = Complaint(number=PERSON, seller_id=ACME, begins=begins, ends=ends, text="they wrote to me")
    pack = make_pack(answered.store, answered.rulebook, complaint, "cli:ops", NOW)
    path = tmp_path / "pack.zip"
    path.write_bytes(pack.content)
    assert check_pack(path).is_sound
    with zipfile.ZipFile(path) as archive:
        sections: list[dict[str, Any]] = json.loads(archive.read("evidence.json"))["sections"]
    parts = {section["number"]: section["items"] for section in sections}
    (tried,) = parts[2]
    assert "written by cli:kim" in tried["sentence"]
    assert parts[3][0]["asked_again"]["agrees"] is True
    sent = next(item for item in parts[7] if item.get("words") == TEXT)
    assert sent["answer"]["row"]["written_by"] == "cli:kim"
    assert {sent["entry"]["log"], sent["answer"]["entry"]["log"], tried["entry"]["log"]} == {ACME}
    assert verify(answered.store, NOW).findings == []


def test_who_changes_the_author_of_an_answer_is_found_out(answered: World) -> None:
    sealer.run_once(answered.store, NOW)
    with answered.store.write() as tx:
        tx.execute(answers.update().values(written_by="cli:lee"))
    assert [finding.relation for finding in verify(answered.store, NOW).findings] == ["answers"]


def test_an_access_tells_the_person_what_they_were_answered(answered: World, tmp_path: Path) -> None:
    book = Book(answered.store, answered.rulebook, LAW, load_retention(CONFIG))
    done = answer_request(book, asking(Right.ACCESS), ACME, tmp_path, NOW)
    (file,) = [path for path in done.files if path.suffix == ".json"]
    form: dict[str, Any] = json.loads(file.read_text("utf-8"))
    assert [row["body"] for row in form["records"]["attempts"]] == [TEXT]
    assert any("Answers by hand" in event["sentence"] for event in form["history"] if event["kind"] == "attempt")


def test_an_erasure_takes_the_words_and_late_news_bring_nothing_back(answered: World) -> None:
    (sent,) = answered.attempts()
    assert Eraser(answered.store, LAW, "cli:ops").ask(asking(Right.ERASE), ACME, NOW).state == "done"
    tell(answered, sent, MessageStatus.READ)
    with answered.store.read() as tx:
        row = tx.execute(select(attempts)).one()
        assert tx.execute(select(inbox)).all() == []
        assert sent.sid in tx.execute(select(carrier_erasures.c.sid)).scalars().all()
    assert (answered.store.keyring.open(row.to_sealed, TO), row.body_sealed) == ("", None)
