"""What a person is told, who else is not told of, and that the telling is on record."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from orchestrator.config_files import load_retention
from orchestrator.domain.errors import UserError
from orchestrator.domain.paper import Origin, Provenance
from orchestrator.domain.rights import RequestState, Right
from orchestrator.persistence import provenance
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.proof import access_numbers, accesses
from orchestrator.pipeline.rights import answering
from orchestrator.pipeline.rights.answering import Answer, answer
from orchestrator.pipeline.rights.disclosure import Book
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.rights.erasure_map import FATES, Fate
from tests.integration.rights.people import LAW, NAME, NUMBER, OTHERS, WORDS, a_known_person, asking
from tests.world import CONFIG, NOON, World


def told(world: World, folder: Path, right: Right = Right.ACCESS, named: object = NUMBER, **facts: object) -> Answer:
    book = Book(world.store, world.rulebook, LAW, load_retention(CONFIG))
    return answer(book, asking(right, named, **facts), "acme", folder, NOON)


def form_in(done: Answer) -> dict[str, Any]:
    (path,) = [file for file in done.files if file.suffix == ".json"]
    form: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return form


def test_an_access_tells_everything_and_is_a_reading(world: World, tmp_path: Path) -> None:
    a_known_person(world)
    done = told(world, tmp_path)
    assert done.request.state == RequestState.DONE
    form = form_in(done)
    asked_for = {
        "purposes",
        "categories",
        "recipients",
        "kept_for",
        "rights",
        "source",
        "automated_decisions",
        "history",
    }
    assert all(form[name] for name in asked_for)
    holding = {
        name for name, fates in FATES.items() if {Fate.BLANKED, Fate.MINIMISED, Fate.DELETED} & set(fates.values())
    }
    not_rows_of_contact = {"kept_proofs", "live_attempts", "rights_requests", "rights_steps", "holds"}
    assert holding - not_rows_of_contact <= form["records"].keys()
    whole = json.dumps(form)
    assert all(word in whole for word in (*WORDS, "Zebedee wants a visit", "who is this?", "your check is due"))
    with world.store.read() as tx:
        reading = tx.execute(select(accesses)).one()
        keys = tx.execute(select(access_numbers.c.number_key)).scalars().all()
    assert (reading.actor, reading.action, reading.reason) == ("cli:ops", "rights access", f"request {done.request.id}")
    assert [bytes(key) for key in keys] == [world.store.keyring.number_key(NUMBER)]


def test_an_access_says_from_whom_a_list_was_bought_and_how_long_each_kind_stays(lite: World, tmp_path: Path) -> None:
    person = a_known_person(lite)
    quiz = Provenance(origin=Origin.PURCHASED, vendor="Lead House", obtained_on=date(2026, 11, 1), source="a web quiz")
    with lite.store.write() as tx:
        on = tx.execute(select(list_rows.c.list_id).where(list_rows.c.contact_id == person)).scalar_one()
        provenance.declare(tx, on, quiz, "cli:ops", NOON)
    done = told(lite, tmp_path)
    form, page = form_in(done), next(path for path in done.files if path.suffix == ".html").read_text("utf-8")
    [source] = form["source"]
    assert (source["from"], source["who had them from"]) == ("Lead House", "a web quiz")
    kept = {row["what"]: row["how long"] for row in form["kept_for"]}
    assert kept["words of messages"] == "5 years"
    assert kept["the wish not to be contacted, also after an erasure"] == "for good"
    assert "Lead House" in page
    assert f">{NOON:%Y-%m-%d %H:%M} UTC<" in page


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_page_says_the_same_without_a_script_and_for_nobody_else(lite: World, tmp_path: Path) -> None:
    a_known_person(lite)
    files = told(lite, tmp_path).files
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert {path.name for path in tmp_path.glob("request*")} == {path.name for path in files}
    (text,) = [path.read_text("utf-8") for path in files if path.suffix == ".html"]
    page = _Page()
    page.feed(text)
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert page.addresses == []
    assert all(word in text for word in WORDS)


def test_words_of_a_person_are_words_and_no_markup(lite: World, tmp_path: Path) -> None:
    contact = lite.a_contact([NUMBER], postal_code="<script>alert(1)</script>")
    (page,) = [path for path in told(lite, tmp_path, named=contact).files if path.suffix == ".html"]
    assert "<script" not in page.read_text("utf-8")


def test_of_whom_nothing_is_known_that_is_the_answer(lite: World, tmp_path: Path) -> None:
    done = told(lite, tmp_path, named=OTHERS)
    assert form_in(done)["is_processed"] is False
    (page,) = [path for path in done.files if path.suffix == ".html"]
    assert "We hold no data about you." in page.read_text("utf-8")


def test_who_shares_a_number_is_not_told_of(lite: World, tmp_path: Path) -> None:
    first = a_known_person(lite)
    second = lite.a_contact([NUMBER])
    with pytest.raises(UserError, match="make sure who asks"):
        told(lite, tmp_path, named=second)
    assert list(tmp_path.glob("request*")) == []
    done = told(lite, tmp_path, named=second, verified_by="passport seen")
    whole = "".join(path.read_text("utf-8") for path in done.files)
    assert not [word for word in (*NAME.split(), "crm-zq-77", "wants a visit", "who is this?") if word in whole]
    assert f'"contact": {first}' not in whole
    assert form_in(done)["shared_numbers"] is True


@pytest.mark.parametrize(("source", "given"), [("own_form", True), ("purchased_list", False)])
def test_a_person_takes_along_what_they_gave_and_not_what_others_did(
    lite: World, tmp_path: Path, source: str, given: bool
) -> None:
    a_known_person(lite, source)
    form = form_in(told(lite, tmp_path, Right.PORT))
    assert bool(form["people"]) is bool(form["consents"]) is given
    assert [entry["text"] for entry in form["messages"]] == [f"I am {NAME}, who is this?"]
    assert not {"history", "decisions", "records"} & form.keys()


def test_files_of_an_answer_go_with_the_person_unless_somebody_changed_them(lite: World, tmp_path: Path) -> None:
    a_known_person(lite)
    page, data = sorted(told(lite, tmp_path).files, key=lambda path: path.suffix)
    data.write_text("changed", "utf-8")
    row = Eraser(lite.store, LAW).ask(asking(Right.ERASE), "acme", NOON)
    assert row.report["files"] == {"deleted": 1, "changed": 1, "gone": 0}
    assert (page.exists(), data.exists()) == (False, True)


def test_files_whose_writer_was_killed_go_with_the_person_as_well(
    lite: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_known_person(lite)

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(answering, "_end", killed)
        with pytest.raises(SystemExit):
            told(lite, tmp_path)
    assert len(list(tmp_path.glob("request-*"))) == 2
    assert Eraser(lite.store, LAW).ask(asking(Right.ERASE), "acme", NOON).state == "done"
    assert list(tmp_path.glob("request-*")) == []


def test_asked_again_before_it_is_answered_it_is_one_request(lite: World, tmp_path: Path) -> None:
    a_known_person(lite)
    second = lite.a_contact([NUMBER])
    for _ in range(2):
        with pytest.raises(UserError, match="Request 1 is taken down and waits"):
            told(lite, tmp_path, named=second)
    with pytest.raises(UserError, match=re.escape("There is no folder")):
        told(lite, tmp_path / "nowhere" / "at all")


def test_the_folder_is_made_for_its_owner_alone(lite: World, tmp_path: Path) -> None:
    a_known_person(lite)
    files = told(lite, tmp_path / "answers").files
    assert {path.parent for path in files} == {tmp_path / "answers"}
    assert (tmp_path / "answers").stat().st_mode & 0o777 == 0o700
