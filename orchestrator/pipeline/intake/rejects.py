"""The file of records that were not taken, to be corrected and imported again."""

import csv
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from orchestrator.domain.errors import UserError
from orchestrator.pipeline.intake.layout import Layout, dialect
from orchestrator.pipeline.intake.records import Record
from orchestrator.pipeline.intake.verdicts import REJECTS, Judged

# They lead, so that a record with too many cells stays readable; an import knows and ignores them.
OWN_COLUMNS = ("import_line", "import_verdict", "import_reason")


def require_writable(path: Path, source: Path) -> None:
    """Raise UserError, before anything is written, where rejects could not be."""
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UserError(f"Rejects cannot be written to {path.parent}; name another file with --rejects.")
    if path.is_dir() or (path.exists() and path.samefile(source)):
        raise UserError(f"Rejects cannot be written over {path}; name another file with --rejects.")


class RejectsFile:
    """Written beside its final name and moved there when the import is done; a run that stops leaves nothing."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self._layout = layout
        self._partial = path.with_name(path.name + ".partial")
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        """Itself; the file is made with the first reject."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Drop what has not been published."""
        if self._file is not None:
            self._file.close()
            with suppress(FileNotFoundError):
                self._partial.unlink()

    def add_all(self, records: Sequence[Record], judged: Sequence[Judged]) -> None:
        """Keep the records as they came whose verdict is one that a correction cures."""
        for record, verdict in zip(records, judged, strict=True):
            if verdict.verdict in REJECTS:
                self._writer = self._writer or self._opened()
                self._writer.writerow([verdict.line, verdict.verdict.value, verdict.reason, *record.cells])

    def publish(self) -> Path | None:
        """Move the file to its name, an older one under it to NAME~; None where nothing was rejected."""
        if self._file is None:
            return None
        self._file.flush()
        os.fsync(self._file.fileno())
        if self.path.exists():
            self.path.replace(self.path.with_name(self.path.name + "~"))
        self._partial.replace(self.path)
        return self.path

    def _opened(self) -> Any:
        with suppress(FileNotFoundError):
            self._partial.unlink()
        descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="")
        writer = csv.writer(self._file, **dialect(self._layout))
        titles = self._layout.header or tuple(column.field.value for column in self._layout.columns)
        writer.writerow([*OWN_COLUMNS, *titles])
        return writer
