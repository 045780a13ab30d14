"""Wherever free text enters, the number of a card does not."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.card_numbers import REDACTED
from orchestrator.domain.errors import UserError
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.domain.paper import Paper, PaperKind
from orchestrator.persistence import answers, papers
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.inbox import EVENT
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbound_contacts, inbox
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.people import contacts, senders
from orchestrator.pipeline.reception import receiving
from tests.integration.retention.test_backups import Typed, lite, typed
from tests.world import NOON, SENDER, World, numbers

__all__ = ["lite", "typed"]
CARD = "4111 1111 1111 1111"
NUMBER = numbers(1, start=50)[0]


def test_what_people_write_is_stored_without_it(lite: World) -> None:
    lite.a_seller()
    with lite.store.write() as tx:
        tx.execute(insert(senders).values(address=SENDER, seller_id="acme", created_at=NOON))
    said = CarrierEvent(
        kind=EventKind.INBOUND_MESSAGE, key="in:1", sid="SM" + "8" * 32, to=SENDER, from_=NUMBER,
        body=f"take {CARD} ok?",
    )  # fmt: skip
    assert receiving.receive(lite.store, said, NOON, lambda _: Intent.OTHER)
    keyring = lite.store.keyring
    with lite.store.read() as tx:
        heard = tx.execute(select(inbound_contacts.c.body_sealed)).scalar_one()
        raw = tx.execute(select(inbox.c.event_sealed)).scalar_one()
    assert keyring.open(heard, receiving.BODY) == f"take {REDACTED} ok?"
    assert keyring.open_json(raw, EVENT)["body"] == f"take {REDACTED} ok?"


def test_a_cell_of_a_list_is_left_out_and_the_record_comes_in(lite: World, typed: Typed, tmp_path: Path) -> None:
    lite.a_seller()
    file = tmp_path / "spring.csv"
    file.write_text(f"first_name,last_name,address,phone\nAda,Ames,{CARD},{NUMBER}\n", "utf-8")
    typed("lists", "import", file, "--name", "spring", "--seller", "acme", "--country", "US")
    with lite.store.read() as tx:
        profile = lite.store.keyring.open_json(tx.execute(select(contacts.c.profile_sealed)).scalar_one(), PROFILE)
        reason = tx.execute(select(list_rows.c.reason)).scalar_one()
    assert CARD not in json.dumps(profile)
    assert profile["first_name"] == "Ada"
    assert "address: holds the number of a payment card, which is left out" in reason


@pytest.mark.parametrize(
    "words",
    [
        ("suppress", NUMBER, "--reason", CARD),
        ("callers", "rest", SENDER, "--reason", CARD),
        ("twilio", "settle", "CA" + "0" * 32, "--note", CARD),
        ("retention", "hold", NUMBER, "--seller", "acme", "--reason", CARD),
    ],
)
def test_a_reason_with_one_is_refused_and_not_repeated(lite: World, typed: Typed, words: tuple[str, ...]) -> None:
    lite.a_seller()
    said = typed(*words)
    assert said.startswith("1: ")
    assert "payment card" in said
    assert "1111" not in said


def test_answers_kept_for_use_again_and_titles_of_papers_refuse_it(sqlite_store: Store) -> None:
    World(sqlite_store, None).a_seller()  # type: ignore[arg-type]
    paper = Paper(
        seller_id="acme", kind=next(iter(PaperKind)), title=CARD, valid_from=date(2026, 1, 1), sha256="0" * 64
    )
    with sqlite_store.write() as tx:
        with pytest.raises(UserError, match="The answer holds"):
            answers.can(tx, "acme", "pay", f"your card {CARD}", "cli", NOON)
        with pytest.raises(UserError, match="The title holds"):
            papers.add(tx, sqlite_store.keyring, paper, None, "cli", NOON)
