"""Whoever reads people's data is on record, and the record can be asked."""

from datetime import datetime, timedelta

from orchestrator.persistence import access_queries, accesses
from orchestrator.persistence.access_queries import Asked
from tests.integration.accountability.conftest import Typed
from tests.world import NOON, World, numbers

ADA, BOB = numbers(2)


def test_an_explanation_is_on_record_before_it_is_shown(world: World, typed: Typed) -> None:
    world.a_seller()
    world.a_contact([ADA])
    world.a_contact([BOB])
    assert typed("explain", ADA, "--because", "complaint 7").code == 0
    assert typed("explain", BOB, "--json").code == 0
    [newest, oldest] = typed("evidence", "accesses", "--json").json
    assert (oldest["actor"], oldest["action"], oldest["seller"]) == ("cli:ops", "explain", "acme")
    assert (oldest["numbers"], oldest["reason"], newest["reason"]) == (1, "complaint 7", "no reason given")
    assert [row["id"] for row in typed("evidence", "accesses", "--number", BOB, "--json").json] == [newest["id"]]
    assert ADA not in typed("evidence", "accesses").said
    assert typed("evidence", "accesses", "--number", "12").code == 1
    assert "is no moment" in typed("evidence", "accesses", "--since", "yesterday").complained
    assert "Nobody read" in typed("evidence", "accesses", "--until", "2020-01-01").complained


def test_readings_are_found_from_the_first_moment_until_before_the_last(world: World) -> None:
    world.a_seller()
    for seconds in (-1, 0, 1):
        _read(world, "cli:ops", NOON + timedelta(seconds=seconds))
    _read(world, "token:7", NOON)
    found = {
        "from noon": Asked(since=NOON),
        "before noon": Asked(until=NOON),
        "by the token": Asked(actor="token:7"),
        "that second": Asked(since=NOON, until=NOON + timedelta(seconds=1)),
        "another seller's": Asked(seller_id="else"),
    }
    with world.store.read() as tx:
        counts = {name: len(access_queries.in_order(tx, asked)) for name, asked in found.items()}
    assert counts == {
        "from noon": 3,
        "before noon": 1,
        "by the token": 1,
        "that second": 2,
        "another seller's": 0,
    }


def _read(world: World, actor: str, at: datetime) -> None:
    with world.store.write() as tx:
        key = world.store.keyring.number_key(ADA)
        accesses.record(tx, actor=actor, action="export", reason="x", number_keys=[key], at=at, seller_id="acme")
