"""Steps that reach people: placing what is due, hearing what became of it, and taking back what must not happen."""

from orchestrator.log import log
from orchestrator.persistence import attempts
from orchestrator.pipeline import control as controls
from orchestrator.pipeline import follow_up as following
from orchestrator.pipeline import rescue as rescuing
from orchestrator.pipeline import settlement, tick
from orchestrator.pipeline.opt_ins import confirming, ending, listing
from orchestrator.pipeline.opt_ins.confirming import ConfirmationDesk
from orchestrator.scheduler.worker import MOST_ROUNDS, Worker


def dispatch(worker: Worker) -> object:
    """Place what is due, where no other worker does; after ``until`` only await the end of what is in flight."""
    if not worker.leadership.hold():
        return None
    worker.dispatcher = worker.law.follow(worker.dispatcher, worker.clock.now())
    worker.recounts.run_once(worker.clock.now())
    if worker.until is None or worker.clock.now() < worker.until:
        return tick.run_once(worker.dispatcher, worker.pacing) if worker.law.may_place else None
    with worker.store.read() as tx:
        live = attempts.count_live(tx)
    if live == 0 and worker.dispatcher.placer.open == 0:
        worker.finished.set()
    return None


def settle(worker: Worker) -> object:
    """Apply deliveries until none is left, or for so many rounds that others must have their turn."""
    rounds = (settlement.run_once(worker.store, worker.clock.now()) for _ in range(MOST_ROUNDS))
    return next((report for report in rounds if not report.more), None)


def follow_up(worker: Worker) -> object:
    """Give ended attempts' enrollments their next step."""
    rounds = (following.run_once(worker.store, worker.clock.now()) for _ in range(MOST_ROUNDS))
    return next((report for report in rounds if not report.more), None)


def control(worker: Worker) -> object:
    """Take back what must not happen."""
    return controls.run_once(worker.store, worker.carrier(), worker.clock.now())


def rescue(worker: Worker) -> object:
    """Ask about the silent until none is left, or for so many rounds that it is asked who is silent again."""
    waits = worker.dispatcher.engine.waits
    rounds = (rescuing.run_once(worker.store, worker.carrier(), worker.clock.now(), waits) for _ in range(MOST_ROUNDS))
    return next((report for report in rounds if not report.more), None)


def serve_opt_ins(worker: Worker) -> object:
    """Ask whoever opts in to confirm it, carry out their yes, forget whoever did not answer; one worker does."""
    if not worker.leadership.hold():
        return None
    now = worker.clock.now()
    expired, given = ending.run_once(worker.store, now), listing.run_once(worker.store, now)
    if expired:
        log.info("opt_ins.expired", opt_ins=expired)
    if not worker.law.may_place or (worker.until is not None and now >= worker.until):
        return given
    desk = ConfirmationDesk(
        engine=worker.dispatcher.engine,
        carrier=worker.carrier,
        placer=worker.dispatcher.placer,
        clock=worker.clock,
        closings=worker.dispatcher.closings,
    )
    return confirming.run_once(desk)
