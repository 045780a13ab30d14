"""A list is held against the registries and our own suppressions, and what was heard can be shown later."""

import pytest
from sqlalchemy import insert, select

from orchestrator.persistence import number_facts
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.lists import scrubs
from orchestrator.persistence.tables.people import suppressions
from orchestrator.pipeline import scrub
from orchestrator.pipeline.scrub import RegistryCounts, ScrubReport, load_shelf, scrub_campaign, scrub_list
from tests.integration.scrub.conftest import NOW, Town

LISTED, CLEAR, ELSEWHERE = "+15045550107", "+15045550108", "+12125550107"


def scrubbed(town: Town, list_id: int, seller_id: str = "acme") -> ScrubReport:
    return scrub_list(town.store, load_shelf(town.store, town.registries), seller_id, list_id, "test", NOW)


def suppress(town: Town, seller_id: str, number: str, lifted: bool = False) -> None:
    row = {
        "seller_id": seller_id,
        "number_key": town.store.keyring.number_key(number),
        "kind": "do_not_call",
        "channel": "any",
        "at": NOW,
        "source": "test",
        "lifted_at": NOW if lifted else None,
    }
    with town.store.write() as tx:
        tx.execute(insert(suppressions).values(row))


def test_every_number_is_counted_by_what_each_registry_said(town: Town) -> None:
    national, state = town.registry("504,5550107\n"), town.registry("5045550107\n", "us-la")
    report = scrubbed(town, town.list_of("acme", [LISTED, CLEAR], [ELSEWHERE]))
    assert report.registries == {
        "us-national": RegistryCounts(listed=1, not_listed=1, not_covered=1),
        "us-la": RegistryCounts(listed=1, not_listed=2),
    }
    assert (report.numbers, report.on_any, report.suppressed, report.dead) == (3, 1, 0, 0)
    assert report.snapshots == {"us-national": [national.snapshot.digest], "us-la": [state.snapshot.digest]}


def test_a_number_that_two_people_share_counts_once(town: Town) -> None:
    assert scrubbed(town, town.list_of("acme", [LISTED], [LISTED, CLEAR])).numbers == 2


def test_a_long_list_is_read_by_pages(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "PAGE_ROWS", 3)
    town.registry("".join(f"504,55501{index:02d}\n" for index in range(5)))
    people = [[f"+150455501{index:02d}", ELSEWHERE] for index in range(11)]
    report = scrubbed(town, town.list_of("acme", *people))
    assert (report.numbers, report.on_any) == (12, 5)


def test_only_the_sellers_own_live_suppressions_count(town: Town) -> None:
    suppress(town, "acme", LISTED)
    suppress(town, "acme", LISTED)
    suppress(town, "acme", CLEAR, lifted=True)
    suppress(town, "other", ELSEWHERE)
    assert scrubbed(town, town.list_of("acme", [LISTED, CLEAR], [ELSEWHERE])).suppressed == 1


def test_dead_numbers_are_counted(town: Town) -> None:
    with town.store.write() as tx:
        number_facts.mark_dead(tx, town.store.keyring.number_key(CLEAR), "carrier error 21211", NOW)
    assert scrubbed(town, town.list_of("acme", [LISTED, CLEAR])).dead == 1


def test_only_people_on_the_list_are_scrubbed(town: Town) -> None:
    list_id = town.list_of("acme", [LISTED])
    town.person("acme", CLEAR)
    assert scrubbed(town, list_id).numbers == 1


def test_a_campaign_is_scrubbed_over_all_its_people(town: Town) -> None:
    town.registry("504,5550107\n")
    campaign = town.campaign("acme")
    for number in (LISTED, CLEAR):
        row = {"campaign_id": campaign, "contact_id": town.person("acme", number), "seller_id": "acme"}
        with town.store.write() as tx:
            step = {"stage": "due", "lane": "preview", "priority": 5, "next_eligible_at": NOW, "updated_at": NOW}
            tx.execute(insert(enrollments).values(row | step))
    shelf = load_shelf(town.store, town.registries)
    report = scrub_campaign(town.store, shelf, "acme", campaign, "test", NOW)
    assert (report.campaign_id, report.list_id, report.numbers, report.on_any) == (campaign, None, 2, 1)


def test_the_record_says_how_when_by_whom_and_against_what(town: Town) -> None:
    digest = town.registry("504,5550107\n").snapshot.digest
    report = scrubbed(town, town.list_of("acme", [LISTED]))
    with town.store.read() as tx:
        row = tx.execute(select(scrubs)).one()
    assert (row.id, row.seller_id, row.list_id, row.by) == (report.id, "acme", report.list_id, "test")
    assert (row.started_at, row.finished_at) == (NOW, NOW)
    assert row.snapshots == {"us-national": [digest]}
    assert row.counts == {
        "numbers": 1,
        "on_any": 1,
        "suppressed": 0,
        "dead": 0,
        "registries": {"us-national": {"listed": 1, "not_listed": 0, "not_covered": 0}},
    }


def test_a_scrub_that_was_cut_off_is_seen_by_its_missing_end(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    list_id = town.list_of("acme", [LISTED])
    monkeypatch.setattr(scrub.Tally, "add", crash)
    with pytest.raises(KeyboardInterrupt):
        scrubbed(town, list_id)
    with town.store.read() as tx:
        assert tx.execute(select(scrubs.c.finished_at)).all() == [(None,)]


def test_another_sellers_registry_is_not_heard(town: Town) -> None:
    town.registry("504,5550107\n", seller_id="other")
    report = scrubbed(town, town.list_of("acme", [LISTED]))
    assert (report.registries, report.snapshots, report.on_any) == ({}, {}, 0)
