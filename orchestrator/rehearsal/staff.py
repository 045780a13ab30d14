"""The agents of a rehearsal: ready when the day begins, wrapping up as long as they do in life, and saying yes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from sqlalchemy import Connection, bindparam, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.enrollment import OfferState
from orchestrator.domain.errors import UserError
from orchestrator.persistence import agents
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.agents import offers as offers_table
from orchestrator.pipeline import offers
from orchestrator.rehearsal.wires import Wires

DEFAULT_WRAP_UP_SECONDS = 15  # of an agent who is on no record, as `agents add` has it
LOOKS_AT_CARD_SECONDS = (5.0, 20.0)
NEW_OFFERS = (
    select(offers_table.c.id, offers_table.c.agent_id)
    .where(offers_table.c.id > bindparam("b_last"), offers_table.c.state == OfferState.OFFERED)
    .order_by(offers_table.c.id)
)
READY = select(agents_table.c.id).where(agents_table.c.state == AgentState.READY).limit(1)


@dataclass
class Staff:
    """Modelled agents of one queue. They take no breaks, and pass on no preview."""

    wires: Wires
    queue: str
    wrap_up_seconds: Sequence[int]  # of each
    dice: Random
    _last_offer: int = field(default=0)

    def sign_in(self) -> None:
        """All are ready, as of the day's first moment."""
        now = self.wires.clock.now()
        with self.wires.store.write() as tx:
            for number, seconds in enumerate(self.wrap_up_seconds, 1):
                agent_id = f"agent-{number:04d}"
                facts = {"name": agent_id, "queue": self.queue, "address": "", "wrap_up_seconds": seconds}
                agents.add(tx, self.wires.store.keyring, agent_id, **facts, now=now)  # type: ignore[arg-type]
                agents.ready(tx, agent_id, now)

    def look_at_offers(self) -> None:
        """Each new preview is accepted once its card has been read."""
        with self.wires.store.read() as tx:
            rows = tx.execute(NEW_OFFERS, {"b_last": self._last_offer}).all()
        for row in rows:
            self._last_offer = row.id
            self.wires.later(self.dice.uniform(*LOOKS_AT_CARD_SECONDS), partial(self._accept, row.agent_id))

    def _accept(self, agent_id: str) -> None:
        try:
            offers.accept(self.wires.store, agent_id, self.wires.clock.now())
        except UserError:  # it was withdrawn or timed out while they read
            return

    @staticmethod
    def any_ready(tx: Connection) -> bool:
        """Whether somebody could take a call now."""
        return tx.execute(READY).first() is not None
