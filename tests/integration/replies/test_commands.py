"""The inbox as it is typed."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from orchestrator.cli import main
from orchestrator.domain.campaign import Seller
from orchestrator.persistence import sellers, senders
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.proof import access_numbers, accesses
from orchestrator.pipeline.reception.receiving import receive
from tests.conftest import KEYS
from tests.integration.reception.world import CALLER_ID, NOW, PERSON, an_inbound_message

Typed = Callable[..., tuple[int, str, str]]
MEANT = {"STOP": "stop", "see you Monday": "other", "hm, no": "unsure"}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_store: Store) -> Typed:
    """Run a command on a house in which one person has written three times."""
    with sqlite_store.write() as tx:
        sellers.add(tx, Seller(id="acme", name="Acme Roofing", country="US", callback_number="+12125550100"), NOW)
        senders.register(tx, "acme", CALLER_ID, None, NOW)
    for number, body in enumerate(MEANT):
        at = NOW + timedelta(minutes=number)
        receive(sqlite_store, an_inbound_message(body, sid=f"SM{number}"), at, lambda text: MEANT[text])
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_store.engine.url.render_as_string())
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["orchestrator", *words])
        with pytest.raises(SystemExit) as left:
            main.run()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


def test_a_thread_is_listed_without_its_number_opened_with_it_and_the_reading_is_noted(
    typed: Typed, sqlite_store: Store
) -> None:
    _, listed, _ = typed("messages", "threads", "--unread", "--json")
    (thread,) = json.loads(listed)
    assert (thread["person"], thread["unread"], thread["sender"]) == ("…23", 1, CALLER_ID)
    assert PERSON not in listed
    _, opened, _ = typed("messages", "show", str(thread["id"]), "--json")
    shown: dict[str, Any] = json.loads(opened)
    assert shown["number"] == PERSON
    assert [(one["text"], one["what"]) for one in shown["messages"]] == [
        ("STOP", "stop"), ("see you Monday", "other"), ("hm, no", "unsure")
    ]  # fmt: skip
    assert json.loads(typed("messages", "threads", "--unread", "--json")[1]) == []
    with sqlite_store.read() as tx:
        note = tx.execute(select(accesses)).one()
        key = tx.execute(select(access_numbers.c.number_key)).scalar_one()
    assert (note.action, note.actor[:4], note.people) == ("messages.show", "cli:", 1)
    assert bytes(key) == sqlite_store.keyring.number_key(PERSON)


def test_a_doubt_is_listed_and_decided_once(typed: Typed) -> None:
    (doubt,) = json.loads(typed("messages", "unsure", "--json")[1])
    assert doubt["text"] == "hm, no"
    code, said, _ = typed("messages", "confirm", str(doubt["id"]), "other")
    assert (code, "in another way" in said) == (0, True), "the STOP before it stands"
    code, _, wrong = typed("messages", "confirm", str(doubt["id"]), "stop")
    assert (code, "No doubt" in wrong) == (1, True)
    assert "Nothing waits" in typed("messages", "unsure")[1]
    assert json.loads(typed("messages", "threads", "--opt-outs", "--json")[1])


def test_threads_are_given_to_people_and_answers_are_kept_for_use_again(typed: Typed) -> None:
    (thread,) = json.loads(typed("messages", "threads", "--json")[1])
    assert "kim's" in typed("messages", "assign", str(thread["id"]), "kim")[1]
    assert len(json.loads(typed("messages", "threads", "--assigned-to", "kim", "--json")[1])) == 1
    assert json.loads(typed("messages", "threads", "--assigned-to", "lee", "--json")[1]) == []
    assert "nobody's" in typed("messages", "assign", str(thread["id"]))[1]
    typed("messages", "canned", "acme", "--add", "hours", "We are open from eight to six.")
    kept = json.loads(typed("messages", "canned", "acme", "--json")[1])
    assert kept == [{"name": "hours", "text": "We are open from eight to six."}]
    assert "no canned answer 'days'" in typed("messages", "answer", str(thread["id"]), "--canned", "days")[2]
    assert "name one with --canned" in typed("messages", "answer", str(thread["id"]))[2]
    assert "keep one" in typed("messages", "canned", "acme", "--remove", "hours")[1]


def test_a_sender_says_what_it_is_and_who_answers_stop_there(typed: Typed) -> None:
    for address in ("+18005550101", "12345", "ACME"):
        assert address in typed("senders", "add", address, "--seller", "acme")[1]
    typed("senders", "add", CALLER_ID, "--seller", "acme", "--stops-by", "us")
    assert "can send no texts" in typed("senders", "add", "+1", "--seller", "acme")[2]
    assert answering(typed) == {
        "+18005550101": ("toll-free", "carrier"),
        "12345": ("short-code", "us"),
        "ACME": ("alphanumeric", "us"),
        CALLER_ID: ("long-code", "us"),
    }
    typed("senders", "set", CALLER_ID, "--daily-cap", "100")
    assert answering(typed)[CALLER_ID] == ("long-code", "us"), "what is not said stays"
    typed("senders", "set", CALLER_ID, "--stops-by", "carrier")
    assert answering(typed)[CALLER_ID] == ("long-code", "carrier")


def answering(typed: Typed) -> dict[str, tuple[str, str]]:
    listed = json.loads(typed("senders", "list", "--json")[1])
    return {one["sender"]: (one["type"], one["stops_by"]) for one in listed}
