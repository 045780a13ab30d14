"""Keep a worker under the law that is in force: the accepted rulebook, and the emergencies that are declared."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from orchestrator.domain.decision import Cure
from orchestrator.log import log
from orchestrator.persistence import acceptances, enrollment_cures, enrollment_holds
from orchestrator.persistence.store import Store
from orchestrator.pipeline import emergencies
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.dispatch import Dispatcher
from orchestrator.pipeline.emergency_feed import EmergencyFeed
from orchestrator.pipeline.law_in_force import Offered, Standing, replaced_libraries, standing
from orchestrator.strategies.state import HELD_BY

LOOK_SECONDS = 60.0  # real ones
START_AGAIN = "Nothing new is placed until this worker is started again."


@dataclass
class LawWatch:
    """What one worker runs under. ``files`` are those of config/ as they were when it started.

    ``replaced`` names the libraries that were changed on the disk since: what this process reads of their tables from
    now on is not what its rulebook was accepted with, so it places nothing until it is started again.
    """

    store: Store
    standing: Standing
    files: Offered
    feed: EmergencyFeed | None = None
    monotonic: Callable[[], float] = time.monotonic
    replaced: tuple[str, ...] = ()
    _look_at: float = field(default=0.0, repr=False)

    @property
    def may_place(self) -> bool:
        """Whether new attempts may be made under what this process has loaded."""
        return self.standing.may_place and not self.replaced

    def begin(self, now: datetime) -> None:
        """Say what is not as it should be, and ask again about whoever an earlier rulebook had kept off."""
        self._say()
        if self.standing.acceptance.taken_up_at is None:
            self._take_up(now)

    def follow(self, dispatcher: Dispatcher, now: datetime) -> Dispatcher:
        """Read what was accepted and declared since; the dispatcher, or one under the rulebook accepted since."""
        self._look_at_libraries()
        if self.feed is not None:
            self.feed.follow(self.store, dispatcher.engine.rulebook, now)
        with self.store.read() as tx:
            latest = acceptances.in_force(tx)
        if latest is not None and latest.number != self.standing.acceptance.number:
            self.standing = standing(self.store, self.files, now)
            dispatcher = under(dispatcher, self.standing)
            self._say()
            self._take_up(now)
        emergencies.reopen(self.store, dispatcher.engine.rulebook, now)
        return dispatcher

    def _look_at_libraries(self) -> None:
        if self.replaced or self.monotonic() < self._look_at:
            return
        self._look_at = self.monotonic() + LOOK_SECONDS
        self.replaced = replaced_libraries()
        if self.replaced:
            log.error("libraries.replaced", changed=self.replaced, notice=START_AGAIN)

    def _say(self) -> None:
        acceptance = self.standing.acceptance
        log.info("rulebook.in_force", digest=acceptance.digest, accepted_by=acceptance.accepted_by)
        if self.standing.notice:
            log.warning("rulebook.not_accepted", placing=self.standing.may_place, notice=self.standing.notice)

    def _take_up(self, now: datetime) -> None:
        """Another rulebook may allow what the last one refused, or held."""
        for cure in set(Cure) - {Cure.NONE}:
            enrollment_cures.reopen(self.store, cure, None, now)
        enrollment_holds.free_of_rules(self.store, HELD_BY, now)
        with self.store.write() as tx:
            acceptances.take_up(tx, self.standing.acceptance.number, now)


def under(dispatcher: Dispatcher, found: Standing) -> Dispatcher:
    """The same dispatcher under another rulebook; what waits for the carrier goes on."""
    engine = replace(dispatcher.engine, rulebook=found.rulebook)
    abandonment = Abandonment(engine.store, found.rulebook, dispatcher.clock.speed, engine.pacing.target_abandonment)
    return Dispatcher(engine, dispatcher.placer, dispatcher.clock, Closings(found.rulebook), abandonment)
