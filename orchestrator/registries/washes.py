"""A wash that came back without the listed numbers: what was sent and did not come back is listed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.gathering import Gathering
from orchestrator.registries.numbering import Numbers, ascending
from orchestrator.registries.profiles import Profile
from orchestrator.registries.reading import Progress, batches
from orchestrator.registries.scope import Scope


def gather(
    returned: Sequence[Path], sent: Sequence[Path], profile: Profile, admitted: Scope, progress: Progress
) -> Gathering:
    """The answers; raises FileRefusedError where a number came back that was not sent."""
    form = profile.remainders
    if form is None:
        raise FileRefusedError(f"{profile.name} answers each number: leave --asked out. Nothing was imported.")
    asked = ascending([batch.numbers for _, batch in batches(sent, form, admitted, progress)])
    left = _returned(returned, asked, form, admitted, progress)
    gathering = Gathering()
    gathering.add(asked, np.isin(asked, left, invert=True), wash=True)
    return gathering


def _returned(returned: Sequence[Path], asked: Numbers, form: Profile, admitted: Scope, progress: Progress) -> Numbers:
    left = []
    for label, batch in batches(returned, form, admitted, progress):
        strange = np.isin(batch.numbers, asked, invert=True)
        if strange.any():
            raise FileRefusedError(
                f"{label} line {batch.lines[int(np.argmax(strange))]} holds a number that was not sent, says the file "
                "of --asked: it is the answer to another list. Nothing was imported."
            )
        left.append(batch.numbers)
    return np.concatenate(left)
