"""One immutable file a snapshot: a header that says what it is, bitmaps of dense area codes, sorted numbers.

The file is named by the SHA-256 of its header, and the header holds the SHA-256 of all that follows: a name vouches
for every bit. Numbers are little-endian.

    magic, length of the header, header (JSON), zeros to a full page
    one bitmap of 10,000,000 bits for each area code in ``dense``
    ``sparse`` listed numbers as uint64, ascending
    ``asked`` numbers that a wash answered as uint64, ascending
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from orchestrator.domain.errors import UserError
from orchestrator.registries.errors import SnapshotDamagedError
from orchestrator.registries.numbering import AREA, Numbers

MAGIC = b"DNCSNAP1"
PAGE = 4096
BITMAP_BYTES = AREA // 8
NUMBER_BYTES = 8
SUFFIX = ".snapshot"
READABLE = 0o440  # by the group too: workers and the importing person may be different users; written by nobody

State = tuple[int, int, int, int]
Bitmap = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a snapshot is. ``sources`` are names and hashes of the files it was made of.

    ``base`` are the digests of the versions that those files changed, newest first; empty where they are a full list.
    """

    registry: str
    seller_id: str | None
    kind: str
    obtained_at: str  # ISO, UTC
    numbers: int
    coverage: dict[str, Any]
    sources: Sequence[tuple[str, str]]
    dense: Sequence[int]
    sparse: int
    asked: int
    payload_sha256: str
    base: Sequence[str] = ()

    def as_bytes(self) -> bytes:
        """The one form that is hashed; ``base`` is not in that of a full list."""
        form = asdict(self)
        if not self.base:
            del form["base"]
        return json.dumps(form, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Read what ``as_bytes`` wrote."""
        return cls(**json.loads(text))

    @property
    def payload_bytes(self) -> int:
        """How much follows the header."""
        return len(self.dense) * BITMAP_BYTES + (self.sparse + self.asked) * NUMBER_BYTES


@dataclass(frozen=True, slots=True)
class Payload:
    """The numbers: bitmaps by area code, and the rest sorted."""

    dense: dict[int, Bitmap]
    sparse: Numbers
    asked: Numbers

    @property
    def parts(self) -> list[npt.NDArray[Any]]:
        """In the order of the file."""
        return [*(self.dense[code] for code in sorted(self.dense)), self.sparse.astype("<u8"), self.asked.astype("<u8")]

    def listed_count(self) -> int:
        """How many numbers are listed."""
        return sum(map(count, self.dense.values())) + len(self.sparse)

    def sha256(self) -> str:
        """The hash of what will be written."""
        digest = hashlib.sha256()
        for part in self.parts:
            digest.update(part.data)
        return digest.hexdigest()


def count(bitmap: Bitmap) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(bitmap).sum(dtype=np.int64))


def file_of(folder: Path, digest: str) -> Path:
    """Where the snapshot of this digest lies."""
    return folder / f"{digest}{SUFFIX}"


def write(folder: Path, header: Header, payload: Payload) -> str:
    """Put the file in its place whole, or not at all, and return its digest; one that is there already is left.

    Raises UserError where the folder cannot be written.
    """
    digest = hashlib.sha256(header.as_bytes()).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not _is_whole(folder, digest):
            _write_new(file_of(folder, digest), header, payload)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}. Nothing was imported.") from error
    return digest


def _write_new(path: Path, header: Header, payload: Payload) -> None:
    descriptor, name = tempfile.mkstemp(".partial", "importing-", path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_preamble(header))
            for part in payload.parts:
                file.write(part.data)
            file.flush()
            os.fsync(descriptor)
        Path(name).chmod(READABLE)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def read_header(path: Path) -> tuple[Header, int]:
    """The header, and where the payload begins; raises SnapshotDamagedError where the name does not vouch for it."""
    try:
        with path.open("rb") as file:
            magic, length = file.read(len(MAGIC)), int.from_bytes(file.read(NUMBER_BYTES), "little")
            text = file.read(length) if magic == MAGIC else b""
    except FileNotFoundError:
        raise SnapshotDamagedError(
            f"{path.name} is not in {path.parent}; import the registry again, or name the folder that holds it in "
            "ORCHESTRATOR_REGISTRIES_DIR."
        ) from None
    if hashlib.sha256(text).hexdigest() != path.stem:
        raise SnapshotDamagedError(f"{path.name} is not the snapshot that its name says; import the registry again.")
    header = Header.parse(text)
    start = _payload_start(len(text))
    if path.stat().st_size != start + header.payload_bytes:
        raise SnapshotDamagedError(f"{path.name} is cut off; remove it and import the registry again.")
    return header, start


def state_of(path: Path) -> State | None:
    """What tells at a glance whether the file is still the one that was opened; None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def verify(path: Path) -> None:
    """Read every bit and raise SnapshotDamagedError where one has changed."""
    header, start = read_header(path)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(start)
        while piece := file.read(1 << 20):
            digest.update(piece)
    if digest.hexdigest() != header.payload_sha256:
        raise SnapshotDamagedError(f"{path.name} has changed; remove it and import the registry again.")


def _is_whole(folder: Path, digest: str) -> bool:
    try:
        verify(file_of(folder, digest))
    except SnapshotDamagedError:
        return False
    return True


def _preamble(header: Header) -> bytes:
    text = header.as_bytes()
    start = MAGIC + len(text).to_bytes(NUMBER_BYTES, "little") + text
    return start.ljust(_payload_start(len(text)), b"\0")


def _payload_start(header_bytes: int) -> int:
    used = len(MAGIC) + NUMBER_BYTES + header_bytes
    return -(-used // PAGE) * PAGE


def _sync(folder: Path) -> None:
    """Make the new name itself survive a power cut, before a row speaks of it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
