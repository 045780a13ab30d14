"""Steps of the floor: agents, whom they are joined with, and calls that wait for them."""

from datetime import timedelta
from functools import partial

from orchestrator.log import log
from orchestrator.persistence import callers
from orchestrator.pipeline import agents, campaign_board, joining, machines, offers, papers_on_file
from orchestrator.pipeline.agent_desk import tidying, transfer_doubts
from orchestrator.pipeline.call_ends import MEETS_WITHIN
from orchestrator.pipeline.reception import inbound_calls
from orchestrator.pipeline.task_routing import tasks, workers
from orchestrator.pipeline.task_routing.desk import TaskDesk
from orchestrator.scheduler.worker import Worker

INBOUND_AT_ONCE = 20
MEETS_WITHIN_REAL = timedelta(seconds=0.5)  # however fast the world runs, a callback takes its time to arrive


def serve_agents(worker: Worker) -> object:
    """Ring agents in, end wrap-ups, time out previews; one worker does, or an agent would be rung twice."""
    if not worker.leadership.hold():
        return None
    offers.time_out(worker.store, worker.clock.now())
    tidying.run_once(worker.store, worker.carrier(), worker.clock.now())
    patience = transfer_doubts.NOT_MOVED_AFTER * max(1.0, worker.clock.speed)  # commands take real seconds
    transfer_doubts.run_once(worker.store, worker.carrier(), worker.clock.now(), patience)
    return agents.run_once(worker.store, worker.carrier(), worker.clock.now(), partial(_caller_id, worker))


def serve_tasks(worker: Worker) -> object:
    """Lay previews before the task router's workers, and keep their states; one worker does, lest a task be two."""
    if worker.task_router is None or not worker.leadership.hold():
        return None
    workers.run_once(worker.store, worker.task_router, worker.clock.now())
    rulebook = worker.dispatcher.engine.rulebook
    desk = TaskDesk(store=worker.store, router=worker.task_router, carrier=worker.carrier(), rulebook=rulebook)
    return tasks.run_once(desk, worker.clock.now())


def join(worker: Worker) -> object:
    """Serve whoever waits for an agent, or tell them who called."""
    return joining.run_once(worker.store, worker.carrier(), worker.clock.now())


def ask_unheard(worker: Worker) -> object:
    """Ask about those who have not been heard to meet their agents."""
    patience = max(MEETS_WITHIN, MEETS_WITHIN_REAL * worker.clock.speed)
    return joining.ask_unheard(worker.store, worker.carrier(), worker.clock.now(), patience)


def leave_messages(worker: Worker) -> object:
    """Take calls that a machine answered to the message that it may be left."""
    return machines.run_once(worker.store, worker.carrier(), worker.clock.now())


def end_inbound(worker: Worker) -> object:
    """Ask about inbound calls whose end nobody has heard, so that their agents are free again."""
    return inbound_calls.run_once(worker.store, worker.carrier(), worker.clock.now(), INBOUND_AT_ONCE)


def pause_untrained(worker: Worker) -> object:
    """Ask agents whose training is over to pause; one worker does."""
    if not worker.leadership.hold():
        return None
    paused = papers_on_file.run_once(worker.store, worker.clock.now())
    for agent_id in paused:
        log.warning("agent.untrained", agent=agent_id)
    return paused


def _caller_id(worker: Worker, queue: str) -> str | None:
    """The number that the queue's agents are rung from."""
    with worker.store.read() as tx:
        running = campaign_board.running(tx, worker.dispatcher.engine, worker.clock.now())
        plans = (campaign.plan.voice for campaign in running)
        voice = next((voice for voice in plans if voice is not None and voice.queue == queue), None)
        return callers.first_in_use(tx, voice.caller_ids, worker.clock.now()) if voice is not None else None
