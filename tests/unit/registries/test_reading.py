"""Files as registries publish them."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.registry_snapshot import Coverage
from orchestrator.registries import uniform
from orchestrator.registries.errors import FileRefusedError
from tests.unit.registries.builders import PROFILES, a_shelf, a_snapshot_file, listed

TPS_APART = "0207 9460018\r\n01632 960001\r\n"
TPS_TOGETHER = "02079460018 \r\n01632960001 \r\n"
DNCL_XML = "<list type='full' level='all' val=''/>\n<ac val='416'><ph val='5550107'/>\n<ph val='5550108'/></ac></list>"
DNCL_ONE_AREA = "<list type='full' level='ac' val='416'><ph val='5550107'/></list>"
US_XML = (
    '<?xml version="1.0"?>\r\n<list type="full" level="ac" val="504">\r\n'
    '<ac val="504"><ph val="5550107" date="2026-11-02"/></ac></list>\r\n'
)


@pytest.mark.parametrize(
    ("registry", "text", "number"),
    [
        ("us-national", "504,5550107\n504,5550108\n", "+15045550107"),
        ("us-national", "5045550107\n", "+15045550107"),
        ("us-national", "504,5550107\r\n504,5550108\r\n", "+15045550108"),
        ("us-national", "504,5550107\n504,5550108", "+15045550108"),  # the last line need not end
        ("us-national", "504,5550107\n\n\n504,5550108\n\n", "+15045550108"),
        ("us-national", "\ufeff504,5550107\n", "+15045550107"),
        ("us-national", "787,5550107\n", "+17875550107"),  # Puerto Rico is in the national registry
        ("us-fl", "Name;Phone\nAna;(504) 555-0107\n", "+15045550107"),
        ("us-fl", "Area Code,Phone Number\n504,555-0107\n", "+15045550107"),
        ("us-tx", 'NAME,ZIP,TELEPHONE\n"Ana, B.\nand C.",77001,5045550107\n', "+15045550107"),
        ("us-pa", "1-504-555-0107\n", "+15045550107"),
        ("us-la", '"504","5550107"\n', "+15045550107"),
        ("us-in", "504|5550107\n", "+15045550107"),
        ("uk-tps", TPS_APART, "+442079460018"),
        ("uk-tps", TPS_APART, "+441632960001"),
        ("uk-ctps", TPS_TOGETHER, "+441632960001"),
        ("uk-tps", "02079460018\n01632960001\n", "+442079460018"),
        ("ca-dncl", "416,5550107\n", "+14165550107"),
        ("ca-dncl", DNCL_XML, "+14165550108"),
        ("ca-dncl", DNCL_ONE_AREA, "+14165550107"),
        ("au-dncr", "0491570156,Y\n", "+61491570156"),
        ("au-dncr", "Number,Status\n+61 491 570 156,Registered\n", "+61491570156"),
        ("be-dncm", "+32460000001\n", "+32460000001"),
        ("be-dncm", "0460000001;2026-11-02\r\n", "+32460000001"),
        ("be-dncm", "0460000001 02/11/2026\n", "+32460000001"),
        ("us-national", "Area Code,Phone Number\r\n504,5550107\r\n", "+15045550107"),
        ("us-national", "\n\nPhone\n5045550107\n5045550108", "+15045550108"),
        ("us-national", US_XML, "+15045550107"),
        ("litigators", "5045550107\n+442079460018\n", "+442079460018"),
        ("litigators", "5045550107\n+442079460018\n", "+15045550107"),
        ("litigators", "Name,Phone\nAna,(504) 555-0107\n", "+15045550107"),
    ],
)
def test_a_number_in_a_registrys_file_is_listed(tmp_path: Path, registry: str, text: str, number: str) -> None:
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, text, registry))
    assert listed(shelf, number) == {registry: True}


@pytest.mark.parametrize(
    ("registry", "text", "bad_line"),
    [
        ("us-national", "504,5550107\n504,555010\n", "line 2"),  # truncated
        ("us-national", "504,5550107\n5045550108\n", "line 2"),  # mixed
        ("us-national", "5045550107\n504,5550108\n", "line 2"),
        ("us-national", "504,5550107\n504,5550108,x\n", "line 2"),
        ("us-national", "104,5550107\n", "line 1"),  # no such area code
        ("us-national", "504,5550107\n104,5550107\n", "line 2"),
        ("us-national", "504,5550107\n416,5550107\n", "line 2"),  # Canada's
        ("us-national", "area,digits\n504,5550107\n", "line 1"),
        ("us-national", "Phone Number\n5045550107\n504555010\n", "line 3"),
        ("us-national", "Phone Number\n", "no number"),
        ("us-national", '<list type="full"><ac val="504"><ph val="5550107"/></ac>', "cut off"),
        ("us-national", '<list type="full"><ac val="504"><tel val="5550107"/></ac></list>', "line 1"),
        ("us-national", '<list type="change"><ac val="504"><ph val="5550107" type="A"/></ac></list>', "add --changes"),
        ("us-national", "504,5550107,2026-11-02,A\n", "add --changes"),
        ("us-national", "504,5550107\n504,5550108,2026-11-02,A\n", "line 2"),
        ("us-national", "504,5550107\r504,5550108\r", "line 1"),  # ends of line as no registry writes them
        ("us-national", "5\x000\x004\x005\x00\n", "line 1"),
        ("us-national", "504,5550107\n50\u00b2,5550107\n", "line 2"),
        ("us-national", "\x00\x01\x02\n", "line 1"),
        ("ca-dncl", "504,5550107\n", "line 1"),  # the United States'
        ("us-fl", "Name,Phone\nAna,5045550107\nBo,504555\n", "line 3"),
        ("us-fl", "Name,Phone\nAna,5045550107\nBo\n", "line 3"),  # cut inside a row
        ("us-fl", 'Name,Phone\nAna,5045550107\n"Bo,5045550108\n', "line 3"),  # cut inside a quote
        ("us-fl", "Name,Postal code\nAna,70112\n", "line 1"),
        ("uk-tps", TPS_APART + "020794600", "line 3"),
        ("uk-tps", TPS_APART + TPS_TOGETHER, "line 3"),
        ("uk-tps", "02079460018\n2079460018\n", "line 2"),  # without its leading 0
        ("au-dncr", "0491570156,Y\n0491570157,maybe\n", "line 2"),
        ("au-dncr", "0491570156,Y\n0491570157\n", "line 2"),
        ("se-nix", "+46317401001\n0317401002\n", "line 2"),
        ("se-nix", "+46317401001\n+33199000001\n", "line 2"),  # France's
        ("be-dncm", "+32460000001;2026-11-02\n+32460000002;soon\n", "line 2"),
        ("be-dncm", "+32460000001;2026-11-02\n+32460000002\n", "line 2"),
        ("ca-dncl", DNCL_XML.removesuffix("</list>"), "cut off"),
        ("ca-dncl", DNCL_XML[:70], "line 2"),
        ("ca-dncl", DNCL_XML.replace("5550108", "555010"), "line 3"),
        ("ca-dncl", DNCL_XML.replace("'full'", "'delta'"), "changes"),
        ("us-national", "", "empty"),
        ("us-national", "\n\n", "empty"),
        ("us-fl", "Name,Phone\n", "no number"),
    ],
)
def test_a_wrong_truncated_or_mixed_file_is_refused_whole(
    tmp_path: Path, registry: str, text: str, bad_line: str
) -> None:
    with pytest.raises(FileRefusedError, match=bad_line):
        a_snapshot_file(tmp_path, text, registry)
    assert list(tmp_path.glob("registries/*")) == []


def test_the_first_bad_line_is_named_far_into_a_file(tmp_path: Path) -> None:
    rows = [f"504,{number:07d}\n" for number in range(400_000)]  # more than one block
    rows[390_000] = "504 5550107\n"
    with pytest.raises(FileRefusedError, match="line 390001 "):
        a_snapshot_file(tmp_path, "".join(rows))


def test_the_first_bad_line_is_counted_with_the_header(tmp_path: Path) -> None:
    rows = ["Phone\n", *(f"504{number:07d}\n" for number in range(400_000))]
    assert a_snapshot_file(tmp_path, "".join(rows)).numbers == 400_000
    rows[390_000] = "504555\n"
    with pytest.raises(FileRefusedError, match="line 390001 "):
        a_snapshot_file(tmp_path, "".join(rows))


def test_the_same_line_twice_counts_once(tmp_path: Path) -> None:
    file = a_snapshot_file(tmp_path, "504,5550107\n504,5550108\n504,5550107\n")
    assert (file.records, file.numbers) == (3, 2)


def test_a_refusal_does_not_repeat_the_number(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError) as refused:
        a_snapshot_file(tmp_path, "504,5550107\n504,555019\n")
    assert "555019" not in str(refused.value)


def zipped(**members: str) -> bytes:
    """A zip archive of these texts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.txt", text)
    return packed.getvalue()


def test_every_member_of_a_zip_is_read(tmp_path: Path) -> None:
    file = a_snapshot_file(tmp_path, zipped(louisiana="504,5550107\n", new_york="212,5550107\n"))
    assert file.coverage == Coverage(area_codes=("212", "504"))


def test_a_bad_line_is_named_with_its_member(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match=r"registry.txt \(b.txt\) line 1 "):
        a_snapshot_file(tmp_path, zipped(a="504,5550107\n", b="504;5550107\n"))


def test_a_gzip_is_unpacked(tmp_path: Path) -> None:
    assert a_snapshot_file(tmp_path, gzip.compress(b"504,5550107\n")).numbers == 1


MANY_ROWS = "".join(f"504,{number * 7919 % 10_000_000:07d}\n" for number in range(20_000))


@pytest.mark.parametrize("archive", [zipped(a=MANY_ROWS), gzip.compress(MANY_ROWS.encode())], ids=["zip", "gzip"])
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_archive_is_refused(tmp_path: Path, archive: bytes, kept: float) -> None:
    with pytest.raises(FileRefusedError, match=r"registry\.txt"):
        a_snapshot_file(tmp_path, archive[: int(len(archive) * kept)])
    assert list(tmp_path.glob("registries/*")) == []


def test_a_zip_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    archive = bytearray(zipped(a=MANY_ROWS))
    archive[len(archive) // 2] ^= 0xFF
    with pytest.raises(FileRefusedError, match=r"registry\.txt"):
        a_snapshot_file(tmp_path, bytes(archive))


@given(
    rows=st.lists(st.tuples(st.integers(200, 999), st.integers(0, 9_999_999)), min_size=1, max_size=50),
    separator=st.sampled_from([",", "", "-"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_blocks_are_read_as_rows_are(rows: list[tuple[int, int]], separator: str, end: str) -> None:
    block = "".join(f"{area}{separator}{number:07d}{end}" for area, number in rows).encode()
    expected = [int(f"1{area}{number:07d}") for area, number in rows]
    numbers = uniform.read(block, expected[0])
    assert numbers is not None
    assert numbers.tolist() == expected


@given(
    rows=st.lists(st.integers(200_0000000, 999_9999999), min_size=2, max_size=20),
    at=st.integers(0, 10**6),
    byte=st.integers(0, 255).filter(lambda value: not ord("0") <= value <= ord("9")),
)
def test_a_block_with_one_foreign_byte_is_left_to_be_read_by_row(rows: list[int], at: int, byte: int) -> None:
    block = bytearray("".join(f"{number}\n" for number in rows).encode())
    place = 11 + at % (len(block) - 11)  # not in the first row, which says how the others look
    if block[place] == byte:
        return
    block[place] = byte
    assert uniform.read(bytes(block), rows[0] + 10**10) is None


def test_every_profile_says_which_registries_it_reads() -> None:
    claimed = [registry for profile in PROFILES.values() for registry in profile.registries]
    assert len(claimed) == len(set(claimed))
    assert {"us-national", "us-fl", "us-la", "us-tx", "us-pa", "uk-tps", "uk-ctps", "ca-dncl", "au-dncr"} <= set(
        claimed
    )


@pytest.mark.parametrize("page", ["<!DOCTYPE html><html>", "\n <html lang='en'>\n<body>504,5550107</body>"])
@pytest.mark.parametrize("registry", ["us-national", "uk-tps", "litigators"])
def test_a_web_page_is_called_one(tmp_path: Path, page: str, registry: str) -> None:
    with pytest.raises(FileRefusedError, match=r"registry\.txt is a web page and no list"):
        a_snapshot_file(tmp_path, page, registry)


@pytest.mark.parametrize(("last", "whole"), [("+3531990000", False), ("+442079460", False), ("+442079460123", True)])
def test_a_last_number_without_an_end_must_be_long_enough(tmp_path: Path, last: str, whole: bool) -> None:
    content = f"+442079460124\n{last}"
    if whole:
        assert a_snapshot_file(tmp_path, content, "litigators").numbers == 2
    else:
        with pytest.raises(FileRefusedError, match="line 2 is the last, has no end and holds too short a number"):
            a_snapshot_file(tmp_path, content, "litigators")
    assert a_snapshot_file(tmp_path, f"{content}\n", "litigators").numbers == 2, "a row with an end is as it is"
