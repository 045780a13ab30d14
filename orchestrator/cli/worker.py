"""`orchestrator worker`: the process that rings the steps."""

import logging
import os
import signal
import socket
import threading
from datetime import datetime
from typing import Annotated

import typer


def worker(
    until: Annotated[
        datetime | None, typer.Option(help="Place nothing after this moment (UTC), and end when all in flight has.")
    ] = None,
) -> None:
    """Run campaigns until interrupted."""
    from datetime import UTC

    from orchestrator import bootstrap, config_files, log
    from orchestrator.cli.actor import who
    from orchestrator.domain.errors import UserError
    from orchestrator.persistence.leadership import Leadership
    from orchestrator.pipeline import configuration_watch
    from orchestrator.pipeline.pacing_desk import PacingDesk
    from orchestrator.pipeline.rights.duty import Duty
    from orchestrator.scheduler import metronome
    from orchestrator.scheduler.keeping import make_partitions
    from orchestrator.scheduler.worker import Worker
    from orchestrator.settings import config_dir

    log.configure(as_json=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    house = bootstrap.build(may_make=True)
    house.settings.require("account_sid", "auth_token", "public_url")
    house.settings.warn_of_speed()
    engine = bootstrap.build_engine(house, f"{socket.gethostname()}-{os.getpid()}")
    dispatcher = bootstrap.build_dispatcher(house, engine)
    moment = until.replace(tzinfo=UTC) if until is not None and until.tzinfo is None else until
    leadership = Leadership(house.store)
    if house.store.is_sqlite and not leadership.hold():
        raise UserError(
            "Another worker runs on this SQLite database, which bears one; stop it first, or use PostgreSQL."
        )
    law = bootstrap.build_law_watch(house)
    law.begin(house.clock.now())
    configuration_watch.note(house.store, config_dir(), who(), house.clock.now())
    hour = house.settings.nightly_scrub_hour
    steps = Worker(dispatcher, lambda: house.carrier, PacingDesk(engine), leadership, law, hour, moment)
    steps.task_router = house.task_router
    steps.reconcile_hour = house.settings.nightly_reconcile_hour
    steps.lists = lambda: house.carrier_lists
    steps.tells_consents = house.settings.consent_api
    steps.heads_dir, steps.heads_hour = house.settings.heads_dir, house.settings.nightly_heads_hour
    rights = config_files.load_rights(config_dir())
    steps.duty = Duty(rights, bootstrap.erasure_journal(house.settings))
    steps.retention = config_files.load_retention
    steps.retention_hour = house.settings.nightly_retention_hour
    make_partitions(steps)
    house.carrier  # noqa: B018 - connected before the first ring, so that a wrong setting is said at start
    stopped = _on_signals(steps.finished)
    ringing = metronome.start(steps)
    stopped.wait()
    ringing.shutdown(wait=True)
    dispatcher.placer.close()
    leadership.release()


def _on_signals(finished: threading.Event) -> threading.Event:
    """Interrupted, terminated or finished: one event for all."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: finished.set())
    return finished
