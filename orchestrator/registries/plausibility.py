"""Whether a full list can be what it is said to be: beside the version before, and by where its numbers are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from orchestrator.compliance.numbering import Numbering
from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.numbering import area_codes
from orchestrator.registries.profiles import Profile
from orchestrator.registries.scope import NOTHING, Scope
from orchestrator.registries.snapshot import Snapshot
from orchestrator.registries.snapshot_file import count

MOST_LOST = 0.10  # of what was listed: registries grow, and a list that shrinks by more was cut off
FEWEST = 10  # numbers below which a loss says nothing
AT_HOME = 0.5  # of a state's list: people take their numbers along, but not most of them
ELSEWHERE = 0  # the key of all numbers outside calling code 1


@dataclass(frozen=True, slots=True)
class Plausibility:
    """What is asked of a full list: ``home`` are the area codes of its region, None where it has none.

    ``fewer``: a person has said that it may hold fewer numbers than the version before.
    """

    home: frozenset[int] | None = None
    fewer: bool = False

    def check(self, new: Snapshot, before: Sequence[Snapshot]) -> int | None:
        """Raise FileRefusedError where it cannot be; returns how many were listed before, None without a version.

        ``before`` are the versions in force, newest first; they are compared over what the new one covers.
        """
        after = _listed([new], new.scope)
        if self.home is not None:
            _refuse_strangers(after, self.home, new.registry)
        common = [snapshot for snapshot in before if snapshot.scope & new.scope]
        if not common:
            return None
        listed = _listed(common, new.scope)
        if not self.fewer:
            _refuse_fewer(listed, after, new.registry)
        return sum(listed.values())


ANY_HOME = Plausibility()


def home_of(profile: Profile, registry: str, config: Path) -> frozenset[int] | None:
    """The area codes of the region that the registry's id names, as in us-la; None where it is of no region."""
    if not profile.regional:
        return None
    plans = (config / "numbering").glob("*.toml")
    numbering = Numbering.parse({f"numbering/{path.name}": path.read_text("utf-8") for path in plans})
    country, _, region = registry.upper().partition("-")
    return frozenset(
        int(code)
        for code, origin in numbering.area_codes.items()
        if origin.country == country and region in origin.regions
    )


def _listed(newest_first: Sequence[Snapshot], wanted: Scope) -> Mapping[int, int]:
    """How many numbers each area code has, as versions that stand beside each other answer."""
    counts, taken = Counter[int](), NOTHING
    for snapshot in newest_first:
        scope = wanted & snapshot.scope - taken
        counts.update({area: count(bitmap) for area, bitmap in snapshot.dense() if scope.admits_area(area)})
        sparse = snapshot.sparse()
        areas, numbers = np.unique(area_codes(sparse[scope.admits(sparse)]), return_counts=True)
        counts.update(dict(zip(areas.tolist(), numbers.tolist(), strict=True)))
        taken = taken | snapshot.scope
    return counts


def _refuse_strangers(listed: Mapping[int, int], home: frozenset[int], registry: str) -> None:
    total, own = sum(listed.values()), sum(listed.get(area, 0) for area in home)
    if own < total * AT_HOME:
        first = ", ".join(str(area) for area, _ in Counter(listed).most_common(3) if area != ELSEWHERE)
        raise FileRefusedError(
            f"{own:,} of its {total:,} numbers lie in area codes of {registry.upper()} (most in {first}): this looks "
            "like another state's list. If it is the right file, add --elsewhere. Nothing was imported."
        )


def _refuse_fewer(before: Mapping[int, int], after: Mapping[int, int], registry: str) -> None:
    was, now = sum(before.values()), sum(after.values())
    emptied = sorted(area for area, numbers in before.items() if numbers >= FEWEST and not after.get(area))
    if was - now >= FEWEST and was - now > was * MOST_LOST:
        why = f"{registry} had {was:,} listed numbers here before and would have {now:,} now"
    elif emptied:
        where = "other countries" if emptied[0] == ELSEWHERE else f"area code {emptied[0]}"
        why = f"{registry} had {before[emptied[0]]:,} listed numbers of {where} before and would have none now"
    else:
        return
    raise FileRefusedError(
        f"{why}: the file looks cut off, or is one of several (a version replaces the one before, so files that belong "
        "together are imported in one command). If it is whole, add --fewer. Nothing was imported."
    )
