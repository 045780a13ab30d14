"""Contracts, policies and training in an answer to a complaint: those of its days, each with its entry."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from orchestrator.domain.paper import Origin, Paper, PaperKind, Provenance
from orchestrator.persistence import papers, provenance
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.documents import documents
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.people import contact_points
from orchestrator.pipeline.evidence.checking import check_pack
from tests.integration.sealing.history import a_history
from tests.integration.sealing.test_packs import ACTOR, NUMBER, a_complaint, part, written
from tests.world import NOON, World

FIRST, LAST = (NOON - timedelta(days=1)).date(), (NOON + timedelta(days=1)).date()  # of the complaint's span
A_DAY = timedelta(days=1)
LONG_AGO = FIRST - timedelta(days=400)
VENDOR = "a vendor"  # of the person's list, as the history has it
OF_THE_SPAN: tuple[tuple[PaperKind, str, dict[str, Any], bool], ...] = (
    (PaperKind.VENDOR_CONTRACT, "ends on the first day", {"valid_until": FIRST, "party": VENDOR}, True),
    (PaperKind.VENDOR_CONTRACT, "ended the day before", {"valid_until": FIRST - A_DAY, "party": VENDOR}, False),
    (PaperKind.VENDOR_CONTRACT, "of the person's list", {"list_id": 1, "party": "Other House"}, True),
    (PaperKind.VENDOR_CONTRACT, "of another list", {"list_id": 2, "party": VENDOR}, False),
    (PaperKind.VENDOR_CONTRACT, "with a vendor of none of their lists", {"party": "Other House"}, False),
    (PaperKind.DUE_DILIGENCE, "about a vendor of none of their lists", {"party": "Other House"}, False),
    (PaperKind.PROCESSOR_CONTRACT, "with whoever processes", {"party": "Other House"}, True),
    (PaperKind.POLICY, "begins on the last day", {"valid_from": LAST}, True),
    (PaperKind.POLICY, "begins the day after", {"valid_from": LAST + A_DAY}, False),
    (PaperKind.TRAINING, "of the agent who called", {"agent_id": "kim"}, True),
    (PaperKind.TRAINING, "of another agent", {"agent_id": "lee"}, False),
    (PaperKind.OTHER, "of no kind", {}, False),
)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """A history whose papers are those of the test, and whose person came by the list."""
    world = a_history(sqlite_store)
    with world.store.write() as tx:
        tx.execute(update(documents).values(retired_at=NOON - timedelta(days=3)))
        key = world.store.keyring.number_key(NUMBER)
        contact = tx.execute(select(contact_points.c.contact_id).where(contact_points.c.number_key == key)).scalar_one()
        of = tx.execute(select(imports.c.id, imports.c.list_id)).first()
        assert of is not None
        tx.execute(insert(lists).values(id=2, seller_id="acme", name="autumn", created_at=NOON))
        row = {"import_id": of.id, "list_id": of.list_id, "contact_id": contact, "line": 2, "verdict": "accepted"}
        tx.execute(insert(list_rows).values(row))
    return world


@pytest.mark.parametrize(
    ("kind", "title", "facts", "shown"), OF_THE_SPAN, ids=[title for _, title, _, _ in OF_THE_SPAN]
)
def test_a_paper_is_named_where_it_was_in_force_in_the_span(
    world: World, tmp_path: Path, kind: PaperKind, title: str, facts: dict[str, Any], shown: bool
) -> None:
    said = {"seller_id": "acme", "kind": kind, "title": title, "valid_from": LONG_AGO, "sha256": "0" * 64, **facts}
    with world.store.write() as tx:
        papers.add(tx, world.store.keyring, Paper(**said), None, ACTOR, NOON)
    evidence = written(world, tmp_path / "p.zip", a_complaint())
    rows = [item["row"] for number in (10, 11) for item in part(evidence, number)]
    assert [row["title"] for row in rows if "sha256" in row and "title" in row] == ([title] if shown else [])
    assert check_pack(tmp_path / "p.zip").is_sound


def test_where_the_persons_list_came_from_is_told_as_it_was_recorded(world: World, tmp_path: Path) -> None:
    bought = Provenance(origin=Origin.PURCHASED, vendor="Lead House", obtained_on=FIRST, source="fairs", chain=None)
    with world.store.write() as tx:
        provenance.declare(tx, 1, bought, ACTOR, NOON)
    items = part(written(world, tmp_path / "p.zip", a_complaint()), 10)
    assert "List 1: purchased from Lead House, as cli:ops recorded 2026-11-23." in [item["sentence"] for item in items]
    assert check_pack(tmp_path / "p.zip").is_sound
