"""The carrier of a rehearsal: it takes orders like any other, and the modelled people do the rest."""

from dataclasses import dataclass, field
from functools import partial

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import CallOrder, CallStatus, CarrierRecord, MessageOrder, MessageStatus, Receipt
from orchestrator.domain.message_text import segments
from orchestrator.rehearsal.call import ModelledCall
from orchestrator.rehearsal.people import RehearsedPeople
from orchestrator.rehearsal.text import ModelledText
from orchestrator.rehearsal.wires import Wires


@dataclass(kw_only=True)
class Exchange(InProcessCarrier):
    """Whoever is rung or written to answers on the agenda, and the events reach the pipeline by the wires."""

    wires: Wires
    people: RehearsedPeople
    segments_sent: dict[str, int] = field(default_factory=dict)  # by sid
    _calls: dict[str, ModelledCall] = field(default_factory=dict)

    def place_call(self, order: CallOrder) -> Receipt:
        """Take the call and dial at once: our own send slots keep to the account's calls per second."""
        receipt = super().place_call(order)
        plan = self.people.next_call(order.to)
        self._calls[receipt.sid] = ModelledCall(self.wires, receipt.sid, order, plan, self.set_status)
        self._calls[receipt.sid].begin()
        return receipt

    def send_message(self, order: MessageOrder) -> Receipt:
        """Take the message."""
        receipt = super().send_message(order)
        sid, plan = receipt.sid, self.people.next_message(order.to)
        self.segments_sent[sid] = segments(order.body)
        there = partial(self._is_there, sid)
        ModelledText(self.wires, sid, order, plan, self.set_status, there, self._reply).begin()
        return receipt

    def _is_there(self, sid: str) -> bool:
        return self.records[sid].status != MessageStatus.CANCELED.value

    def _reply(self, sid: str, text: str) -> None:
        self.segments_sent[sid] += segments(text)

    def cancel_call(self, sid: str) -> CarrierRecord:
        """Cancel while queued or ringing; the call's own news of it follows."""
        return self._over(super().cancel_call(sid))

    def hang_up(self, sid: str) -> CarrierRecord:
        """End the call in any state; the call's own news of it follows."""
        return self._over(super().hang_up(sid))

    def _over(self, record: CarrierRecord) -> CarrierRecord:
        self._calls[record.sid].end(CallStatus(record.status))
        return self.records[record.sid]
