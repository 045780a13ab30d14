"""The pages against whoever means harm, and against programs that get an address slightly wrong."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from orchestrator.persistence.opt_ins import DETAILS
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.opting_in import opt_in_requests, opt_ins
from orchestrator.persistence.tables.people import contacts
from orchestrator.pipeline.opt_ins.requesting import OF_AN_ADDRESS
from tests.integration.opt_ins.pages import a_page, open_page
from tests.integration.reception.world import count, stops
from tests.unit.webhooks.guests import Guest, Sent

HOUR, MOST = OF_AN_ADDRESS[0]


def evidence(store: Store) -> dict[str, Any]:
    with store.read() as tx:
        row = tx.execute(select(opt_ins)).one()
    kept: dict[str, Any] = store.keyring.open_json(row.details_sealed, DETAILS)["evidence"]
    return kept


@pytest.mark.parametrize("token", ["_" * 32, "-" * 32, "A" * 32, "9" * 32])
def test_a_token_of_a_year_that_no_calendar_has_opens_nothing(sent: Sent, token: str) -> None:
    client, _, _, _ = sent
    assert client.get(f"/people/u/{token}").status_code == 404
    assert client.post(f"/people/u/{token}").status_code == 404


@pytest.mark.parametrize("page", ["a%00b", "%C3%A9t%C3%A9", "x" * 5000, "ROOF-TIPS", "roof-tips%20"])
def test_an_address_that_no_page_can_have_is_not_asked_of_the_database(store: Store, page: str) -> None:
    open_page(store, a_page())
    client = Guest(store).client
    for path in (f"/people/{page}", f"/people/{page}/sent"):
        assert client.get(path).status_code == 404
    assert client.post(f"/people/{page}").status_code == 404


@pytest.mark.parametrize("path", ["/people/", "/people/u/", "/people/roof-tips/", "/people/a/b/c"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whatever_is_asked_for_a_visitor_reads_a_page(guest: Guest, path: str, method: str) -> None:
    answer = guest.client.open(path, method=method, headers={"Accept-Language": "de"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Dieser Link funktioniert nicht" in answer.text


@pytest.mark.parametrize("behind", ["/", ".", "),", "%22%3E", "’"])
def test_what_stands_behind_a_link_in_a_text_does_not_make_a_no_harder(sent: Sent, behind: str) -> None:
    client, house, _, token = sent
    assert "Acme Roofing" in client.get(f"/people/u/{token}{behind}").text
    assert client.post(f"/people/u/{token}{behind}").status_code == 200
    assert len(stops(house)) == 1


@pytest.mark.parametrize("path", ["/people//roof-tips", "/people//u/{token}", "/people/u//{token}"])
def test_nobody_is_sent_to_a_host_that_a_request_claims(sent: Sent, path: str) -> None:
    client, _, _, token = sent
    answer = client.get(path.format(token=token), headers={"Host": "elsewhere.example"})
    assert "Location" not in answer.headers
    assert answer.status_code in {404, 405}


def test_the_link_of_a_seller_who_is_closed_opens_nothing(sent: Sent) -> None:
    """The law keeps the record of its calls, and no campaign of it."""
    client, house, _, token = sent
    with house.write() as tx:
        tx.execute(delete(campaigns))
    assert client.get(f"/people/u/{token}").status_code == 404
    assert client.post(f"/people/u/{token}").status_code == 404


@pytest.mark.parametrize(("site", "status"), [("cross-site", 400), ("same-site", 400), ("same-origin", 303)])
def test_another_site_cannot_have_its_visitors_fill_in_the_form(guest: Guest, site: str, status: int) -> None:
    assert guest.fill_in(site=site).status_code == status


@pytest.mark.parametrize(
    "addresses",
    [
        [f"2001:db8:0:7::{n:x}" for n in range(MOST + 1)],
        [f"[2001:db8:0:7:{n:x}::1]:{50000 + n}" for n in range(MOST + 1)],
        [f"192.0.2.7:{50000 + n}" for n in range(MOST + 1)],
        ["192.0.2.7", *["::ffff:192.0.2.7"] * MOST],
    ],
    ids=["IPv6", "IPv6 and ports", "ports", "mapped"],
)
def test_one_customer_s_network_is_one_visitor_to_the_limit(guest: Guest, addresses: list[str]) -> None:
    numbers = [f"+1 212 555 01{n}" for n in range(30, 30 + MOST + 1)]
    answers = [guest.fill_in(number=n, address=a).status_code for n, a in zip(numbers, addresses, strict=True)]
    assert answers == [303] * MOST + [429]
    assert guest.fill_in(number="+1 212 555 0199", address="2001:db8:0:8::1").status_code == 303


def test_whoever_goes_on_asking_fills_no_table_and_may_ask_again_in_an_hour(guest: Guest) -> None:
    for _ in range(3 * MOST):
        guest.fill_in()
    assert count(guest.store, opt_in_requests) == MOST + 2, "beside those of the address, the number's and the page's"
    guest.now += HOUR
    assert guest.fill_in(number="+1 212 555 0199").status_code == 303


def test_whoever_asks_too_often_is_refused_without_a_turn_of_the_one_writer(guest: Guest) -> None:
    for _ in range(MOST):
        guest.fill_in()
    with guest.store.write():
        assert guest.fill_in().status_code == 429


def test_a_number_out_of_an_address_book_is_kept_without_its_invisible_marks(guest: Guest) -> None:
    assert guest.fill_in(number="\u202a+1 212 555 0123\u202c\u200e", address="[2001:db8::7]:443").status_code == 303
    kept = evidence(guest.store)
    assert (kept["number"], kept["ip"]) == ("+1 212 555 0123", "2001:db8::7")


def test_a_number_in_spaces_that_are_not_shown_again_is_kept_as_it_was_understood(guest: Guest) -> None:
    assert guest.fill_in(number="+1\u00a0212\u00a0555\u00a00123").status_code == 303
    assert evidence(guest.store)["number"] == "+12125550123"


@pytest.mark.parametrize("name", ["ශ්‍රී ලාල්", "می‌خواهم"])
def test_names_whose_letters_are_joined_by_unseen_signs_are_names(guest: Guest, name: str) -> None:
    assert guest.fill_in(name=name).status_code == 303


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [
        ("en-US,en;q=0.9,es;q=0.8", "es"),
        ("pt-BR,fr;q=0.4,es;q=0.6", "es"),
        ("es;q=0,fr", "fr"),
        ("pt", "fr"),
        ("es;q=much, fr", "es"),
        (",;q=,-", "fr"),
    ],
)
def test_a_visitor_reads_the_language_they_know_best_of_those_on_the_page(
    sqlite_store: Store, accepted: str, shown: str
) -> None:
    page = a_page()
    texts = {"fr": page.texts["en"], "es": page.texts["es"]}
    open_page(sqlite_store, replace(page, texts=texts))
    answer = Guest(sqlite_store).client.get("/people/roof-tips", headers={"Accept-Language": accepted})
    assert f'<html lang="{shown}">' in answer.text


@pytest.mark.parametrize(("accepted", "shown"), [("pt", "es"), ("", "es"), ("pt, de;q=0.1", "de")])
def test_whose_browser_speaks_none_of_ours_reads_the_language_they_are_written_to(
    sent: Sent, accepted: str, shown: str
) -> None:
    client, house, _, token = sent
    with house.write() as tx:
        tx.execute(update(contacts).values(language="es-MX"))
    answer = client.get(f"/people/u/{token}", headers={"Accept-Language": accepted})
    assert f'<html lang="{shown}">' in answer.text


def test_every_answer_is_kept_by_nobody_and_told_to_nobody(sent: Sent, guest: Guest) -> None:
    client, _, _, token = sent
    answers = [
        client.get(f"/people/u/{token}"),
        client.post(f"/people/u/{token}"),
        client.get("/people/u/x"),
        client.get("/people/a/b"),
        guest.fill_in(),
        guest.fill_in(number=""),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
