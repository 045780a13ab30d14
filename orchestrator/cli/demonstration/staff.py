"""The demo's agents: they sign in, and say yes to what is laid before them after a moment's thought."""

import threading
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from orchestrator.clock import Clock
from orchestrator.domain.enrollment import OfferState
from orchestrator.persistence import agent_legs, agents
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.agents import offers
from orchestrator.pipeline.offers import accept

QUEUE = "roof-sales"
THOUGHT = timedelta(seconds=4)
ROUND_SECONDS = 0.1


def sign_in(store: Store, clock: Clock, count: int) -> None:
    """Add the agents and sign them in; the worker rings them."""
    for number in range(1, count + 1):
        agent_id = f"agent-{number:02d}"
        facts = {"name": f"Agent {number}", "queue": QUEUE, "address": f"client:{agent_id}", "wrap_up_seconds": 10}
        with store.write() as tx:
            agents.add(tx, store.keyring, agent_id, **facts, now=clock.now())  # type: ignore[arg-type]
            agent_legs.ask(tx, agent_id, clock.now())


def sign_out(store: Store, clock: Clock) -> None:
    """Their calls end with the carrier: whoever looks at what is kept finds nobody waiting for a call."""
    with store.write() as tx:
        for row in tx.execute(select(agents_table.c.id, agents_table.c.leg_sid)).all():
            if row.leg_sid is None or not agent_legs.leg_down(tx, row.id, row.leg_sid, clock.now()):
                agent_legs.given_up(tx, row.id)


class Staff(threading.Thread):
    """Accepts previews until told to stop."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(name="staff", daemon=True)
        self._store, self._clock, self._stopped = store, clock, threading.Event()

    def run(self) -> None:
        """Look at every offer that has been thought about for long enough."""
        while not self._stopped.wait(ROUND_SECONDS):
            try:
                self._decide()
            except OperationalError:
                continue  # the one writer of SQLite was busy: the offer is still there

    def stop(self) -> None:
        """Leave the desk."""
        self._stopped.set()
        self.join()

    def _decide(self) -> None:
        now = self._clock.now()
        query = select(offers.c.agent_id).where(
            offers.c.state == OfferState.OFFERED, offers.c.offered_at <= now - THOUGHT, offers.c.expires_at > now
        )
        with self._store.read() as tx:
            waiting = tx.execute(query).scalars().all()
        for agent_id in waiting:
            accept(self._store, agent_id, now)
