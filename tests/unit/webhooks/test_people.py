"""What anyone may open: pages that change nothing by being read, and forms that bear every kind of guest."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from orchestrator.persistence import opt_in_pages
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.opting_in import opt_in_requests, opt_ins
from orchestrator.persistence.tables.people import consents
from orchestrator.pipeline.opt_ins.publishing import publish
from orchestrator.pipeline.opt_ins.requesting import OF_AN_ADDRESS
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.unsubscribing.links import GOOD_FOR, token_for
from tests.integration.opt_ins.pages import PERSON, a_page, holds, open_page
from tests.integration.reception.world import (
    ACME,
    NOW,
    RIVAL,
    an_attempt,
    count,
    open_house,
    stops,
    taken_back,
)
from tests.unit.webhooks.guests import BASE, START, Guest, Sent, text_of
from webhooks.people.tickets import GOOD_FOR as TICKET_GOOD_FOR


def test_the_page_shows_every_word_that_a_consent_keeps_and_nothing_is_ticked(guest: Guest) -> None:
    answer = guest.client.get("/people/roof-tips?lang=es")
    shown = text_of(answer.text)
    for line in a_page().shown("es").splitlines():
        assert line.removeprefix("[ ] ") in shown
    assert "checked" not in answer.text
    assert '<html lang="es">' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in answer.text
    style = re.search(r'href="([^"]*people.css)"', answer.text)
    assert style is not None
    assert guest.client.get(style[1]).mimetype == "text/css"
    by_browser = guest.client.get("/people/roof-tips", headers={"Accept-Language": "es-MX,en;q=0.5"})
    assert '<html lang="es">' in by_browser.text
    for page in ("/people/roof-tips", "/people/roof-tips/sent", "/people/nobody", "/people/u/short"):
        guest.client.get(page)
        guest.client.head(page)
    assert (count(guest.store, opt_ins), count(guest.store, opt_in_requests)) == (0, 0), "reading changes nothing"


def test_a_filled_in_form_is_pending_with_where_it_came_from_and_twice_is_once(guest: Guest) -> None:
    for _ in range(2):
        answer = guest.fill_in(choice=["texts", "calls"])
        assert (answer.status_code, answer.headers["Location"]) == (303, "/people/roof-tips/sent?lang=en")
    with guest.store.read() as tx:
        row = tx.execute(select(opt_ins)).one()
        assert [one.event for one in tx.execute(select(consents))] == ["requested", "requested"]
    assert guest.store.keyring.open(row.number_sealed, "opt_ins.number") == PERSON
    details = guest.store.keyring.open_json(row.details_sealed, "opt_ins.details")
    assert details["ticked"] == ["texts", "calls"]
    assert details["evidence"]["ip"] == "192.0.2.7", "what the trusted proxy saw, not what the visitor claims"
    assert details["evidence"]["number"] == "(212) 555-0123"
    assert details["evidence"]["url"] == f"{BASE}/people/roof-tips"
    assert details["evidence"]["text"] == a_page().shown("en")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"number": ""}, "no phone number"),
        ({"number": "one two three"}, "no phone number"),
        ({"number": "+1 212 555 0123 ext. 9"}, "no phone number"),
        ({"number": "9" * 10_000}, "no phone number"),
        ({"number": "+44 20 7946 0018"}, "numbers in US"),
        ({"number": "+1 800 555 0123"}, "takes no text messages"),
        ({"choice": []}, "Tick what you agree to"),
        ({"choice": ["everything"]}, "Tick what you agree to"),
        ({"own": ""}, "the number is your own"),
        ({"name": "<b>Ada</b>"}, "write the name in letters"),
        ({"name": "Ada\r\nBcc: all"}, "write the name in letters"),
        ({"name": "x" * 10_000}, "write the name in letters"),
        ({"name": "{first_name}"}, "write the name in letters"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_kept(guest: Guest, fields: dict[str, Any], told: str) -> None:
    answer = guest.fill_in(**fields)
    assert answer.status_code == 422
    assert told in text_of(answer.text)
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text, "and where it stands"
    assert "<b>Ada" not in answer.text
    assert len(answer.text) < 9_000, "what is too long is not shown again"
    assert count(guest.store, opt_ins) == 0


@pytest.mark.parametrize("name", ["Åsa Öberg", "李小龍", "O’Neill-Smith", "Владимир", "नेहा"])
def test_names_of_every_script_are_names(guest: Guest, name: str) -> None:
    assert guest.fill_in(name=name).status_code == 303


@pytest.mark.parametrize("ticket", ["", "forged", "A" * 32, "é" * 32, "=" * 32])
def test_a_form_that_we_did_not_give_out_is_shown_again(guest: Guest, ticket: str) -> None:
    answer = guest.fill_in(ticket=ticket)
    assert answer.status_code == 400
    assert "open for too long" in text_of(answer.text)
    assert count(guest.store, opt_ins) == 0


def test_a_ticket_is_good_for_two_hours_for_its_page_its_version_and_its_language(guest: Guest) -> None:
    open_page(guest.store, a_page(id='"other-page"', keyword='"OTHER"'))
    shown = guest.client.get("/people/roof-tips").text
    ticket = re.search(r'name="ticket" value="([^"]*)"', shown)
    assert ticket is not None
    assert guest.fill_in(page="other-page", ticket=ticket[1]).status_code == 400, "of another page"
    in_spanish = guest.client.post("/people/roof-tips?lang=es", data={"ticket": ticket[1]})
    assert in_spanish.status_code == 400, "these words were not shown"
    guest.now += TICKET_GOOD_FOR + timedelta(seconds=1)
    assert guest.fill_in(ticket=ticket[1]).status_code == 400, "expired"
    guest.now -= timedelta(seconds=1)
    assert guest.fill_in(ticket=ticket[1]).status_code == 303
    publish(guest.store, a_page(version='"2"'), "cli:t", START, strategy="consent-tiered", cadence="default")
    assert guest.fill_in(ticket=ticket[1]).status_code == 400, "the text has changed since"


def test_an_address_that_asks_too_often_is_told_so_in_whatever_it_claims_to_be(guest: Guest) -> None:
    (_, most), _ = OF_AN_ADDRESS
    answers = [guest.fill_in(number=f"+1 212 555 01{n:02d}").status_code for n in range(30, 30 + most + 1)]
    assert answers == [303] * most + [429]
    assert guest.fill_in(number="+1 212 555 0199", address="192.0.2.8").status_code == 303


def test_a_form_as_long_as_a_book_is_answered_with_a_page(guest: Guest) -> None:
    answer = guest.client.post("/people/roof-tips", data={"name": "x" * 100_000})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")
    assert "Please try again" in answer.text, "it is not the link that does not work"


def test_a_closed_page_and_an_unknown_one_say_so(guest: Guest) -> None:
    with guest.store.write() as tx:
        assert opt_in_pages.close(tx, "roof-tips", "cli:t", START)
    assert guest.client.get("/people/roof-tips").status_code == 410
    assert guest.client.post("/people/roof-tips").status_code == 410
    assert guest.client.get("/people/nothing").status_code == 404


def test_the_way_out_says_who_when_and_why_and_reading_it_stops_nothing(sent: Sent) -> None:
    client, house, _, token = sent
    for _ in range(3):
        answer = client.get(f"/people/u/{token}", headers={"Accept-Language": "de"})
    shown = text_of(answer.text)
    assert answer.status_code == 200
    for words in ("Acme Roofing", "per SMS", "endet auf 23", "um Ihnen etwas anzubieten", "keine Einwilligung"):
        assert words in shown
    assert "5550123" not in answer.text, "the link may be seen by others"
    assert "<script" not in answer.text
    assert stops(house) == []


def test_whoever_never_signed_up_learns_that_somebody_entered_their_number(guest: Guest) -> None:
    guest.fill_in()
    attempt_id = an_attempt(
        guest.store, seller_id="acme", number=PERSON, channel="sms", to_sealed=guest.store.keyring.seal(PERSON, TO)
    )
    with guest.store.write() as tx:
        tx.execute(update(opt_ins).values(attempt_id=attempt_id))
    guest.now = NOW + timedelta(minutes=1)
    token = token_for(guest.store.keyring, attempt_id, "acme", guest.store.keyring.number_key(PERSON))
    shown = text_of(guest.client.get(f"/people/u/{token}?lang=en").text)
    assert "we asked once whether that was you" in shown
    assert "somebody entered it to sign up" in shown


@pytest.mark.parametrize("form", [{"stop": "any"}, {"List-Unsubscribe": "One-Click"}, {}, {"stop": "x" * 10_000}])
def test_one_button_ends_everything_at_once_and_twice_is_once(sent: Sent, form: dict[str, str]) -> None:
    client, house, attempt_id, token = sent
    for _ in range(2):
        answer = client.post(f"/people/u/{token}", data=form)
        assert answer.status_code == 200
        assert "neither write to you nor call you again" in text_of(answer.text)
    assert stops(house) == [(ACME, "do_not_call", "any", True)]
    assert taken_back(house) == {attempt_id}, "what is on its way is taken back"
    with house.read() as tx:
        assert [(one.event, one.channel) for one in tx.execute(select(consents))] == [("withdrawn", "any")]


def test_one_channel_can_be_stopped_alone(sent: Sent) -> None:
    client, house, _, token = sent
    client.post(f"/people/u/{token}", data={"stop": "voice"})
    assert stops(house) == [(ACME, "do_not_call", "voice", True)]
    client.post(f"/people/u/{token}", data={"stop": "any"})
    assert stops(house) == [(ACME, "do_not_call", "voice", True), (ACME, "do_not_call", "any", True)]


def test_forged_foreign_and_expired_links_open_nothing(sent: Sent) -> None:
    client, house, attempt_id, token = sent
    other = an_attempt(
        house, seller_id=RIVAL, number="+12125550124", channel="sms", to_sealed=house.keyring.seal("", TO)
    )
    key = house.keyring.number_key("+12125550123")
    swapped = ("A" if token[0] != "A" else "B") + token[1:]
    forged = [
        swapped,
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.swapcase(),
        token + "A",
        token[:-4],
        "é" * 32,
        token_for(house.keyring, other, ACME, key),
        token_for(house.keyring, attempt_id, RIVAL, key),
    ]
    for one in forged:
        assert client.get(f"/people/u/{one}").status_code == 404, one
        assert client.post(f"/people/u/{one}").status_code == 404
    assert stops(house) == []


@pytest.mark.parametrize(("after", "status"), [(timedelta(seconds=-1), 200), (timedelta(seconds=1), 404)])
def test_a_link_is_good_for_a_year(sqlite_store: Store, after: timedelta, status: int) -> None:
    open_house(sqlite_store)
    attempt_id = an_attempt(sqlite_store, channel="sms", to_sealed=sqlite_store.keyring.seal(PERSON, TO))
    guest = Guest(sqlite_store)
    guest.now = NOW + GOOD_FOR + after
    token = token_for(sqlite_store.keyring, attempt_id, ACME, sqlite_store.keyring.number_key(PERSON))
    assert guest.client.get(f"/people/u/{token}").status_code == status


def test_nothing_that_a_visitor_writes_lies_in_clear(guest: Guest) -> None:
    guest.fill_in()
    assert holds(guest.store, "Ada") == ["opt_ins.details_sealed"]
