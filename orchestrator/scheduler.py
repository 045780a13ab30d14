"""APScheduler as a metronome: which ``run_once`` rings how often. Everything durable is in the tables."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from orchestrator.clock import Clock
from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.carrier_lists import CarrierLists
from orchestrator.domain.task_routing import TaskRouter
from orchestrator.log import log
from orchestrator.persistence import attempts, callers, partitions
from orchestrator.persistence.leadership import Leadership
from orchestrator.persistence.store import Store
from orchestrator.pipeline import (
    agents,
    caller_health,
    campaign_board,
    consent_news,
    control,
    conversations,
    deactivations,
    follow_up,
    joining,
    machines,
    nightly_reconcile,
    nightly_retention,
    nightly_scrub,
    offers,
    papers_on_file,
    reassigned,
    rescue,
    settlement,
    text_health,
    tick,
)
from orchestrator.pipeline.agent_desk import tidying, transfer_doubts
from orchestrator.pipeline.call_ends import MEETS_WITHIN
from orchestrator.pipeline.consents import expiring
from orchestrator.pipeline.dispatch import Dispatcher
from orchestrator.pipeline.law_watch import LawWatch
from orchestrator.pipeline.nightly_scrub import last_struck
from orchestrator.pipeline.opt_ins import confirming, ending, listing
from orchestrator.pipeline.opt_ins.confirming import ConfirmationDesk
from orchestrator.pipeline.pacing_desk import PacingDesk
from orchestrator.pipeline.reception import inbound_calls
from orchestrator.pipeline.recounts import Recounts
from orchestrator.pipeline.retention.running import Retention
from orchestrator.pipeline.rights import duty
from orchestrator.pipeline.rights.duty import Duty
from orchestrator.pipeline.sealing import heads, sealer
from orchestrator.pipeline.task_routing import tasks, workers
from orchestrator.pipeline.task_routing.desk import TaskDesk

SHORTEST_INTERVAL = 0.03  # real seconds: a faster ring than this is late before it begins
MOST_ROUNDS = 50
SEALS_EVERY = 5.0  # real seconds: within ten, whatever one ring takes
INBOUND_AT_ONCE = 20
REASSIGNED_AT_ONCE = 1000
MEETS_WITHIN_REAL = timedelta(seconds=0.5)  # however fast the world runs, a callback takes its time to arrive


@dataclass
class Worker:
    """The steps that ring while this process lives. ``until``: the world's moment after which nothing is placed."""

    dispatcher: Dispatcher
    carrier: Callable[[], Carrier]
    pacing: PacingDesk
    leadership: Leadership
    law: LawWatch
    scrub_hour: int  # of the world's day, UTC
    until: datetime | None = None
    finished: threading.Event = field(default_factory=threading.Event)
    task_router: TaskRouter | None = None  # where a workspace is set
    reconcile_hour: int = 3  # of the world's day, UTC
    expired_at: datetime | None = None  # when consents were last looked through; another worker may do it again
    lists: Callable[[], CarrierLists] | None = None
    tells_consents: bool = False
    heads_dir: Path | None = None  # where heads are exported to by night
    heads_hour: int = 4  # of the world's day, UTC
    duty: Duty | None = None  # what is owed to people who ask about their data
    retention: Callable[[], RetentionLaw] | None = None  # read anew each night
    retention_hour: int = 4  # of the world's day, UTC

    @cached_property
    def recounts(self) -> Recounts:
        """Holds the counts of calls against the attempts, before the first is placed and every minute."""
        return Recounts(self.store)

    @property
    def store(self) -> Store:
        """The store of all steps."""
        return self.dispatcher.engine.store

    @property
    def clock(self) -> Clock:
        """The world's clock."""
        return self.dispatcher.clock

    def jobs(self) -> dict[str, tuple[Callable[[], object], float]]:
        """Each step with its interval in real seconds; those of the world's time are scaled by its speed."""
        of_world = self.clock.real_seconds
        return {
            "dispatch": (self.dispatch, of_world(1.0)),
            "settlement": (self.settle, min(0.1, of_world(0.5))),
            "follow_up": (self.follow_up, of_world(1.0)),
            "agents": (self.serve_agents, of_world(0.5)),
            "tasks": (self.serve_tasks, of_world(0.5)),
            "joining": (self.join, min(0.1, of_world(0.25))),
            "unheard": (self.ask_unheard, min(0.2, of_world(0.5))),
            "control": (self.control, 0.25),
            "rescue": (self.rescue, 2.0),
            "machines": (self.leave_messages, 0.25),
            "caller_causes": (self.explain_failures, of_world(5.0)),
            "caller_health": (self.watch_callers, of_world(60.0)),
            "text_health": (self.heed_failed_texts, of_world(1.0)),
            "inbound": (self.end_inbound, 60.0),
            "reassigned": (self.ask_about_reassigned, 10.0),
            "nightly_scrub": (self.scrub_nightly, of_world(60.0)),
            "nightly_reconcile": (self.reconcile_nightly, of_world(60.0)),
            "training": (self.pause_untrained, of_world(60.0)),
            "consents": (self.expire_consents, of_world(60.0)),
            "deactivations": (self.read_deactivations, 1800.0),
            "consent_news": (self.tell_consents, 1.0),
            "answers": (self.ask_about_answers, 15.0),
            "seal": (self.seal, SEALS_EVERY),
            "nightly_heads": (self.export_heads, of_world(60.0)),
            "rights": (self.answer_people, 1.0),
            "opt_ins": (self.serve_opt_ins, of_world(1.0)),
            "nightly_retention": (self.retain_nightly, of_world(60.0)),
            "partitions": (self.make_partitions, 3600.0),
        }

    def dispatch(self) -> object:
        """Place what is due, where no other worker does; after ``until`` only await the end of what is in flight."""
        if not self.leadership.hold():
            return None
        self.dispatcher = self.law.follow(self.dispatcher, self.clock.now())
        self.recounts.run_once(self.clock.now())
        if self.until is None or self.clock.now() < self.until:
            return tick.run_once(self.dispatcher, self.pacing) if self.law.may_place else None
        with self.store.read() as tx:
            live = attempts.count_live(tx)
        if live == 0 and self.dispatcher.placer.open == 0:
            self.finished.set()
        return None

    def settle(self) -> object:
        """Apply deliveries until none is left, or for so many rounds that others must have their turn."""
        rounds = (settlement.run_once(self.store, self.clock.now()) for _ in range(MOST_ROUNDS))
        return next((report for report in rounds if not report.more), None)

    def follow_up(self) -> object:
        """Give ended attempts' enrollments their next step."""
        rounds = (follow_up.run_once(self.store, self.clock.now()) for _ in range(MOST_ROUNDS))
        return next((report for report in rounds if not report.more), None)

    def serve_agents(self) -> object:
        """Ring agents in, end wrap-ups, time out previews; one worker does, or an agent would be rung twice."""
        if not self.leadership.hold():
            return None
        offers.time_out(self.store, self.clock.now())
        tidying.run_once(self.store, self.carrier(), self.clock.now())
        patience = transfer_doubts.NOT_MOVED_AFTER * max(1.0, self.clock.speed)  # commands take real seconds
        transfer_doubts.run_once(self.store, self.carrier(), self.clock.now(), patience)
        return agents.run_once(self.store, self.carrier(), self.clock.now(), self._caller_id)

    def serve_tasks(self) -> object:
        """Lay previews before the task router's workers, and keep their states; one worker does, lest a task be two."""
        if self.task_router is None or not self.leadership.hold():
            return None
        workers.run_once(self.store, self.task_router, self.clock.now())
        rulebook = self.dispatcher.engine.rulebook
        desk = TaskDesk(store=self.store, router=self.task_router, carrier=self.carrier(), rulebook=rulebook)
        return tasks.run_once(desk, self.clock.now())

    def join(self) -> object:
        """Serve whoever waits for an agent, or tell them who called."""
        return joining.run_once(self.store, self.carrier(), self.clock.now())

    def ask_unheard(self) -> object:
        """Ask about those who have not been heard to meet their agents."""
        patience = max(MEETS_WITHIN, MEETS_WITHIN_REAL * self.clock.speed)
        return joining.ask_unheard(self.store, self.carrier(), self.clock.now(), patience)

    def control(self) -> object:
        """Take back what must not happen."""
        return control.run_once(self.store, self.carrier(), self.clock.now())

    def rescue(self) -> object:
        """Ask about the silent until none is left, or for so many rounds that it is asked who is silent again."""
        waits = self.dispatcher.engine.waits
        rounds = (rescue.run_once(self.store, self.carrier(), self.clock.now(), waits) for _ in range(MOST_ROUNDS))
        return next((report for report in rounds if not report.more), None)

    def leave_messages(self) -> object:
        """Take calls that a machine answered to the message that it may be left."""
        return machines.run_once(self.store, self.carrier(), self.clock.now())

    def explain_failures(self) -> object:
        """Learn why calls failed, and rest the numbers that carriers block; one worker does."""
        if not self.leadership.hold():
            return None
        engine = self.dispatcher.engine
        return caller_health.explain_failures(self.store, self.carrier(), engine.callers, self.clock.now())

    def heed_failed_texts(self) -> object:
        """Rest senders and pause campaigns whose texts the carrier says cannot go on; one worker does."""
        if not self.leadership.hold():
            return None
        policy = self.dispatcher.engine.senders
        rounds = (text_health.run_once(self.store, policy, self.clock.now()) for _ in range(MOST_ROUNDS))
        return next((report for report in rounds if not report.more), None)

    def watch_callers(self) -> object:
        """Recount the days of caller ids, and rest those for which fewer people pick up; one worker does."""
        if not self.leadership.hold():
            return None
        engine = self.dispatcher.engine
        return caller_health.run_once(self.store, engine.rulebook.places, engine.callers, self.clock.now())

    def end_inbound(self) -> object:
        """Ask about inbound calls whose end nobody has heard, so that their agents are free again."""
        return inbound_calls.run_once(self.store, self.carrier(), self.clock.now(), INBOUND_AT_ONCE)

    def ask_about_reassigned(self) -> object:
        """Ask what blocked people wait for; one worker does, or each question would be paid for twice."""
        if not self.leadership.hold():
            return None
        report = reassigned.run_once(self.store, self.carrier, self.clock.now(), REASSIGNED_AT_ONCE)
        if report.asked or report.stopped:
            log.info("reassigned.asked", **asdict(report))
        return report

    def scrub_nightly(self) -> object:
        """Scrub the campaigns that were not scrubbed since the hour last struck; one worker does."""
        if not self.leadership.hold():
            return None
        reports = nightly_scrub.run_once(self.store, self.dispatcher.engine.shelf, self.clock.now(), self.scrub_hour)
        for report in reports:
            log.info("campaign.scrubbed", campaign=report.campaign_id, scrub=report.id, numbers=report.numbers)
        return reports

    def reconcile_nightly(self) -> object:
        """Hold the days that are over against the carrier's list; one worker does."""
        if not self.leadership.hold():
            return None
        reports = nightly_reconcile.run_once(self.store, self.carrier, self.clock.now, self.reconcile_hour)
        for report in reports:
            log.info("carrier.reconciled", day=str(report.day), open=report.open, **report.tally)
        return reports

    def expire_consents(self) -> object:
        """Write down, once a night, which consents have ended for their age; one worker does."""
        now = self.clock.now()
        done = self.expired_at is not None and self.expired_at >= last_struck(self.scrub_hour, now)
        if done or not self.leadership.hold():
            return None
        written = expiring.run_once(self.store, self.dispatcher.engine.rulebook, now)
        self.expired_at = now
        if written:
            log.info("consents.expired", consents=written)
        return written

    def pause_untrained(self) -> object:
        """Ask agents whose training is over to pause; one worker does."""
        if not self.leadership.hold():
            return None
        paused = papers_on_file.run_once(self.store, self.clock.now())
        for agent_id in paused:
            log.warning("agent.untrained", agent=agent_id)
        return paused

    def read_deactivations(self) -> object:
        """Learn which numbers carriers took back on the days that are over; one worker does."""
        if self.lists is None or not self.leadership.hold():
            return None
        reports = deactivations.run_once(self.store, self.lists, self.clock.now())
        for report in reports:
            log.info("deactivations.read", day=str(report.day), listed=report.listed, known=report.known)
        return reports

    def tell_consents(self) -> object:
        """Tell the carrier's own list of stops and starts, where that is switched on; one worker does."""
        if self.lists is None or not self.tells_consents or not self.leadership.hold():
            return None
        return consent_news.run_once(self.store, self.lists(), self.clock.now())

    def ask_about_answers(self) -> object:
        """Learn what became of staff's answers of which nobody knows; one worker does."""
        if not self.leadership.hold():
            return None
        return conversations.run_once(self.store, self.carrier())

    def seal(self) -> object:
        """Enter what is ready into the sealed logs; one worker does."""
        if not self.leadership.hold():
            return None
        return sealer.run_once(self.store, self.clock.now())

    def export_heads(self) -> object:
        """Let the logs' heads leave the house, once a night; one worker does."""
        if self.heads_dir is None or not self.leadership.hold():
            return None
        written = heads.run_once(self.store, self.heads_dir, self.clock.now(), self.heads_hour)
        if written is not None:
            log.info("heads.exported", file=str(written))
        return written

    def answer_people(self) -> object:
        """Go on with erasures, here and at the carrier, and remind of requests; one worker does."""
        if self.duty is None or not self.leadership.hold():
            return None
        return duty.run_once(self.store, self.duty, self.carrier, self.clock.now())

    def serve_opt_ins(self) -> object:
        """Ask whoever opts in to confirm it, carry out their yes, forget whoever did not answer; one worker does."""
        if not self.leadership.hold():
            return None
        now = self.clock.now()
        expired, given = ending.run_once(self.store, now), listing.run_once(self.store, now)
        if expired:
            log.info("opt_ins.expired", opt_ins=expired)
        if not self.law.may_place or (self.until is not None and now >= self.until):
            return given
        desk = ConfirmationDesk(
            engine=self.dispatcher.engine,
            carrier=self.carrier,
            placer=self.dispatcher.placer,
            clock=self.clock,
            closings=self.dispatcher.closings,
        )
        return confirming.run_once(desk)

    def retain_nightly(self) -> object:
        """Let go what has been kept long enough; one worker does, for as long as it leads."""
        if self.retention is None or not self.leadership.hold():
            return None
        history = self.dispatcher.engine.rulebook.history_days
        wanted = Retention(
            store=self.store,
            law=self.retention(),
            history_days=history,
            clock=self.clock.now,
            may_go_on=self.leadership.hold,
        )
        return nightly_retention.run_once(wanted, self.retention_hour)

    def make_partitions(self) -> object:
        """Make the months ahead."""
        return partitions.ensure(self.store, self.clock.now())

    def _caller_id(self, queue: str) -> str | None:
        """The number that the queue's agents are rung from."""
        with self.store.read() as tx:
            running = campaign_board.running(tx, self.dispatcher.engine, self.clock.now())
            plans = (campaign.plan.voice for campaign in running)
            voice = next((voice for voice in plans if voice is not None and voice.queue == queue), None)
            return callers.first_in_use(tx, voice.caller_ids, self.clock.now()) if voice is not None else None


def start(worker: Worker) -> BackgroundScheduler:
    """Ring until shut down; a ring that comes while its step still runs is left out."""
    jobs = worker.jobs()
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(len(jobs))}, timezone="UTC")
    for name, (step, seconds) in jobs.items():
        scheduler.add_job(
            _guarded,
            "interval",
            args=[name, step],
            seconds=max(SHORTEST_INTERVAL, seconds),
            id=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler


def _guarded(name: str, step: Callable[[], Any]) -> None:
    """Run the step; whatever it raises is said, and the next ring tries again."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 - a step that fails must ring again
        log.error("step.failed", step=name, error=repr(error))
