"""What cannot be done to its end is refused before it begins; what is kept has one form on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import select

from orchestrator.cli import documents
from orchestrator.persistence import access_queries
from orchestrator.persistence.tables.accountability import breaches, closings
from orchestrator.persistence.tables.documents import documents as papers
from orchestrator.persistence.tables.people import consents, contact_points, contacts, suppressions
from tests.integration.accountability.conftest import Typed
from tests.world import World, numbers

PLACED = ("--place", "safe", "--sha256", "a" * 64)
A_PAPER = ("documents", "add", "--seller", "acme", "--kind", "policy", "--title", "How we call")
GIVEN = ("consents", "give", "+12125550107", "--seller", "acme", "--channel", "sms", "--purpose", "telemarketing")
IN_WRITING = ("--level", "express_written", "--source", "own_form", "--text", "I agree")


@pytest.fixture(autouse=True)
def a_person(world: World) -> None:
    world.a_seller()
    world.a_contact(numbers(1))


def test_a_breach_is_not_entered_where_its_drafts_cannot_go(typed: Typed, world: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = typed("evidence", "breach", "--since", "2026-11-01", "-o", str(tmp_path / "file"))
    assert (done.code, "name a folder" in done.complained) == (1, True)
    assert world.count(breaches) == 0


@pytest.mark.parametrize("way", [("--return", "no/acme.zip"), ("--return", "."), ("--certificate", "no/it")])
def test_no_seller_begins_to_leave_where_its_files_cannot_go(
    typed: Typed, world: World, tmp_path: Path, way: tuple[str, str]
) -> None:
    delete = () if way[0] == "--return" else ("--delete",)
    done = typed("sellers", "close", "acme", "--because", "over", way[0], str(tmp_path / way[1]), *delete)
    assert (done.code, way[0] in done.complained) == (1, True)
    assert world.count(closings) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--version", "x" * 65), "--version has at most 64"),
        (("--valid-until", "2020-01-01"), "--valid-until lies before --valid-from (else today)"),
    ],
)
def test_a_paper_that_could_not_be_kept_or_counted_is_refused(
    typed: Typed, world: World, words: tuple[str, str], sentence: str
) -> None:
    done = typed(*A_PAPER, *PLACED, *words)
    assert (done.code, done.complained.startswith(sentence)) == (1, True)
    assert world.count(papers) == 0


def test_a_file_too_large_to_be_kept_is_not_read(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST", 3)
    monkeypatch.setattr(Path, "read_bytes", None)
    (tmp_path / "paper.pdf").write_text("four")
    assert "has over 5 MB" in typed(*A_PAPER, str(tmp_path / "paper.pdf")).complained
    assert typed(*A_PAPER, str(tmp_path / "paper.pdf"), "--place", "safe").code == 0
    assert "is no file" in typed(*A_PAPER, str(tmp_path)).complained


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--language", "x" * 17), "'xxxxxxxxxxxxxxxxx' is no language"),
        (("--jurisdiction", "New York"), "'NEW YORK' is no jurisdiction"),
        (("--notice-version", "x" * 65), "The version of a notice has at most 64"),
        (("--expires-at", "2026-01-01", "--given-at", "2026-02-01"), "A consent cannot end before it was given"),
    ],
)
def test_a_consent_in_words_that_cannot_be_kept_is_refused(
    typed: Typed, world: World, words: tuple[str, ...], sentence: str
) -> None:
    done = typed(*GIVEN, *IN_WRITING, *words)
    assert (done.code, done.complained.startswith(sentence)) == (1, True)
    assert world.count(consents) == 0


def test_a_consent_names_its_language_and_place_as_everybody_does(typed: Typed, world: World) -> None:
    assert typed(*GIVEN, *IN_WRITING, "--language", "FR-ca", "--jurisdiction", "us-fl").code == 0
    with world.store.read() as tx:
        row = tx.execute(select(consents.c.language, consents.c.jurisdiction)).one()
    assert tuple(row) == ("fr-CA", "US-FL")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--language", "x" * 17), "--language: 'xxxxxxxxxxxxxxxxx' is no language"),
        (("--region", "Atlantis"), "--region: 'Atlantis' is no region"),
    ],
)
def test_a_person_is_not_rectified_to_what_no_law_knows(typed: Typed, words: tuple[str, str], sentence: str) -> None:
    done = typed("rights", "rectify", "1", "--seller", "acme", "--verified", "met", *words)
    assert (done.code, done.complained.startswith(sentence)) == (1, True)
    assert "No request is open" in typed("rights", "list").said


def test_a_number_is_rectified_to_the_form_by_which_it_is_found(typed: Typed, world: World) -> None:
    """However it was typed: under another form no stop and no other row would ever meet it."""
    moved = ("--number", "+1 (212) 555-0100", "--to", "+1 (212) 555-0177")
    spoken = ("--region", "Florida", "--language", "Spanish")
    with world.store.read() as tx:
        before = tx.execute(select(contact_points.c.number_sealed)).scalar_one()
    assert world.store.keyring.open(before, "contact_points.number") == "+12125550100"
    assert typed("rights", "rectify", "1", "--seller", "acme", "--verified", "met", *moved, *spoken).code == 0
    with world.store.read() as tx:
        point = tx.execute(select(contact_points)).one()
        person = tx.execute(select(contacts.c.region, contacts.c.language)).one()
    assert bytes(point.number_key) == world.store.keyring.number_key("+12125550177")
    assert tuple(person) == ("FL", "es")


def test_a_stop_names_who_put_it_on_record(typed: Typed, world: World) -> None:
    assert typed("suppress", "+12125550100", "--reason", "a letter of 3 May").code == 0
    with world.store.read() as tx:
        assert tx.execute(select(suppressions.c.source)).scalar_one() == "a letter of 3 May (cli:ops)"


def test_more_readings_than_one_statement_bears_are_looked_through(world: World) -> None:
    with world.store.read() as tx:
        assert len(access_queries.keys_read(tx, range(66_000))) == 66_000


def test_a_cap_that_one_database_could_not_keep_is_refused_on_both(typed: Typed) -> None:
    for words in (("add", "+12125550111"), ("brand", "b")):
        done = typed("senders", *words, "--seller", "acme", "--daily-cap", "3000000000")
        assert (done.code, "--daily-cap" in done.complained) == (2, True)
