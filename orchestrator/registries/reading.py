"""The rows of a registry's files, of which each must be one that this registry may hold."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from orchestrator.registries import rows
from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.numbering import Numbers
from orchestrator.registries.profiles import Profile
from orchestrator.registries.rows import Rows
from orchestrator.registries.scope import Scope
from orchestrator.registries.sources import streams, undamaged

Progress = Callable[[int], None]


def batches(files: Sequence[Path], profile: Profile, admitted: Scope, progress: Progress) -> Iterator[tuple[str, Rows]]:
    """Some rows at a time, with the name of their file; raises FileRefusedError at the first bad line.

    ``progress`` hears how many records were read since.
    """
    for path in files:
        with undamaged(path):
            yield from _of_file(path, profile, admitted, progress)


def _of_file(path: Path, profile: Profile, admitted: Scope, progress: Progress) -> Iterator[tuple[str, Rows]]:
    members = 0
    for label, stream in streams(path):
        members, records = members + 1, 0
        for batch in rows.read(stream, profile, label):
            _refuse_strangers(batch, admitted, profile, label)
            yield label, batch
            records += len(batch.numbers)
            progress(len(batch.numbers))
        if records == 0:
            raise FileRefusedError(f"{label} holds no number; nothing was imported.")
    if members == 0:
        raise FileRefusedError(f"{path.name} holds no file; nothing was imported.")


def _refuse_strangers(batch: Rows, admitted: Scope, profile: Profile, label: str) -> None:
    """A number of another country or area code than this registry's: it is another registry's file."""
    strange = ~admitted.admits(batch.numbers)
    if strange.any():
        first = int(np.argmax(strange))
        raise FileRefusedError(
            f"{label} line {batch.lines[first]} holds a number of {whereabouts(batch.numbers[first : first + 1])}, "
            f"which is outside of what this import of {profile.name} covers; if it is the right file, widen --coverage."
        )


def whereabouts(number: Numbers) -> str:
    """Where a number is, without telling it."""
    text = str(int(number[0]))
    return f"area code {text[1:4]}" if text.startswith("1") else f"+{text[:2]}…"
