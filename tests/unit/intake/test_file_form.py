"""Encodings, and what is no list at all."""

from pathlib import Path

import pytest

from orchestrator.domain.errors import UserError
from orchestrator.pipeline.intake.file_form import inspect

TEXT = "Name,Phone\nJosé Muñoz,5045550107\nZoë “Z” Fürst,5045550108\n"
PLAIN = "Name,Phone\nJosé Muñoz,5045550107\n"


def read(path: Path) -> str:
    with inspect(path).open() as text:
        return text.read()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"], ids=lambda name: name
)
def test_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(TEXT.encode(encoding))
    assert read(file) == TEXT


def test_latin_1_is_told_from_windows_1252_by_signs_that_the_latter_does_not_have(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(PLAIN.encode("latin-1"))
    assert read(file) == PLAIN
    file.write_bytes(PLAIN.encode("latin-1") + b"\x81\n")
    assert inspect(file).encoding == "latin-1"


def test_one_bad_byte_does_not_turn_utf_8_into_something_else(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(PLAIN.encode() + b"Ren\xe9,5045550108\n")
    assert "José" in read(file)


def test_a_sign_on_the_edge_of_two_blocks_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.pipeline.intake.file_form.BLOCK_BYTES", 3)
    file = tmp_path / "list.csv"
    file.write_bytes("aé,ñ€\n".encode())
    assert inspect(file).encoding == "utf-8"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n \r\n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        ("".encode("utf-16"), "is empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "older Excel"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        (b"name,phone\nAnn,5045550107\x00\n", "NUL"),
        (bytes(range(1, 32)) * 9, "binary"),
        (b"<!DOCTYPE html><table>", "page"),
        (b'{"name": "Ann"}', "JSON"),
        ("a,b\nc\x00,d".encode("utf-16"), "NUL"),
    ],
)
def test_what_is_no_list_is_refused_in_one_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(UserError, match=says) as refusal:
        inspect(file)
    assert "\n" not in str(refusal.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        inspect(tmp_path / "none.csv")
    with pytest.raises(UserError, match="no regular file"):
        inspect(tmp_path)
