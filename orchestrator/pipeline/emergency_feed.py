"""The file that declares emergencies: read again whenever it changes; a damaged one changes nothing."""

import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.emergency import NONE, Emergency, parse_feed
from orchestrator.domain.errors import UserError
from orchestrator.log import log
from orchestrator.persistence import emergencies
from orchestrator.persistence.emergencies import FEED
from orchestrator.persistence.store import Store
from orchestrator.pipeline.emergencies import rules_asking
from orchestrator.pipeline.emergency_area import require_known

SETTLED_SECONDS = 10.0  # real ones: a file that is being written, or was cut, ends no emergency
MOST_BYTES = 2_000_000
Stamp = tuple[int, int, int]  # when it was written, how long it is, which file it is
Turn = tuple[Stamp | str, bool]  # the file as it is, and whether it has been so for a while


@dataclass
class EmergencyFeed:
    """One feed file. ``complaint`` says what is wrong with it; what it declared before then stays in force.

    What it declares is in force at once; what it no longer declares is ended when it has stayed so for a while.
    """

    path: Path
    complaint: str = ""
    monotonic: Callable[[], float] = time.monotonic
    _found: Stamp | str = field(default="", repr=False)
    _found_at: float = field(default=0.0, repr=False)
    _done: Turn | None = field(default=None, repr=False)

    def follow(self, store: Store, rulebook: Rulebook, now: datetime) -> bool:
        """Declare and end what the file says, where it has changed; False where it has not, or cannot be used.

        Whatever the database raises is left to the caller: the file counts as followed only once it is stored.
        """
        turn = self._turn()
        if turn == self._done:
            return False
        try:
            found = self.read(rulebook)
        except UserError as error:
            self._complain(str(error))
            self._done = turn
            return False
        stamp, settled = turn
        self._apply(store, found, now, settled=settled and stamp == self._stamp())  # else it changed as it was read
        self._done = turn
        if not settled:  # once for each version of the file
            _warn_of_idle(found, rulebook)
        return True

    def read(self, rulebook: Rulebook) -> Sequence[Emergency]:
        """What the file declares now; UserError says what is wrong with it."""
        found = parse_feed(self._text(), str(self.path))
        for emergency in found:
            require_known(emergency, rulebook.numbering, f"{self.path}, '{emergency.name}'")
        return found

    def _apply(self, store: Store, found: Sequence[Emergency], now: datetime, *, settled: bool) -> None:
        try:
            declared, ended = _declare(store, found, f"feed {self.path.name}", now, settled=settled)
        except Exception as error:  # said once, and raised again: nothing is swallowed here
            self._complain(f"{self.path} could not be stored, and is tried again: {error!r}")
            raise
        self.complaint = ""
        if declared or ended or not settled:
            log.info("emergencies.feed_read", file=str(self.path), declared=declared, ended=ended)

    def _complain(self, complaint: str) -> None:
        if complaint != self.complaint:
            log.error("emergencies.feed_refused", file=str(self.path), error=complaint)
        self.complaint = complaint

    def _text(self) -> str:
        try:
            status = self.path.stat()
            if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for whoever writes into it
                raise UserError(f"{self.path} is no file that can be read again; name one that is.")
            if status.st_size > MOST_BYTES:
                raise UserError(f"{self.path} has more than {MOST_BYTES:,} bytes; write shorter entries, or fewer.")
            return self.path.read_text("utf-8")
        except OSError as error:
            raise UserError(
                f"{self.path}: {error.strerror}; where no emergency is declared, let it say: {NONE}"
            ) from None
        except UnicodeDecodeError:
            raise UserError(f"{self.path} is not text in UTF-8; save it as UTF-8.") from None

    def _turn(self) -> Turn:
        stamp = self._stamp()
        if stamp != self._found:
            self._found, self._found_at = stamp, self.monotonic()
        return stamp, self.monotonic() - self._found_at >= SETTLED_SECONDS

    def _stamp(self) -> Stamp | str:
        try:
            status = self.path.stat()
        except OSError as error:
            return str(error)
        return status.st_mtime_ns, status.st_size, status.st_ino


def _warn_of_idle(found: Sequence[Emergency], rulebook: Rulebook) -> None:
    places = {emergency.jurisdiction for emergency in found}
    idle = sorted(place for place in places if not rules_asking(rulebook, place))
    if idle:
        log.warning("emergencies.hold_nobody", places=idle, notice="no rule speaks of emergencies there")


def _declare(store: Store, found: Sequence[Emergency], by: str, now: datetime, *, settled: bool) -> tuple[int, int]:
    """Declare what is new in the file and, where it has settled, end what it no longer says.

    An emergency that reads otherwise is declared anew beside the one before, which ends when the file has settled.
    """
    wanted = {emergency.name: emergency for emergency in found if emergency.until is None or emergency.until > now}
    with store.write() as tx:
        rows = [row for row in emergencies.declared(tx) if row.origin == FEED]
        kept = {row.id: row.name for row in rows if wanted.get(row.name) == emergencies.emergency_of(row)}
        past = [row.id for row in rows if row.id not in kept] if settled else []
        known = set(kept.values())
        fresh = [emergency for name, emergency in wanted.items() if name not in known]
        emergencies.end_all(tx, past, by, now)
        emergencies.declare_all(tx, fresh, FEED, by, now)
    return len(fresh), len(past)
