"""What kind of text a file is, found in one pass that keeps nothing; what is no list is refused in one sentence."""

import codecs
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from orchestrator.domain.errors import UserError

BLOCK_BYTES = 1 << 20
UNDECODABLE = re.compile("[\udc80-\udcff]")
BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")
STRAY_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")
CONTROLS_OF_WINDOWS_1252 = re.compile(rb"[\x80-\x9f]")
UNUSED_BY_WINDOWS_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NO_LISTS = (
    (b"PK\x03\x04", "is a workbook or a ZIP archive"),
    (b"PK\x05\x06", "is an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "is a workbook of an older Excel"),
    (b"%PDF", "is a PDF"),
    (b"\x1f\x8b", "is compressed with gzip"),
    (b"SQLite format 3", "is a database"),
    (b"{\\rtf", "is a rich-text document"),
    (b"BEGIN:VCARD", "holds vCards"),
    (b"<", "is a page or an XML document"),
    (b"{", "is JSON"),
    (b"[{", "is JSON"),
)
EXPORT_IT = "export the list as CSV or TSV and import that file"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """How to read a file as text; ``digest`` is the SHA-256 of its bytes."""

    path: Path
    digest: str
    encoding: str

    def open(self) -> IO[str]:
        """The text; bytes that cannot be decoded come as lone surrogates, which `UNDECODABLE` finds."""
        return self.path.open(encoding=self.encoding, errors=HANDLER, newline="")


def inspect(path: Path) -> FileForm:
    """The form of the file; raises UserError for what is no list at all."""
    _require_file(path)
    try:
        with path.open("rb") as file:
            return _inspected(path, file)
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}.") from error


def _inspected(path: Path, file: IO[bytes]) -> FileForm:
    start = file.read(BLOCK_BYTES)
    _refuse_no_list(path, start)
    wide = _wide_encoding(start)
    evidence = _Evidence(wide or "utf-8")
    for block in _blocks(file, start):
        evidence.hear(block)
    evidence.finish()
    if evidence.has_nul:
        raise UserError(f"{path.name} is a binary file, it holds NUL bytes; {EXPORT_IT}.")
    if evidence.is_blank:
        raise UserError(f"{path.name} is empty; {EXPORT_IT}.")
    return FileForm(path=path, digest=evidence.digest.hexdigest(), encoding=wide or evidence.narrow_encoding(start))


class _Evidence:
    """What one pass over the bytes says of their encoding."""

    def __init__(self, encoding: str) -> None:
        self.digest = sha256()
        self.has_nul = False
        self.is_blank = True
        self.good = self.bad = 0
        self.windows = self.windows_unused = False
        self.decoder = codecs.getincrementaldecoder(encoding)(HANDLER)

    def hear(self, block: bytes, *, final: bool = False) -> None:
        self.digest.update(block)
        text = self.decoder.decode(block, final)
        self.has_nul |= "\x00" in text
        self.is_blank &= not text.strip(" \t\r\n\ufeff\x1a")
        if text.isascii():
            return
        self.bad += len(UNDECODABLE.findall(text))
        self.good += len(BEYOND_ASCII.findall(text))
        self.windows |= CONTROLS_OF_WINDOWS_1252.search(block) is not None
        self.windows_unused |= UNUSED_BY_WINDOWS_1252.search(block) is not None

    def finish(self) -> None:
        self.hear(b"", final=True)

    def narrow_encoding(self, start: bytes) -> str:
        """UTF-8 where it explains more than it leaves unexplained; Latin letters hardly ever look like UTF-8."""
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if not self.bad or self.good >= self.bad:
            return "utf-8"
        return "cp1252" if self.windows and not self.windows_unused else "latin-1"


def _blocks(file: IO[bytes], start: bytes) -> Iterator[bytes]:
    yield start
    while block := file.read(BLOCK_BYTES):
        yield block


def _require_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name cannot be used"
        raise UserError(f"{path} cannot be read: {reason}.") from error
    if not stat.S_ISREG(mode):
        raise UserError(f"{path} is no regular file; name the list's file itself.")


def _refuse_no_list(path: Path, start: bytes) -> None:
    if not start.strip():
        raise UserError(f"{path.name} is empty; {EXPORT_IT}.")
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    for mark, what in NO_LISTS:
        if text.startswith(mark):
            raise UserError(f"{path.name} {what}, not a list; {EXPORT_IT}.")
    head = start[:65536]
    if _wide_encoding(start) is None and len(STRAY_CONTROLS.findall(head)) > max(1, len(head) // 100):
        raise UserError(f"{path.name} is a binary file; {EXPORT_IT}.")


def _wide_encoding(start: bytes) -> str | None:
    """UTF-16 by its mark, or without one by the zeros that Latin text leaves in every other byte."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding if encoding == "utf-16" else None
    head = start[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 8 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) // 8 and not odd else None


def _mark(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


HANDLER = "orchestrator.mark-undecodable"
codecs.register_error(HANDLER, _mark)
