"""Steps that learn from the carrier what is not in its callbacks, heed it, and tell it what it ought to know."""

from dataclasses import asdict

from orchestrator.log import log
from orchestrator.pipeline import caller_health, consent_news, deactivations, reassigned, text_health
from orchestrator.scheduler.worker import MOST_ROUNDS, Worker

REASSIGNED_AT_ONCE = 1000


def explain_failures(worker: Worker) -> object:
    """Learn why calls failed, and rest the numbers that carriers block; one worker does."""
    if not worker.leadership.hold():
        return None
    engine = worker.dispatcher.engine
    return caller_health.explain_failures(worker.store, worker.carrier(), engine.callers, worker.clock.now())


def watch_callers(worker: Worker) -> object:
    """Recount the days of caller ids, and rest those for which fewer people pick up; one worker does."""
    if not worker.leadership.hold():
        return None
    engine = worker.dispatcher.engine
    return caller_health.run_once(worker.store, engine.rulebook.places, engine.callers, worker.clock.now())


def heed_failed_texts(worker: Worker) -> object:
    """Rest senders and pause campaigns whose texts the carrier says cannot go on; one worker does."""
    if not worker.leadership.hold():
        return None
    policy = worker.dispatcher.engine.senders
    rounds = (text_health.run_once(worker.store, policy, worker.clock.now()) for _ in range(MOST_ROUNDS))
    return next((report for report in rounds if not report.more), None)


def read_deactivations(worker: Worker) -> object:
    """Learn which numbers carriers took back on the days that are over; one worker does."""
    if worker.lists is None or not worker.leadership.hold():
        return None
    reports = deactivations.run_once(worker.store, worker.lists, worker.clock.now())
    for report in reports:
        log.info("deactivations.read", day=str(report.day), listed=report.listed, known=report.known)
    return reports


def ask_about_reassigned(worker: Worker) -> object:
    """Ask what blocked people wait for; one worker does, or each question would be paid for twice."""
    if not worker.leadership.hold():
        return None
    report = reassigned.run_once(worker.store, worker.carrier, worker.clock.now(), REASSIGNED_AT_ONCE)
    if report.asked or report.stopped:
        log.info("reassigned.asked", **asdict(report))
    return report


def tell_consents(worker: Worker) -> object:
    """Tell the carrier's own list of stops and starts, where that is switched on; one worker does."""
    if worker.lists is None or not worker.tells_consents or not worker.leadership.hold():
        return None
    return consent_news.run_once(worker.store, worker.lists(), worker.clock.now())
