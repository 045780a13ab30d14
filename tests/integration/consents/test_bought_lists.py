"""Bought data: no contract with the vendor or no proof of consent, no contact."""

from datetime import date, timedelta

from sqlalchemy import insert

from orchestrator.domain.contact_request import ConsentChannel, LineType
from orchestrator.domain.decision import Cure
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.paper import Origin, Paper, PaperKind, Provenance
from orchestrator.persistence import campaigns, consents, lists, papers, provenance
from orchestrator.persistence.enrollment_cures import reopen
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.pipeline import offers
from orchestrator.pipeline.consents.giving import give
from orchestrator.pipeline.preflight import preflight
from orchestrator.pipeline.preview_card import card_for
from tests.integration.consents.builders import a_consent
from tests.world import NOON, World, numbers

BOUGHT = Provenance(origin=Origin.PURCHASED, vendor="Lead House", obtained_on=date(2026, 11, 1), source="a web quiz")
TODAY = NOON.date()


def on_list(world: World, name: str, contact_id: int, said: Provenance | None = None) -> int:
    """Put the person on the seller's list of that name, which came from there."""
    with world.store.write() as tx:
        list_id = lists.ensure(tx, "acme", name, world.now)
        row = {"seller_id": "acme", "list_name": name, "digest": f"{name}{contact_id}", "file_name": "f.csv"}
        brought = lists.begin_import(tx, **row, reading={}, now=world.now)
        told = {"import_id": brought.id, "line": 2, "list_id": list_id, "contact_id": contact_id}
        tx.execute(insert(list_rows).values(**told, verdict="accepted"))
        if said is not None:
            provenance.declare(tx, list_id, said, "cli:ops", world.now)
    return list_id


def contract(world: World, **facts: object) -> None:
    """File a vendor's contract and ask again about whoever waited for it."""
    said = {"seller_id": "acme", "kind": PaperKind.VENDOR_CONTRACT, "title": "Contract", "valid_from": TODAY}
    with world.store.write() as tx:
        paper = Paper(**{**said, "party": "Lead House", "sha256": "0" * 64, **facts})  # type: ignore[arg-type]
        papers.add(tx, world.store.keyring, paper, None, "cli:ops", world.now)
    reopen(world.store, Cure.DOCUMENT, None, world.now, "acme")


def prove(world: World, number: str) -> None:
    """The person's own proven consent to calls comes in."""
    give(world.store, a_consent("acme", number=number, channel=ConsentChannel.ANY, happened_at=world.now), world.now)


def test_somebody_from_a_bought_list_is_contacted_with_a_contract_and_their_own_proof_alone(world: World) -> None:
    campaign = world.a_campaign(lists=("leads",))
    [number] = numbers(1)
    contact = world.a_contact([number])
    on_list(world, "leads", contact, BOUGHT)
    world.enrol(campaign, contact)
    assert world.dispatch(campaign) == 0
    row = world.enrollment(contact)
    assert (row.blocked_by, row.cure) == ("lists.no-vendor-contract", "document")
    assert row.cure_detail == "vendor contract, list leads"
    contract(world, valid_until=TODAY - timedelta(days=1), valid_from=date(2020, 1, 1))
    contract(world, party="Another House")
    assert world.dispatch(campaign) == 0
    contract(world)
    assert world.dispatch(campaign) == 0
    assert (world.enrollment(contact).blocked_by, world.enrollment(contact).cure) == (
        "lists.no-proof-of-consent",
        "consent",
    )
    with world.store.write() as tx:
        unproven = a_consent("acme", number=number, channel=ConsentChannel.ANY, evidence=None, happened_at=world.now)
        consents.record(tx, world.store.keyring, unproven, world.now)
    reopen(world.store, Cure.CONSENT, None, world.now)
    assert world.dispatch(campaign) == 0
    prove(world, number)
    assert world.dispatch(campaign) == 1


ORIGINS = [(None, False, 1), (Origin.OWN, False, 1), (Origin.PUBLIC, False, 0), (Origin.PURCHASED, True, 1)]


def test_the_sellers_own_people_need_neither(world: World) -> None:
    for (origin, own_too, dialled), number in zip(ORIGINS, numbers(4), strict=True):
        campaign = world.a_campaign(f"To {number}")
        contact = world.a_contact([number])
        on_list(world, f"leads {origin}", contact, Provenance(origin=origin, vendor="Lead House") if origin else None)
        if own_too:
            on_list(world, "customers", contact)
        world.enrol(campaign, contact)
        assert world.dispatch(campaign) == dialled, origin


def test_the_newest_word_about_a_list_counts(world: World) -> None:
    campaign = world.a_campaign()
    contact = world.a_contact(numbers(1))
    list_id = on_list(world, "leads", contact, BOUGHT)
    with world.store.write() as tx:
        provenance.declare(tx, list_id, Provenance(origin=Origin.OWN), "cli:ops", world.now)
    world.enrol(campaign, contact)
    assert world.dispatch(campaign) == 1


def test_a_preflight_says_what_would_cure_it_and_what_the_launch_lacks(world: World) -> None:
    campaign = world.a_campaign(lists=("leads",))
    on_list(world, "leads", world.a_contact(numbers(1)), BOUGHT)
    with world.store.read() as tx:
        stored = campaigns.fetch(tx, campaign)
    outlook = preflight(world.engine, stored, world.now, lambda _: None)
    [barred] = outlook.never.values()
    assert (barred.reason, barred.cure, barred.people) == ("lists.no-vendor-contract", Cure.DOCUMENT, 1)
    assert "no contract with Lead House is on file" in barred.because
    assert [one.told for one in outlook.missing_papers] == ["vendor contract of list leads"]


def test_the_agents_card_says_where_the_details_came_from_at_the_first_contact(world: World) -> None:
    campaign = world.a_campaign()
    [number] = numbers(1)
    contact = world.a_contact([number], line_type=LineType.MOBILE)
    on_list(world, "leads", contact, BOUGHT)
    contract(world)
    prove(world, number)
    world.enrol(campaign, contact, lane=Lane.PREVIEW)
    world.an_agent()
    offers.run_once(world.dispatcher, world.campaign(campaign))
    assert card_for(world.store, world.rulebook, "kim", world.now)["say_first"] == (
        "Say who calls and that the details came from Lead House on 2026-11-01, who had them from a web quiz: "
        "it is the first contact."
    )
