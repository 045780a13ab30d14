"""The file that declares emergencies: read again whenever it changes; a damaged one changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.emergency import Emergency, parse_feed
from orchestrator.domain.errors import UserError
from orchestrator.log import log
from orchestrator.persistence import emergencies
from orchestrator.persistence.emergencies import FEED
from orchestrator.persistence.store import Store

Stamp = tuple[int, int, int]  # when it was written, how long it is, which file it is


@dataclass
class EmergencyFeed:
    """One feed file. ``complaint`` says what is wrong with it; what it declared before then stays in force."""

    path: Path
    complaint: str = ""
    _seen: Stamp | str | None = field(default=None, repr=False)

    def follow(self, store: Store, rulebook: Rulebook, now: datetime) -> bool:
        """Declare and end what the file says, where it has changed; False where it has not, or cannot be used."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            found = self.read(rulebook)
        except UserError as error:
            self.complaint = str(error)
            log.error("emergencies.feed_refused", file=str(self.path), error=self.complaint)
            return False
        self.complaint = ""
        declared, ended = _declare(store, found, f"feed {self.path.name}", now)
        log.info("emergencies.feed_read", file=str(self.path), declared=declared, ended=ended)
        return True

    def read(self, rulebook: Rulebook) -> Sequence[Emergency]:
        """What the file declares now; UserError says what is wrong with it."""
        try:
            text = self.path.read_text("utf-8")
        except OSError as error:
            raise UserError(f"{self.path}: {error.strerror}; an empty file says that there is no emergency.") from None
        except UnicodeDecodeError:
            raise UserError(f"{self.path} is not text in UTF-8; save it as UTF-8.") from None
        found = parse_feed(text, str(self.path))
        for emergency in found:
            require_known(emergency.jurisdiction, rulebook, str(self.path))
        return found

    def _stamp(self) -> Stamp | str:
        try:
            status = self.path.stat()
        except OSError as error:
            return str(error)
        return status.st_mtime_ns, status.st_size, status.st_ino


def require_known(place: str, rulebook: Rulebook, where: str) -> None:
    """Raise UserError for a place that nobody is ever found in: its emergency would meet nobody."""
    country, _, region = place.partition("-")
    plan = rulebook.numbering.countries.get(country)
    if plan is None or (region and region not in plan.regions):
        raise UserError(f"{where}: '{place}' is no jurisdiction that anybody is contacted in; write it as in US-LA.")


def _declare(store: Store, found: Sequence[Emergency], by: str, now: datetime) -> tuple[int, int]:
    """Make the feed's declarations those of the file: an emergency that reads otherwise is ended and declared anew."""
    wanted = {emergency.name: emergency for emergency in found if emergency.until is None or emergency.until > now}
    with store.write() as tx:
        rows = [row for row in emergencies.declared(tx) if row.origin == FEED]
        kept = {row.name for row in rows if wanted.get(row.name) == emergencies.emergency_of(row)}
        past = [row for row in rows if row.name not in kept]
        for row in past:
            emergencies.end(tx, row.id, by, now)
        fresh = [emergency for name, emergency in wanted.items() if name not in kept]
        for emergency in fresh:
            emergencies.declare(tx, emergency, FEED, by, now)
    return len(fresh), len(past)
