"""A registry is imported whole, used from then on, and opens what waited for it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from orchestrator.domain.decision import Cure
from orchestrator.domain.errors import UserError
from orchestrator.persistence import registry_snapshots
from orchestrator.persistence.enrollment_cures import reopen, reopen_holders
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.lists import registry_snapshots as table
from orchestrator.pipeline.scrub import load_shelf
from orchestrator.registries.builder import ChangeCounts
from orchestrator.registries.errors import FileRefusedError, SnapshotDamagedError
from tests.integration.scrub.conftest import NOW, OBTAINED, Town


def test_an_import_answers_at_once(town: Town) -> None:
    assert load_shelf(town.store, town.registries).on_any(["+15045550107"]) == [False]
    report = town.registry("504,5550107\n")
    assert (report.is_new, report.is_newest, report.snapshot.numbers) == (True, True, 1)
    assert load_shelf(town.store, town.registries).on_any(["+15045550107"]) == [True]


def test_the_shelf_is_opened_again_only_after_an_import(town: Town) -> None:
    town.registry("504,5550107\n")
    shelf = load_shelf(town.store, town.registries)
    assert load_shelf(town.store, town.registries) is shelf
    town.registry("504,5550108\n", obtained_at=OBTAINED + timedelta(days=1))  # the clock stands still
    assert load_shelf(town.store, town.registries) is not shelf


def test_the_same_import_twice_changes_nothing(town: Town) -> None:
    first, again = town.registry("504,5550107\n"), town.registry("504,5550107\n")
    assert (first.is_new, again.is_new) == (True, False)
    with town.store.read() as tx:
        assert len(registry_snapshots.every(tx)) == 1


def test_an_older_version_says_that_a_newer_one_is_here(town: Town) -> None:
    town.registry("504,5550107\n")
    older = town.registry("504,5550108\n", obtained_at=OBTAINED - timedelta(days=1))
    assert (older.is_new, older.is_newest) == (True, False)


def test_a_refused_file_leaves_nothing_behind(town: Town) -> None:
    with pytest.raises(FileRefusedError):
        town.registry("504,5550107\n504,555\n")
    with town.store.read() as tx:
        assert registry_snapshots.every(tx) == []
    assert not town.registries.exists() or list(town.registries.iterdir()) == []


def test_a_moment_in_the_future_is_refused_and_the_present_is_not(town: Town) -> None:
    with pytest.raises(UserError, match="future"):
        town.registry("504,5550107\n", obtained_at=NOW + timedelta(seconds=1))
    assert town.registry("504,5550107\n", obtained_at=NOW).is_new


def test_an_unknown_seller_is_refused(town: Town) -> None:
    with pytest.raises(UserError, match="no seller 'nobody'"):
        town.registry("504,5550107\n", seller_id="nobody")


def test_a_crash_between_file_and_row_is_mended_by_the_same_import(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(registry_snapshots, "add", crash)
        with pytest.raises(KeyboardInterrupt):
            town.registry("504,5550107\n")
    assert len(list(town.registries.glob("*.snapshot"))) == 1
    assert load_shelf(town.store, town.registries).answers(["+15045550107"], None) == [()]
    assert town.registry("504,5550107\n").is_new
    assert load_shelf(town.store, town.registries).on_any(["+15045550107"]) == [True]


def test_a_row_never_comes_before_its_file(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("orchestrator.registries.snapshot_file.os.fsync", full_disk)
        with pytest.raises(UserError, match="No space left on device"):
            town.registry("504,5550107\n")
    with town.store.read() as tx:
        assert registry_snapshots.every(tx) == []
    assert list(town.registries.iterdir()) == []


def test_a_missing_snapshot_is_said_and_not_passed_over(town: Town) -> None:
    report = town.registry("504,5550107\n")
    (town.registries / f"{report.snapshot.digest}.snapshot").unlink()
    with pytest.raises(SnapshotDamagedError):
        load_shelf(town.store, town.registries)


CHANGES = "504,5550107,2026-11-20,D\n504,5550108,2026-11-20,A\n"


def test_changes_make_a_version_that_answers_at_once_and_opens_what_waited(town: Town) -> None:
    full = town.registry("504,5550107\n")
    waiting = town.blocked(town.campaign("acme"), "acme", Cure.REGISTRY, "us-national")
    report = town.changes(CHANGES)
    assert (report.is_new, report.is_newest, report.reopened) == (True, True, 1)
    assert (list(report.base), report.changes) == ([full.snapshot.digest], ChangeCounts(1, 1, 0))
    shelf = load_shelf(town.store, town.registries)
    assert shelf.on_any(["+15045550107", "+15045550108"]) == [False, True]
    assert town.enrollment(waiting).stage == "due"
    with town.store.read() as tx:
        assert registry_snapshots.every(tx) == [report.snapshot, full.snapshot]


def test_the_same_changes_twice_are_one_version(town: Town) -> None:
    town.registry("504,5550107\n")
    first, again = town.changes(CHANGES), town.changes(CHANGES)
    assert (first.snapshot.digest, again.is_new) == (again.snapshot.digest, False)


def test_changes_are_for_the_versions_of_their_own_owner(town: Town) -> None:
    town.registry("504,5550107\n")
    with pytest.raises(FileRefusedError, match="no full list of us-national of seller 'acme'"):
        town.changes(CHANGES, seller_id="acme")


def test_refused_changes_leave_nothing_behind(town: Town) -> None:
    full = town.registry("504,5550107\n")
    with pytest.raises(FileRefusedError, match="line 1 deletes"):
        town.changes("504,5550108,2026-11-20,D\n")
    with town.store.read() as tx:
        assert registry_snapshots.every(tx) == [full.snapshot]
    assert [path.stem for path in town.registries.iterdir()] == [full.snapshot.digest]


def test_what_answers_one_seller_is_not_imported_for_all(town: Town) -> None:
    with pytest.raises(UserError, match="add --seller ID"):
        town.registry("0491570156,Y\n", "au-dncr")
    town.registry("0491570156,Y\n", "au-dncr", seller_id="acme")
    shelf = load_shelf(town.store, town.registries)
    assert [shelf.on_any(["+61491570156"], seller) for seller in ("acme", "other", None)] == [[True], [False], [False]]


def test_a_list_of_litigators_speaks_of_every_country(town: Town) -> None:
    town.registry("5045550107\n", "litigators")
    shelf = load_shelf(town.store, town.registries)
    said = [shelf.answers([number], "acme")[0] for number in ("+15045550107", "+442079460018")]
    assert [[(answer.registry, answer.listed) for answer in answers] for answers in said] == [
        [("litigators", True)],
        [("litigators", False)],
    ]


def test_a_sellers_registry_is_heard_by_that_seller_alone(town: Town) -> None:
    town.registry("504,5550107\n", seller_id="acme")
    shelf = load_shelf(town.store, town.registries)
    assert [len(shelf.answers(["+15045550107"], seller)[0]) for seller in ("acme", "other")] == [1, 0]


def test_a_fresh_registry_opens_what_waited_for_it(town: Town) -> None:
    campaign = town.campaign("acme")
    waiting = town.blocked(campaign, "acme", Cure.REGISTRY, "us-national")
    assert town.registry("504,5550107\n").reopened == 1
    row = town.enrollment(waiting)
    assert (row.stage, row.next_eligible_at, row.updated_at) == ("due", NOW, NOW)
    assert (row.blocked_by, row.cure, row.cure_detail) == (None, None, None)


def test_whoever_was_listed_is_asked_about_again_since_a_newer_version_may_list_them_no_more(town: Town) -> None:
    waiting = town.blocked(town.campaign("acme"), "acme", Cure.CONSENT, "us-national")
    assert town.registry("504,5550107\n").reopened == 1
    assert town.enrollment(waiting).stage == "due"


@pytest.mark.parametrize(
    ("cure", "detail"), [(Cure.REGISTRY, "us-la"), (Cure.CONSENT, "us-la"), (Cure.CONSENT, None), (Cure.NONE, None)]
)
def test_it_opens_nothing_that_waits_for_something_else(town: Town, cure: Cure, detail: str | None) -> None:
    waiting = town.blocked(town.campaign("acme"), "acme", cure, detail)
    assert town.registry("504,5550107\n").reopened == 0
    assert town.enrollment(waiting).stage == "blocked"


def test_a_sellers_registry_opens_only_that_sellers_people(town: Town) -> None:
    own = town.blocked(town.campaign("acme"), "acme", Cure.REGISTRY, "us-national")
    others = town.blocked(town.campaign("other"), "other", Cure.REGISTRY, "us-national")
    assert town.registry("504,5550107\n", seller_id="acme").reopened == 1
    assert [town.enrollment(row).stage for row in (own, others)] == ["due", "blocked"]


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        ("running", "due"),
        ("scheduled", "due"),
        ("paused", "due"),  # nothing else would open them when it resumes
        ("completed", "blocked"),
        ("cancelled", "blocked"),
        ("archived", "blocked"),
    ],
)
def test_only_campaigns_that_are_not_over_are_opened(town: Town, state: str, stage: str) -> None:
    waiting = town.blocked(town.campaign("acme", state), "acme", Cure.REGISTRY, "us-national")
    town.registry("504,5550107\n")
    assert town.enrollment(waiting).stage == stage


def test_more_than_one_transaction_may_touch_are_opened(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(town.store), "bulk_rows", 3)
    campaign = town.campaign("acme")
    for _ in range(7):
        town.blocked(campaign, "acme", Cure.REGISTRY, "us-national")
    assert reopen(town.store, Cure.REGISTRY, "us-national", NOW) == 7
    assert reopen(town.store, Cure.REGISTRY, "us-national", NOW) == 0
    with town.store.read() as tx:
        due = select(func.count()).select_from(enrollments).where(enrollments.c.stage == "due")
        assert tx.execute(due).scalar() == 7


def test_only_holders_of_a_number_are_opened_for_it(town: Town) -> None:
    campaign, others = town.campaign("acme"), town.campaign("other")
    holder = town.blocked(campaign, "acme", Cure.LINE_TYPE, number="+15045550107")
    also = town.blocked(others, "other", Cure.LINE_TYPE, number="+15045550107")
    stranger = town.blocked(campaign, "acme", Cure.LINE_TYPE, number="+15045550108")
    key = town.store.keyring.number_key("+15045550107")
    assert reopen_holders(town.store, Cure.LINE_TYPE, [key], NOW) == 2
    assert [town.enrollment(row).stage for row in (holder, also, stranger)] == ["due", "due", "blocked"]


def test_what_is_kept_of_a_snapshot_comes_back(town: Town, tmp_path: Path) -> None:
    report = town.registry("504,5550107\n", seller_id="acme")
    with town.store.read() as tx:
        assert registry_snapshots.every(tx) == [report.snapshot]
        assert registry_snapshots.of_digests(tx, [report.snapshot.digest]) == [report.snapshot]
        assert tx.execute(select(table.c.coverage)).scalar() == {
            "countries": [],
            "area_codes": ["504"],
            "asked_only": False,
        }


def test_the_newest_version_is_told_of_what_the_seller_hears(town: Town) -> None:
    town.registry("504,5550107\n", obtained_at=OBTAINED - timedelta(days=9))
    town.registry("504,5550108\n")
    town.registry("504,5550109\n", seller_id="acme", obtained_at=NOW)
    with town.store.read() as tx:
        assert registry_snapshots.newest(tx, "acme") == {"us-national": NOW}
        assert registry_snapshots.newest(tx, "other") == {"us-national": OBTAINED}


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-800] + bytes(800), lambda content: content[:5000], lambda _: b""]
)
def test_a_version_damaged_under_a_running_worker_answers_no_more_and_is_replaced_by_the_next(
    town: Town, damage: Callable[[bytes], bytes]
) -> None:
    town.registry("".join(f"504,555{last:04d}\n" for last in range(1000)))
    assert load_shelf(town.store, town.registries).on_any(["+15045550107"]) == [True]
    (file,) = town.registries.iterdir()
    assert file.stat().st_mode & 0o777 == 0o440
    content = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(damage(content))
    for _ in range(2):
        with pytest.raises(
            SnapshotDamagedError, match=r"us-national of 2026-11-20 is damaged.*full list of us-national"
        ):
            load_shelf(town.store, town.registries)
    town.registry("504,5550107\n", obtained_at=OBTAINED + timedelta(days=1))
    assert load_shelf(town.store, town.registries).on_any(["+15045550107"]) == [True]


def test_the_same_import_again_mends_a_damaged_version(town: Town) -> None:
    town.registry("504,5550107\n")
    (file,) = town.registries.iterdir()
    file.chmod(0o600)
    file.write_bytes(b"")
    assert not town.registry("504,5550107\n").is_new
    assert load_shelf(town.store, town.registries).on_any(["+15045550107"]) == [True]
