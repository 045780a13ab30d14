"""Whoever said yes and then asks to be erased is not listed by a worker that carries out the yes meanwhile."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.carrier import MessageStatus
from orchestrator.domain.rights import Right
from orchestrator.installation import prove
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.people import contact_points
from orchestrator.pipeline import rescue
from orchestrator.pipeline.opt_ins import listing
from orchestrator.pipeline.rights import taking_out
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.rights.subjects import Subject
from orchestrator.settings import Settings
from tests.integration.opt_ins.pages import PERSON, a_page, open_page, serve, sign_up, write_to_us
from tests.integration.rights.people import LAW, asking
from tests.world import NOON, World


@pytest.fixture
def world(postgres_url: str, keyring: Keyring, carrier: InProcessCarrier, law: Rulebook) -> Iterator[World]:
    """On PostgreSQL, where two may write at once; on SQLite one comes after the other."""
    store = prove(Store(open_engine(postgres_url), keyring), Settings())
    made = World(store, carrier, rulebook=law)
    yield made
    made.close()
    store.engine.dispose()


@pytest.fixture
def impatient(postgres_url: str, keyring: Keyring) -> Iterator[Store]:
    """Another worker's, which gives up where it must wait."""
    engine = open_engine(f"{postgres_url}{'&' if '?' in postgres_url else '?'}options=-c%20lock_timeout%3D200")
    yield Store(engine, keyring)
    engine.dispose()


def test_a_yes_that_is_carried_out_while_its_person_is_erased_leaves_nobody_on_a_list(
    world: World, impatient: Store, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up(world.store, open_page(world.store, a_page()))
    serve(world)
    for sid in list(carrier.records):
        carrier.set_status(sid, MessageStatus.DELIVERED)
    rescue.run_once(world.store, carrier, NOON, world.waits)
    write_to_us(world.store, "yes", "SM9")
    looks = taking_out.is_on_its_way

    def beside(tx: Connection, subject: Subject) -> bool:
        with suppress(OperationalError):
            listing.run_once(impatient, NOON)
        return looks(tx, subject)

    monkeypatch.setattr(taking_out, "is_on_its_way", beside)
    assert Eraser(world.store, LAW).ask(asking(Right.ERASE, PERSON), "acme", NOON).state == "done"
    listing.run_once(world.store, NOON)
    assert world.count(contact_points) == 0
