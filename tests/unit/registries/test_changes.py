"""A change list makes a version of its own, and none where it does not fit the versions there are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.domain.registry_snapshot import Coverage
from orchestrator.registries import changes, profiles
from orchestrator.registries.builder import ChangeCounts, Origin, SnapshotFile
from orchestrator.registries.changes import ChangeFiles
from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.snapshot_file import read_header
from tests.unit.registries.builders import NOVEMBER, PROFILES, a_shelf, a_snapshot_file, listed

DAY = timedelta(days=1)
FULL = "504,5550107\n504,5550108\n"
CHANGES = "504,5550108,2026-11-02,D\n504,5550109,2026-11-02,A\n"
CHANGES_XML = (
    '<list type="change" level="ac" val="504"><ac val="504">'
    '<ph val="5550108" type="D"/><ph val="5550109" type="A"/></ac></list>'
)


def changed(
    folder: Path,
    base: Sequence[SnapshotFile],
    text: str = "",
    *,
    added: str = "",
    deleted: str = "",
    registry: str = "us-national",
    obtained_at: datetime = NOVEMBER + DAY,
    coverage: Coverage | None = None,
    covers_all: bool = False,
) -> SnapshotFile:
    """The version that a change list leads to; ``base`` newest first."""
    files = dict[str, list[Path]]()
    for name, content in (("flagged", text), ("added", added), ("deleted", deleted)):
        path = folder / f"{name}.txt"
        path.write_text(content)
        files[name] = [path] if content else []
    origin = Origin(registry=registry, obtained_at=obtained_at, coverage=coverage)
    digests = [file.digest for file in base]
    profile = profiles.choose(PROFILES, registry)
    flagged, added_, deleted_ = files["flagged"], files["added"], files["deleted"]
    given = ChangeFiles(flagged=flagged, added=added_, deleted=deleted_, covers_all=covers_all, may_change_nothing=True)
    return changes.apply(given, profile, folder / "registries", digests, origin)


@pytest.mark.parametrize(
    "text",
    [
        CHANGES,
        "504,5550108,d,11/02/2026\r\n504,5550109,a,11/02/2026\r\n",
        "5045550108,20261102,Delete\n5045550109,20261102,Add\n",
        "5045550108,D,2026-11-02\n5045550109,A,2026-11-02",
        "504,5550109,2026-11-02,A\n504,5550108,2026-11-02,D\n504,5550107,2026-11-02,D\n504,5550107,2026-11-03,A\n",
        CHANGES_XML,
    ],
)
def test_a_change_list_makes_a_version_and_leaves_its_base(tmp_path: Path, text: str) -> None:
    base = a_snapshot_file(tmp_path, FULL)
    before = base.path.read_bytes()
    after = changed(tmp_path, [base], text)
    shelf = a_shelf(tmp_path, base, after)
    said = [listed(shelf, f"+1504555010{last}")["us-national"] for last in (7, 8, 9)]
    assert said == [True, False, True]
    assert shelf.digests(None) == {"us-national": [after.digest]}
    assert base.path.read_bytes() == before


def test_the_version_says_what_it_was_made_of(tmp_path: Path) -> None:
    base = a_snapshot_file(tmp_path, FULL)
    after = changed(tmp_path, [base], CHANGES + "504,5550107,2026-11-02,A\n")
    header, _ = read_header(after.path)
    assert (header.base, [name for name, _ in header.sources]) == ([base.digest], ["flagged.txt"])
    assert (header.obtained_at, header.numbers) == ("2026-11-02T00:00:00+00:00", 2)
    assert after.changes == ChangeCounts(added=1, deleted=1, again=1)
    assert base.digest[:12] in after.source


def test_files_of_additions_and_of_deletions_are_told_apart_by_whoever_gives_them(tmp_path: Path) -> None:
    base = a_snapshot_file(tmp_path, "416,5550107\n416,5550108\n", "ca-dncl")
    after = changed(tmp_path, [base], added="416,5550109\n", deleted="416,5550107\n", registry="ca-dncl")
    shelf = a_shelf(tmp_path, after)
    assert [listed(shelf, f"+1416555010{last}")["ca-dncl"] for last in (7, 8, 9)] == [False, True, True]


def test_another_countrys_list_is_changed_too(tmp_path: Path) -> None:
    base = a_snapshot_file(tmp_path, "02079460018\n02079460019\n", "uk-tps")
    after = changed(tmp_path, [base], added="02079460020\n", deleted="02079460018\n", registry="uk-tps")
    shelf = a_shelf(tmp_path, after)
    said = [listed(shelf, f"+442079460{last:03}")["uk-tps"] for last in (18, 19, 20, 21)]
    assert said == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("504,5550109,2026-11-02,D\n", "line 1 deletes a number that is not listed"),
        ("504,5550108,2026-11-02,D\n212,5550107,2026-11-02,A\n", "line 2 .* area code 212.*import its full list first"),
        ("504,5550108,2026-11-02,D\n504,5550109,2026-11-02\n", "line 2"),
        ("504,5550108,2026-11-02,D\n504,5550109,2026-11-02,X\n", "line 2"),
        ("504,5550108,2026-11-02,D\n504,5550109,soon,A\n", "line 2"),
        ("504,5550108,2026-11-02,D\n504,555010,2026-11-02,A\n", "line 2"),
        ("504,5550106\n504,5550108\n", "added or deleted"),
        ("504,5550108\n", "added or deleted"),
        (CHANGES_XML.replace("change", "full"), "the whole list"),
        (CHANGES_XML.replace('"D"', '"X"'), "line 1"),
        (CHANGES_XML.removesuffix("</list>"), "cut off"),
    ],
)
def test_a_list_that_does_not_fit_is_refused_whole(tmp_path: Path, text: str, said: str) -> None:
    base = a_snapshot_file(tmp_path, FULL)
    with pytest.raises(FileRefusedError, match=said):
        changed(tmp_path, [base], text)
    assert list(tmp_path.glob("registries/*")) == [base.path]


def test_a_full_list_is_needed_first(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="no full list of us-national"):
        changed(tmp_path, [], CHANGES)


def test_changes_older_than_their_base_are_refused(tmp_path: Path) -> None:
    base = a_snapshot_file(tmp_path, FULL)
    for at in (NOVEMBER, NOVEMBER - DAY):
        with pytest.raises(FileRefusedError, match="must be younger"):
            changed(tmp_path, [base], CHANGES, obtained_at=at)


def test_the_same_import_again_is_the_same_version_and_a_later_date_is_refused(tmp_path: Path) -> None:
    base = a_snapshot_file(tmp_path, FULL)
    once = changed(tmp_path, [base], CHANGES)
    assert changed(tmp_path, [once, base], CHANGES).digest == once.digest
    with pytest.raises(FileRefusedError, match="in the version of 2026-11-02 00:00 UTC already"):
        changed(tmp_path, [once, base], CHANGES, obtained_at=NOVEMBER + 2 * DAY)


def test_the_whole_list_is_not_taken_for_additions_or_deletions(tmp_path: Path) -> None:
    rows = [f"504,555{number:04d}\n" for number in range(200)]
    base = a_snapshot_file(tmp_path, "".join(rows[:150]))
    with pytest.raises(FileRefusedError, match="looks like the whole list"):
        changed(tmp_path, [base], added="".join(rows))
    with pytest.raises(FileRefusedError, match="looks like the whole list"):
        changed(tmp_path, [base], deleted="".join(rows[:76]))
    assert changed(tmp_path, [base], added="".join(rows[75:])).numbers == 200
    assert changed(tmp_path, [base], deleted="".join(rows[:75])).numbers == 75


def test_a_registry_without_known_change_lists_says_so(tmp_path: Path) -> None:
    base = a_snapshot_file(tmp_path, "416,5550107\n", "ca-dncl")
    with pytest.raises(FileRefusedError, match=r"not known: give --added FILE"):
        changed(tmp_path, [base], "416,5550107,D\n", registry="ca-dncl")


def test_an_area_code_that_is_not_named_grows_no_younger(tmp_path: Path) -> None:
    base = a_snapshot_file(tmp_path, FULL + "212,5550107\n")
    after = changed(tmp_path, [base], CHANGES)
    assert after.coverage == Coverage(area_codes=("504",))
    ((named,), (unnamed,)) = a_shelf(tmp_path, base, after).answers(["+15045550107", "+12125550107"], None)
    assert (named.obtained_at, unnamed.obtained_at) == (NOVEMBER + DAY, NOVEMBER)
    assert unnamed.listed


@pytest.mark.parametrize(
    ("coverage", "covers_all"), [(Coverage(area_codes=("212", "504")), False), (None, True)], ids=["said", "all"]
)
def test_changes_may_speak_for_area_codes_in_which_nothing_changed(
    tmp_path: Path, coverage: Coverage | None, covers_all: bool
) -> None:
    base = a_snapshot_file(tmp_path, FULL + "212,5550107\n")
    after = changed(tmp_path, [base], CHANGES, coverage=coverage, covers_all=covers_all)
    (answers,) = a_shelf(tmp_path, base, after).answers(["+12125550107"], None)
    assert [(answer.listed, answer.obtained_at) for answer in answers] == [(True, NOVEMBER + DAY)]


def test_changes_do_not_speak_for_what_no_version_covers(tmp_path: Path) -> None:
    base = a_snapshot_file(tmp_path, FULL)
    with pytest.raises(FileRefusedError, match="beyond the versions"):
        changed(tmp_path, [base], CHANGES, coverage=Coverage(area_codes=("212", "504")))


def test_lists_bought_by_area_code_are_changed_together(tmp_path: Path) -> None:
    first = a_snapshot_file(tmp_path, "504,5550107\n212,5550107\n")
    second = a_snapshot_file(tmp_path, "212,5550108\n", obtained_at=NOVEMBER + DAY)
    text = "504,5550107,2026-11-02,D\n212,5550108,2026-11-02,D\n212,5550109,2026-11-02,A\n"
    after = changed(tmp_path, [second, first], text, obtained_at=NOVEMBER + 2 * DAY)
    shelf = a_shelf(tmp_path, first, second, after)
    assert listed(shelf, "+15045550107") == {"us-national": False}
    assert [listed(shelf, f"+1212555010{last}")["us-national"] for last in (7, 8, 9)] == [False, False, True]
    assert read_header(after.path)[0].base == [second.digest, first.digest]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    before=st.sets(st.integers(0, 40), min_size=1),
    added=st.sets(st.integers(0, 40)),
    deleted=st.sets(st.integers(0, 40)),
    abroad=st.booleans(),
)
def test_a_changed_version_is_what_sets_say(
    tmp_path: Path, before: set[int], added: set[int], deleted: set[int], abroad: bool
) -> None:
    deleted &= before
    if not added | deleted:
        return
    registry, form = ("uk-tps", "020794600{:02}\n") if abroad else ("us-national", "504,55501{:02}\n")
    texts = ["".join(form.format(number) for number in sorted(numbers)) for numbers in (before, added, deleted)]
    base = a_snapshot_file(tmp_path, texts[0], registry)
    if texts[0] in texts[1:]:
        return  # the very file of the base is refused
    after = changed(tmp_path, [base], added=texts[1], deleted=texts[2], registry=registry)
    numbers = [("+4420794600{:02}" if abroad else "+150455501{:02}").format(number) for number in range(41)]
    expected = before - deleted | added
    assert a_shelf(tmp_path, after).on_any(numbers) == [number in expected for number in range(41)]
    assert after.numbers == len(expected)
