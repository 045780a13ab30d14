"""A carrier without a network, for tests and rehearsal: it takes orders, and its statuses are set by whoever holds it.

Deterministic: sids count up, nothing happens by itself, and the same orders give the same records.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from threading import Lock
from uuid import UUID

from orchestrator.carrier.in_process_rooms import InProcessRooms
from orchestrator.domain.carrier import (
    AgentCallOrder,
    AnsweredBy,
    CallOrder,
    CallStatus,
    CarrierRecord,
    Erased,
    LineTypeAnswer,
    MessageOrder,
    MessageStatus,
    OwnedNumber,
    ReassignedLookup,
    Receipt,
)
from orchestrator.domain.contact_request import Channel, LineType, ReassignedResult
from orchestrator.domain.errors import CallOverError, CarrierBusyError, CarrierError, NumberDeadError

Order = CallOrder | MessageOrder | AgentCallOrder
CANCELLABLE_CALLS = frozenset({CallStatus.QUEUED, CallStatus.RINGING})
CANCELLABLE_MESSAGES = frozenset({MessageStatus.ACCEPTED, MessageStatus.SCHEDULED, MessageStatus.QUEUED})
LIVE_CALLS = CANCELLABLE_CALLS | {CallStatus.IN_PROGRESS}
WAITING = frozenset({CallStatus.QUEUED.value, MessageStatus.ACCEPTED.value, MessageStatus.SCHEDULED.value})
NO_SUCH_RECORD = 20404
INVALID_TO = 21211
OUT_OF_COVERAGE = 60600
DATABASE_BEGINS = date(2021, 1, 27)


@dataclass
class InProcessCarrier:
    """The Carrier protocol in memory. ``now`` is the world's clock; ``orders`` holds what was taken, by sid.

    ``rooms`` is set by whoever tests; ``asked_again`` holds the sids of calls that were sent for a document afresh.
    """

    now: Callable[[], datetime]
    orders: dict[str, Order] = field(default_factory=dict)
    records: dict[str, CarrierRecord] = field(default_factory=dict)
    line_types: dict[str, LineTypeAnswer | CarrierError] = field(default_factory=dict)
    disconnected: dict[str, date | CarrierError] = field(default_factory=dict)
    left: dict[str, UUID] = field(default_factory=dict)
    owned: dict[str, OwnedNumber] = field(default_factory=dict)
    call_errors: dict[str, int] = field(default_factory=dict)
    seated: dict[str, frozenset[str]] = field(default_factory=dict)
    asked_again: list[str] = field(default_factory=list)
    _taken: int = 0
    _refusals: list[CarrierError] = field(default_factory=list)
    _lost_answers: list[CarrierError] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def rooms(self) -> InProcessRooms:
        """Its rooms, whose people whoever holds it seats."""
        return InProcessRooms(self._ring_guest)

    def _ring_guest(self, address: str, from_: str) -> str:
        order = AgentCallOrder(agent_id="", address=address, from_=from_, room="")
        return self._take(order, Channel.VOICE, address, from_, CallStatus.QUEUED).sid

    def refuse_next(self, error: CarrierError) -> None:
        """Answer the next order with this error, and make nothing."""
        self._refusals.append(error)

    def lose_next_answer(self, error: CarrierError) -> None:
        """Take the next order, and raise this error all the same."""
        self._lost_answers.append(error)

    def set_status(
        self,
        sid: str,
        status: CallStatus | MessageStatus,
        *,
        answered_by: AnsweredBy | None = None,
        error_code: int | None = None,
        duration_seconds: int | None = None,
    ) -> CarrierRecord:
        """What a fetch says from now on."""
        self.records[sid] = replace(
            self._record(sid),
            status=status.value,
            answered_by=answered_by,
            error_code=error_code,
            duration_seconds=duration_seconds,
        )
        return self.records[sid]

    def place_call(self, order: CallOrder) -> Receipt:
        """Take the call; it stays queued until its status is set."""
        return self._take(order, Channel.VOICE, order.to, order.from_, CallStatus.QUEUED)

    def send_message(self, order: MessageOrder) -> Receipt:
        """Take the message; it stays queued (or accepted, through a service) until its status is set."""
        status = MessageStatus.QUEUED if order.messaging_service is None else MessageStatus.ACCEPTED
        return self._take(order, Channel.SMS, order.to, order.from_, status)

    def call_agent(self, order: AgentCallOrder) -> Receipt:
        """Take the call to an agent."""
        return self._take(order, Channel.VOICE, order.address, order.from_, CallStatus.QUEUED)

    def cancel_call(self, sid: str) -> CarrierRecord:
        """Cancel while queued or ringing; CallOverError after."""
        return self._end(sid, CANCELLABLE_CALLS, CallStatus.CANCELED)

    def hang_up(self, sid: str) -> CarrierRecord:
        """End the call, which was canceled where nobody had picked up; CallOverError where it has ended."""
        picked_up = self._record(sid).status == CallStatus.IN_PROGRESS
        return self._end(sid, LIVE_CALLS, CallStatus.COMPLETED if picked_up else CallStatus.CANCELED)

    def leave_message(self, sid: str, reference: UUID) -> CarrierRecord:
        """Note that the call would ask for its message."""
        record = self._record(sid)
        if record.status != CallStatus.IN_PROGRESS:
            raise CallOverError
        self.left[sid] = reference
        return record

    def ask_again(self, sid: str, reference: UUID) -> None:  # noqa: ARG002 - the real one names its document by it
        """Note it; CallOverError where nobody is on the line."""
        if self._record(sid).status != CallStatus.IN_PROGRESS:
            raise CallOverError
        self.asked_again.append(sid)

    def people_in(self, room: str) -> frozenset[str]:
        """As ``seated`` has it, with whoever was brought there."""
        return self.seated.get(room, frozenset()) | self.rooms.inside(room)

    def cancel_message(self, sid: str) -> CarrierRecord:
        """Cancel a message that has not left; CallOverError after."""
        return self._end(sid, CANCELLABLE_MESSAGES, MessageStatus.CANCELED)

    def fetch_call(self, sid: str) -> CarrierRecord:
        """The call as its status was last set."""
        return self._record(sid)

    def call_error(self, sid: str) -> int | None:
        """What ``call_errors`` says of the call."""
        self._record(sid)
        return self.call_errors.get(sid)

    def fetch_message(self, sid: str) -> CarrierRecord:
        """The message as its status was last set."""
        return self._record(sid)

    def find_calls(self, *, to: str, from_: str, since: datetime) -> Sequence[CarrierRecord]:
        """Calls between the two numbers created since then, newest first."""
        return [one for one in self._created(Channel.VOICE, since) if (one.to, one.from_) == (to, from_)]

    def find_messages(self, *, to: str, since: datetime, from_: str | None = None) -> Sequence[CarrierRecord]:
        """Messages to the number created since then, newest first."""
        return [one for one in self._created(Channel.SMS, since) if one.to == to and from_ in {None, one.from_}]

    def owned_number(self, number: str) -> OwnedNumber | None:
        """What ``owned`` says of the number."""
        return self.owned.get(number)

    def began_on(self, channel: Channel, day: date) -> Iterator[Sequence[CarrierRecord]]:
        """One page: what was created on the day and is not queued any more."""
        created = self._created(channel, datetime.combine(day, time(), UTC))
        yield [one for one in created if one.created_at and one.created_at.date() == day and one.status not in WAITING]

    def line_type(self, number: str) -> LineTypeAnswer:
        """What ``line_types`` says of the number, unknown by default; an error there is raised."""
        answer = self.line_types.get(number, LineTypeAnswer(number=number, valid=True, line_type=LineType.UNKNOWN))
        if isinstance(answer, CarrierError):
            raise answer
        return answer

    def reassigned(self, number: str, last_verified_on: date) -> ReassignedLookup:
        """As ``disconnected`` has it: the day on which the number was taken from whoever had it; an error is raised."""
        gone = self.disconnected.get(number)
        if isinstance(gone, CarrierError):
            raise gone
        covered = number.startswith("+1")
        return ReassignedLookup(
            number=number,
            last_verified_on=last_verified_on,
            result=_since(gone, last_verified_on) if covered else None,
            error_code=None if covered else OUT_OF_COVERAGE,
        )

    def erase_call(self, sid: str) -> Erased:
        """Forget the call; CarrierBusyError while it goes on."""
        return self._forget(sid, LIVE_CALLS)

    def erase_message(self, sid: str) -> Erased:
        """Forget the message; CarrierBusyError while it is on its way."""
        return self._forget(sid, CANCELLABLE_MESSAGES)

    def _forget(self, sid: str, going: frozenset[CallStatus] | frozenset[MessageStatus]) -> Erased:
        with self._lock:
            if self._refusals:
                raise self._refusals.pop(0)
            if sid not in self.records:
                return Erased.GONE
            if self.records[sid].status in {one.value for one in going}:
                raise CarrierBusyError
            del self.records[sid], self.orders[sid]
        return Erased.DELETED

    def _take(
        self, order: Order, channel: Channel, to: str, from_: str | None, status: CallStatus | MessageStatus
    ) -> Receipt:
        with self._lock:
            if self._refusals:
                raise self._refusals.pop(0)
            if not to:
                raise NumberDeadError(carrier_code=INVALID_TO)
            self._taken += 1
            sid = f"{'CA' if channel is Channel.VOICE else 'SM'}{self._taken:032x}"
            self.orders[sid] = order
            self.records[sid] = CarrierRecord(
                sid=sid, channel=channel, to=to, from_=from_, status=status.value, created_at=self.now()
            )
            if self._lost_answers:
                raise self._lost_answers.pop(0)
        return Receipt(sid=sid, status=status.value, queue_time_ms=0 if channel is Channel.VOICE else None)

    def _end(
        self,
        sid: str,
        from_statuses: frozenset[CallStatus] | frozenset[MessageStatus],
        status: CallStatus | MessageStatus,
    ) -> CarrierRecord:
        with self._lock:
            if self._record(sid).status not in {one.value for one in from_statuses}:
                raise CallOverError
            self.records[sid] = replace(self.records[sid], status=status.value)
            return self.records[sid]

    def _record(self, sid: str) -> CarrierRecord:
        if sid not in self.records:
            raise CarrierError(carrier_code=NO_SUCH_RECORD)
        return self.records[sid]

    def _created(self, channel: Channel, since: datetime) -> list[CarrierRecord]:
        with self._lock:
            newest_first = list(reversed(self.records.values()))
        return [
            one
            for one in newest_first
            if one.channel is channel and one.created_at is not None and one.created_at >= since
        ]


def _since(gone: date | None, last_verified_on: date) -> ReassignedResult:
    if gone is not None:
        return ReassignedResult.YES if last_verified_on <= gone else ReassignedResult.NO
    return ReassignedResult.NO if last_verified_on >= DATABASE_BEGINS else ReassignedResult.NO_DATA
