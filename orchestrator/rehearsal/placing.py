"""Orders go to the carrier of a rehearsal one by one: there is no network to wait for, and threads are chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.domain.carrier import Carrier, MessageOrder, Receipt
from orchestrator.domain.errors import CarrierError
from orchestrator.pipeline import receipts
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.placement import Placed
from orchestrator.pipeline.planning import Planned
from orchestrator.rehearsal.clock import VirtualClock


@dataclass(frozen=True)
class DirectPlacing:
    """Asks, and writes the receipts at once."""

    engine: Engine
    carrier: Carrier
    clock: VirtualClock

    @property
    def open(self) -> int:
        """None is ever without its receipt."""
        return 0

    def submit(self, planned: Sequence[Planned]) -> None:
        """Nobody can have said stop since the gate looked: time stands still meanwhile."""
        if planned:
            batch = [Placed(one, self._ask(one)) for one in planned]
            receipts.write(self.engine.store, batch, self.clock.now(), self.engine.waits)

    def close(self) -> None:
        """Nothing is open."""

    def _ask(self, planned: Planned) -> Receipt | CarrierError:
        order = planned.order
        try:
            if isinstance(order, MessageOrder):
                return self.carrier.send_message(order)
            return self.carrier.place_call(order)
        except CarrierError as error:
            return error
