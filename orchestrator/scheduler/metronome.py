"""When each step rings: in the world's time or in real time, and never twice at once."""

from collections.abc import Callable

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from orchestrator.log import log
from orchestrator.scheduler import carrier_news, contacting, floor, keeping, nightly
from orchestrator.scheduler.worker import Worker

SHORTEST_INTERVAL = 0.03  # real seconds: a faster ring than this is late before it begins
SEALS_EVERY = 5.0  # real seconds: within ten, whatever one ring takes

Step = Callable[[Worker], object]


def jobs(worker: Worker) -> dict[str, tuple[Step, float]]:
    """Each step with its interval in real seconds; those of the world's time are scaled by its speed."""
    of_world = worker.clock.real_seconds
    return {
        "dispatch": (contacting.dispatch, of_world(1.0)),
        "settlement": (contacting.settle, min(0.1, of_world(0.5))),
        "follow_up": (contacting.follow_up, of_world(1.0)),
        "agents": (floor.serve_agents, of_world(0.5)),
        "tasks": (floor.serve_tasks, of_world(0.5)),
        "joining": (floor.join, min(0.1, of_world(0.25))),
        "unheard": (floor.ask_unheard, min(0.2, of_world(0.5))),
        "control": (contacting.control, 0.25),
        "rescue": (contacting.rescue, 2.0),
        "machines": (floor.leave_messages, 0.25),
        "caller_causes": (carrier_news.explain_failures, of_world(5.0)),
        "caller_health": (carrier_news.watch_callers, of_world(60.0)),
        "text_health": (carrier_news.heed_failed_texts, of_world(1.0)),
        "inbound": (floor.end_inbound, 60.0),
        "reassigned": (carrier_news.ask_about_reassigned, 10.0),
        "nightly_scrub": (nightly.scrub_nightly, of_world(60.0)),
        "nightly_reconcile": (nightly.reconcile_nightly, of_world(60.0)),
        "training": (floor.pause_untrained, of_world(60.0)),
        "consents": (nightly.expire_consents, of_world(60.0)),
        "deactivations": (carrier_news.read_deactivations, 1800.0),
        "consent_news": (carrier_news.tell_consents, 1.0),
        "seal": (keeping.seal, SEALS_EVERY),
        "nightly_heads": (nightly.export_heads, of_world(60.0)),
        "rights": (keeping.answer_people, 1.0),
        "opt_ins": (contacting.serve_opt_ins, of_world(1.0)),
        "nightly_retention": (nightly.retain_nightly, of_world(60.0)),
        "partitions": (keeping.make_partitions, 3600.0),
    }


def start(worker: Worker) -> BackgroundScheduler:
    """Ring until shut down; a ring that comes while its step still runs is left out."""
    rung = jobs(worker)
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(len(rung))}, timezone="UTC")
    for name, (step, seconds) in rung.items():
        scheduler.add_job(
            _guarded,
            "interval",
            args=[name, step, worker],
            seconds=max(SHORTEST_INTERVAL, seconds),
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler


def _guarded(name: str, step: Step, worker: Worker) -> None:
    """Run the step; whatever it raises is said, and the next ring tries again."""
    try:
        step(worker)
    except Exception as error:  # noqa: BLE001 - a step that fails must ring again
        log.error("step.failed", step=name, error=repr(error))
