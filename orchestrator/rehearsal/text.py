"""One modelled text: it leaves, arrives or does not, and may be answered."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from orchestrator.domain.carrier import MessageOrder, MessageStatus
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.rehearsal.wires import Wires
from sandbox.messages import HANDOVER_SECONDS
from sandbox.population import MessagePlan


@dataclass
class ModelledText:
    """A text on its way; ``still_there`` says that nobody has taken it back."""

    wires: Wires
    sid: str
    order: MessageOrder
    plan: MessagePlan
    tell: Callable[..., object]
    still_there: Callable[[], bool]
    replied: Callable[[str, str], None]  # our sid, and the message that goes back

    def begin(self) -> None:
        """Hand it over; the send slots have seen to it that none queues."""
        self.wires.later(HANDOVER_SECONDS, partial(self._sent))

    def _sent(self) -> None:
        if not self.still_there():
            return
        self._say(MessageStatus.SENT)
        if self.plan.outcome != MessageStatus.SENT:
            self.wires.later(self.plan.delivery_seconds, partial(self._say, MessageStatus(self.plan.outcome)))
        if self.plan.reply is not None:
            seconds = self.plan.delivery_seconds + self.plan.reply_delay_seconds
            self.wires.later(seconds, partial(self._reply, self.plan.reply))

    def _say(self, status: MessageStatus) -> None:
        error = None if status in {MessageStatus.SENT, MessageStatus.DELIVERED} else self.plan.error_code
        self.tell(self.sid, status, error_code=error)
        self.wires.heard(
            CarrierEvent(
                kind=EventKind.MESSAGE_STATUS,
                key=f"message:{self.sid}:{status}",
                sid=self.sid,
                to=self.order.to,
                from_=self._sender,
                reference=self.order.reference,
                message_status=status,
                error_code=error,
            )
        )

    def _reply(self, body: str) -> None:
        event = CarrierEvent(
            kind=EventKind.INBOUND_MESSAGE,
            key=f"message:{self.sid}:inbound",
            sid=f"{self.sid[:2]}r{self.sid[3:]}",
            to=self._sender,
            from_=self.order.to,
            message_status=MessageStatus.RECEIVED,
            body=body,
            messaging_service=self.order.messaging_service,
        )
        reply = self.wires.written(event)
        if reply is not None:
            self.replied(self.sid, reply)

    @property
    def _sender(self) -> str:
        return self.order.from_ or self.order.messaging_service or ""
