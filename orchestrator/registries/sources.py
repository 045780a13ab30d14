"""The bytes of a registry's file: plain, or inside a zip or gzip archive."""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import cast

from orchestrator.registries.errors import FileRefusedError

ZIP_MAGIC, GZIP_MAGIC = b"PK", b"\x1f\x8b"
ENCRYPTED = 0x1  # a flag of a member of a zip archive
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError)


def sha256_of(path: Path) -> str:
    """The file's own hash; raises FileRefusedError where it cannot be read."""
    with _plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def streams(path: Path) -> Iterator[tuple[str, BufferedReader]]:
    """Each text in the file with a name for messages; read it inside ``undamaged``, since archives fail while read."""
    with _plain(path) as file:
        magic = file.read(2)
        file.seek(0)
        if path.suffix.lower() == ".zip" and magic != ZIP_MAGIC:
            raise FileRefusedError(
                f"{path.name} is no zip archive, though its name says so; get it again. Nothing was imported."
            )
        if magic == ZIP_MAGIC:
            yield from _members(path, file)
        elif magic == GZIP_MAGIC:
            with gzip.open(file) as text:
                yield path.name, BufferedReader(text)
        else:
            yield path.name, file


@contextmanager
def undamaged(path: Path) -> Iterator[None]:
    """Turn what a damaged archive raises into FileRefusedError."""
    try:
        yield
    except DAMAGES as error:
        raise FileRefusedError(
            f"{path.name} is damaged or cut off ({error}); get it again. Nothing was imported."
        ) from error


def _members(path: Path, file: BufferedReader) -> Iterator[tuple[str, BufferedReader]]:
    with zipfile.ZipFile(file) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if info.flag_bits & ENCRYPTED:
                raise FileRefusedError(f"{path.name} is locked with a password; unpack it first.")
            if not info.is_dir():
                with archive.open(info) as text:
                    yield f"{path.name} ({info.filename})", BufferedReader(cast("zipfile.ZipExtFile", text))


@contextmanager
def _plain(path: Path) -> Iterator[BufferedReader]:
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe would be empty when it is read again
        raise FileRefusedError(f"{path.name} is no regular file; save its content to one and import that.")
    try:
        file = path.open("rb")
    except OSError as error:
        raise FileRefusedError(f"{path.name} cannot be read: {error.strerror}.") from error
    with file:
        yield file
