"""What all registries say of a number, to one seller."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.domain.errors import UserError
from orchestrator.domain.registry_snapshot import Coverage
from orchestrator.registries import scope
from orchestrator.registries.errors import FileRefusedError, SnapshotDamagedError
from orchestrator.registries.gathering import DENSE
from orchestrator.registries.snapshot_file import verify
from tests.unit.registries.builders import NOVEMBER, a_shelf, a_snapshot_file, listed

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("+15045550107", {"us-national": True}),
        ("+15045550108", {"us-national": False}),
        ("+15040000000", {"us-national": False}),
        ("+15049999999", {"us-national": False}),
        ("+15039999999", {}),  # the area codes beside it were not bought
        ("+15050000000", {}),
        ("+442079460018", {}),
        ("+150455501", {}),  # shorter and longer than any number of calling code 1
        ("+150455501070", {}),
    ],
)
def test_only_area_codes_in_the_file_are_covered(tmp_path: Path, number: str, answer: dict[str, bool]) -> None:
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, "504,5550107\n"))
    assert listed(shelf, number) == answer
    assert [len(found) for found in shelf.answers([number] * 100, None)] == [len(answer)] * 100


def test_coverage_can_be_widened_to_an_area_code_in_which_nobody_is_listed(tmp_path: Path) -> None:
    wide = Coverage(area_codes=("504", "985"))
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, "504,5550107\n", coverage=wide))
    assert listed(shelf, "+19855550107") == {"us-national": False}


def test_a_number_outside_of_the_coverage_that_was_given_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match=r"line 2 .* area code 212"):
        a_snapshot_file(tmp_path, "504,5550107\n212,5550107\n", coverage=Coverage(area_codes=("504",)))


def test_a_state_list_covers_every_number_of_the_country(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, "5045550107\n", "us-fl"))
    assert listed(shelf, "+12125550107") == {"us-fl": False}
    assert listed(shelf, "+14165550107") == {}


def test_the_calling_code_bounds_what_a_country_covers(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, "02079460018\n", "uk-tps"))
    numbers = ["+442079460018", "+442079460019", "+4420", "+4312345678", "+4512345678", "+14412345678"]
    expected = [{"uk-tps": True}, {"uk-tps": False}, {"uk-tps": False}, {}, {}, {}]
    assert [listed(shelf, number) for number in numbers] == expected
    assert [len(found) for found in shelf.answers(numbers * 5, None)] == [1, 1, 1, 0, 0, 0] * 5


def test_a_number_listed_in_two_registries_has_two_answers(tmp_path: Path) -> None:
    national = a_snapshot_file(tmp_path, "504,5550107\n")
    state = a_snapshot_file(tmp_path, "5045550107\n", "us-la", obtained_at=OCTOBER)
    (answers,) = a_shelf(tmp_path, national, state).answers(["+15045550107"], None)
    said = {(answer.registry, answer.listed, answer.obtained_at) for answer in answers}
    assert said == {("us-national", True, NOVEMBER), ("us-la", True, OCTOBER)}


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_versions_the_newest_answers(tmp_path: Path, newest_first: bool) -> None:
    old = a_snapshot_file(tmp_path, "504,5550107\n", obtained_at=OCTOBER)
    new = a_snapshot_file(tmp_path, "504,5550108\n")
    shelf = a_shelf(tmp_path, *((new, old) if newest_first else (old, new)))
    assert listed(shelf, "+15045550107") == {"us-national": False}
    assert listed(shelf, "+15045550108") == {"us-national": True}
    assert shelf.digests(None) == {"us-national": [new.digest]}


def test_an_older_version_answers_for_area_codes_that_the_newer_lacks(tmp_path: Path) -> None:
    old = a_snapshot_file(tmp_path, "504,5550107\n212,5550107\n", obtained_at=OCTOBER)
    new = a_snapshot_file(tmp_path, "504,5550108\n")
    shelf = a_shelf(tmp_path, old, new)
    (in_new,), (in_old,) = shelf.answers(["+15045550107", "+12125550107"], None)
    assert (in_new.listed, in_new.obtained_at) == (False, NOVEMBER)
    assert (in_old.listed, in_old.obtained_at) == (True, OCTOBER)


def test_a_sellers_own_registry_is_nobody_elses(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, "504,5550107\n", seller_id="acme"))
    assert listed(shelf, "+15045550107", "acme") == {"us-national": True}
    assert listed(shelf, "+15045550107", "other") == {}
    assert listed(shelf, "+15045550107", None) == {}
    assert shelf.on_any(["+15045550107"], "acme") == [True]
    assert shelf.on_any(["+15045550107"], "other") == [False]


def test_a_newer_version_of_one_seller_hides_the_installations_from_no_other(tmp_path: Path) -> None:
    installations = a_snapshot_file(tmp_path, "504,5550107\n", obtained_at=OCTOBER)
    sellers = a_snapshot_file(tmp_path, "504,5550108\n", seller_id="acme")
    shelf = a_shelf(tmp_path, installations, sellers)
    assert listed(shelf, "+15045550107", "acme") == {"us-national": False}
    assert listed(shelf, "+15045550107", "other") == {"us-national": True}


def test_a_wash_knows_what_it_was_asked_and_nothing_else(tmp_path: Path) -> None:
    wash = a_snapshot_file(tmp_path, "0491570156,Y\n0491570157,N\n{COMMA},I\n0491570158,I\n", "au-dncr")
    shelf = a_shelf(tmp_path, wash)
    numbers = ["+61491570156", "+61491570157", "+61491570158", "+61491570159"]
    said = [{"au-dncr": True}, {"au-dncr": False}, {}, {}]
    assert [listed(shelf, number) for number in numbers] == said
    assert [len(found) for found in shelf.answers(numbers * 5, None)] == [1, 1, 0, 0] * 5
    assert (wash.numbers, wash.asked) == (1, 2)


def test_a_later_wash_of_other_numbers_leaves_the_earlier_in_force(tmp_path: Path) -> None:
    first = a_snapshot_file(tmp_path, "0491570156,Y\n", "au-dncr", obtained_at=OCTOBER)
    second = a_snapshot_file(tmp_path, "0491570157,N\n", "au-dncr")
    assert listed(a_shelf(tmp_path, first, second), "+61491570156") == {"au-dncr": True}


def test_a_later_wash_of_the_same_number_wins(tmp_path: Path) -> None:
    first = a_snapshot_file(tmp_path, "0491570156,Y\n", "au-dncr", obtained_at=OCTOBER)
    second = a_snapshot_file(tmp_path, "0491570156,N\n", "au-dncr")
    assert listed(a_shelf(tmp_path, first, second), "+61491570156") == {"au-dncr": False}


def test_a_wash_has_no_other_coverage(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="leave --coverage out"):
        a_snapshot_file(tmp_path, "0491570156,Y\n", "au-dncr", coverage=Coverage(countries=("AU",)))


def test_the_same_file_makes_the_same_snapshot_and_another_date_another(tmp_path: Path) -> None:
    once, again = (a_snapshot_file(tmp_path, "504,5550107\n") for _ in range(2))
    later = a_snapshot_file(tmp_path, "504,5550107\n", obtained_at=NOVEMBER + timedelta(days=1))
    sellers = a_snapshot_file(tmp_path, "504,5550107\n", seller_id="acme")
    assert once.digest == again.digest
    assert len({once.digest, later.digest, sellers.digest}) == 3


def test_a_snapshot_that_was_changed_is_not_opened(tmp_path: Path) -> None:
    file = a_snapshot_file(tmp_path, "504,5550107\n")
    content = file.path.read_bytes()
    file.path.chmod(0o600)
    file.path.write_bytes(content.replace(b"2026-11-01", b"2026-11-19"))
    with pytest.raises(SnapshotDamagedError, match="not the snapshot that its name says"):
        a_shelf(tmp_path, file)
    file.path.write_bytes(content[:-1])
    with pytest.raises(SnapshotDamagedError, match="cut off"):
        a_shelf(tmp_path, file)
    file.path.write_bytes(content[:-1] + b"\x7f")
    with pytest.raises(SnapshotDamagedError, match="has changed"):
        verify(file.path)
    file.path.unlink()
    with pytest.raises(SnapshotDamagedError, match="ORCHESTRATOR_REGISTRIES_DIR"):
        a_shelf(tmp_path, file)


def test_importing_again_mends_a_damaged_snapshot(tmp_path: Path) -> None:
    file = a_snapshot_file(tmp_path, "504,5550107\n")
    file.path.chmod(0o600)
    file.path.write_bytes(file.path.read_bytes()[:-1] + b"\x7f")
    a_snapshot_file(tmp_path, "504,5550107\n")
    verify(file.path)


def test_threads_share_a_shelf(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, "504,5550107\n"))
    wrong: list[str] = []

    def ask() -> None:
        numbers = ("+15045550107", "+15045550108") * 200
        wrong.extend(n for n in numbers if listed(shelf, n, "acme") != {"us-national": n.endswith("7")})

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("count", [DENSE, DENSE + 1])
def test_thin_and_dense_area_codes_answer_alike(tmp_path: Path, count: int) -> None:
    numbers = np.random.default_rng(7).choice(10**7, count, replace=False).tolist()
    text = "".join(f"504,{number:07d}\n" for number in numbers)
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, text))
    there = set(numbers)
    asked = [*numbers[:2000], *range(2000)]
    e164 = [f"+1504{number:07d}" for number in asked]
    expected = [number in there for number in asked]
    assert shelf.on_any(e164) == expected
    assert [listed(shelf, number)["us-national"] for number in e164] == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(
    versions=st.lists(
        st.tuples(
            st.sets(st.integers(0, 30), min_size=1),
            st.sampled_from([None, "acme", "other"]),
            st.integers(0, 3),
            st.sampled_from(["us-national", "us-la", "e164"]),
        ),
        min_size=1,
        max_size=6,
    ),
    seller=st.sampled_from([None, "acme", "other"]),
)
def test_many_numbers_are_answered_as_one_by_one(
    tmp_path: Path, versions: list[tuple[set[int], str | None, int, str]], seller: str | None
) -> None:
    numbers = [f"+1{(504, 212, 985)[index % 3]}55501{index:02d}" for index in range(31)]
    files = []
    for members, owner, days, kind in versions:
        text = "".join(f"{numbers[i] if kind == 'e164' else numbers[i][2:]}\n" for i in sorted(members))
        registry = "us-xx" if kind == "e164" else kind
        profile = "e164" if kind == "e164" else None
        at = OCTOBER + timedelta(days=days)
        files.append(a_snapshot_file(tmp_path, text, registry, seller_id=owner, obtained_at=at, profile=profile))
    shelf = a_shelf(tmp_path, *files)
    one_by_one = [shelf.answers([number], seller)[0] for number in numbers]
    assert shelf.answers(numbers, seller) == one_by_one
    assert shelf.on_any(numbers, seller) == [any(answer.listed for answer in answers) for answers in one_by_one]


def test_versions_that_answer_nobody_are_not_even_opened(tmp_path: Path) -> None:
    old = a_snapshot_file(tmp_path, "504,5550107\n", obtained_at=OCTOBER)
    new = a_snapshot_file(tmp_path, "504,5550108\n")
    sellers = a_snapshot_file(tmp_path, "504,5550109\n", seller_id="acme", obtained_at=OCTOBER)
    old.path.unlink()
    sellers.path.unlink()
    shelf = a_shelf(tmp_path, old, new, sellers)
    assert listed(shelf, "+15045550108", "acme") == {"us-national": True}


def test_an_empty_shelf_knows_nothing(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    assert shelf.answers(["+15045550107"] * 100, None) == [()] * 100
    assert shelf.on_any(["+15045550107"]) == [False]
    assert shelf.answers([], None) == []


@pytest.mark.parametrize(
    ("text", "coverage"),
    [
        ("US", Coverage(countries=("US",))),
        ("gb, us", Coverage(countries=("GB", "US"))),
        ("315,212", Coverage(area_codes=("212", "315"))),
        ("CA,212", Coverage(countries=("CA",), area_codes=("212",))),
    ],
)
def test_coverage_is_countries_or_area_codes(text: str, coverage: Coverage) -> None:
    assert scope.parse(text) == coverage


@pytest.mark.parametrize("text", ["", ",", "XX", "21", "2125", "100", "United States", "\u00b2\u00b2\u00b2"])
def test_other_coverage_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        scope.parse(text)
