"""Once a seller has left, what the law keeps of it still answers, and nobody else is held up by it."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from orchestrator.persistence import consents as ledger
from orchestrator.persistence.tables.people import consents
from orchestrator.pipeline.consents import expiring
from tests.integration.accountability.conftest import Typed
from tests.integration.accountability.leavers import a_life
from tests.integration.consents.builders import a_consent
from tests.world import World, numbers

NUMBER = numbers(1)[0]


def two_sellers_of_whom_one_left(world: World, typed: Typed, folder: Path) -> None:
    """Either has a consent that ends within the hour."""
    for seller in ("acme", "other"):
        a_life(world, seller, [NUMBER])
        ending = a_consent(seller, number=NUMBER, happened_at=world.now, expires_at=world.now + timedelta(hours=1))
        with world.store.write() as tx:
            ledger.record(tx, world.store.keyring, ending, world.now)
    left = typed("sellers", "close", "acme", "--delete", "--because", "over", "--certificate", str(folder / "paper"))
    assert left.code == 0, left.complained
    with world.store.read() as tx:
        kept = set(tx.execute(select(consents.c.seller_id)).scalars())
    assert kept == {"acme", "other"}


def test_consents_of_others_go_on_ending(world: World, typed: Typed, tmp_path: Path) -> None:
    two_sellers_of_whom_one_left(world, typed, tmp_path)
    assert expiring.run_once(world.store, world.rulebook, world.now + timedelta(days=1)) == 1
    with world.store.read() as tx:
        ended = tx.execute(select(consents.c.seller_id).where(consents.c.event == "expired")).scalars().all()
    assert ended == ["other"]


def test_what_was_held_of_those_who_left_can_be_shown(world: World, typed: Typed, tmp_path: Path) -> None:
    two_sellers_of_whom_one_left(world, typed, tmp_path)
    held = typed("consents", "show", NUMBER, "--json").json
    assert [one["seller"] for one in held] == ["acme", "other"]
    with world.store.read() as tx:
        entry = tx.execute(select(func.max(consents.c.id)).where(consents.c.seller_id == "acme")).scalar_one()
    assert typed("consents", "show", NUMBER, "--seller", "acme").code == 0
    assert typed("consents", "receipt", str(entry)).code == 0


def test_a_breach_that_touched_somebody_of_theirs_is_drafted(world: World, typed: Typed, tmp_path: Path) -> None:
    two_sellers_of_whom_one_left(world, typed, tmp_path)
    assert typed("consents", "show", NUMBER).code == 0
    done = typed("evidence", "breach", "--since", "2026-01-01", "-o", str(tmp_path / "drafts"), "--json")
    assert (done.code, "acme" in {one["seller_id"] for one in done.json["found"]}) == (0, True), done.complained
