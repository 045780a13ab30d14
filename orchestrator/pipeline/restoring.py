"""A backup made ready before anything can open it: erased people erased again, and what is past its time let go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.persistence import database_file, erasure_file, noes
from orchestrator.persistence.noes import Noes
from orchestrator.persistence.store import Store
from orchestrator.pipeline.law_in_force import Offered, standing
from orchestrator.pipeline.retention.running import Retention
from orchestrator.pipeline.rights import journal
from orchestrator.pipeline.rights.erasing import Eraser

BY = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a backup is held against: every journal that was found, the noes since, and the law of today."""

    journals: Sequence[Path]
    rights: RightsLaw
    retention: RetentionLaw
    rules: Offered
    clock: Callable[[], datetime]
    noes: Noes


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """How many journals were read, how many people were erased again or wait to be, and how many rows went.

    ``noes``: how many stops that the backup did not know were carried over.
    """

    journals: int
    people: int
    waiting: int
    rows: int
    noes: int


def make_ready(store: Store, wanted: Wanted, kept: Path | None) -> Restored:
    """Replay the journals, run retention, and write the union of the journals where the database will look for it.

    An erasure of somebody whose call was on its way then waits until the carrier has told how that ended; their no
    stands from the first moment.
    """
    eraser, now = Eraser(store, wanted.rights, BY), wanted.clock()
    carried = noes.carry_over(store, wanted.noes)
    done = [journal.replay(store, eraser, path, now) for path in wanted.journals]
    history = standing(store, wanted.rules, now).rulebook.history_days
    run = Retention(store=store, law=wanted.retention, history_days=history, clock=wanted.clock).run(BY)
    if kept is not None:
        erasure_file.export(store, kept)
    people, waiting = sum(one.people for one in done), sum(one.waiting for one in done)
    return Restored(journals=len(done), people=people, waiting=waiting, rows=run.rows, noes=carried)


def put_in_place(draft: Path, target: Path, now: datetime) -> Path | None:
    """Make the draft the database; where the one before is now, None where there was none."""
    aside = target.with_name(f"{target.name}.before-{now:%Y%m%dT%H%M%S}")
    was_there = target.exists()
    with database_file.alone(draft):
        pass  # whatever was written to it is in the one file now
    with database_file.alone(target):
        pass
    database_file.put_in_place(draft, target, aside)
    return aside if was_there else None


def clear(draft: Path) -> None:
    """Leave nothing half-made behind."""
    for ending in ("", *database_file.OPEN_BESIDE, ".erasures"):
        draft.with_name(draft.name + ending).unlink(missing_ok=True)
