"""What the engine asks of a carrier, in its own words; ``orchestrator.carrier`` speaks them to Twilio."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from orchestrator.domain.contact_request import Channel, LineType, ReassignedResult

VERDICT_LISTENS_SECONDS = 1.2  # to silence after a greeting, before it is a person's: the carrier's default
if TYPE_CHECKING:
    from orchestrator.domain.rooms import Rooms


class AmdMode(StrEnum):
    """How answering machines are detected.

    ``connect-first`` joins the agent at once and learns the verdict later; ``verdict-first`` lets the callee wait.
    """

    OFF = "off"
    CONNECT_FIRST = "connect-first"
    VERDICT_FIRST = "verdict-first"


class CallStatus(StrEnum):
    """The carrier's word on a call, as callbacks and fetches bring it."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


class MessageStatus(StrEnum):
    """The carrier's word on a message."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    READ = "read"
    RECEIVED = "received"
    RECEIVING = "receiving"
    PARTIALLY_DELIVERED = "partially_delivered"


class Erased(StrEnum):
    """What became of a record that the carrier was told to delete; gone: it had none."""

    DELETED = "deleted"
    GONE = "gone"


class AnsweredBy(StrEnum):
    """What detection said; unknown counts as a person."""

    HUMAN = "human"
    MACHINE = "machine"
    FAX = "fax"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """A call to place; ``reference`` travels in every callback URL. Durations in seconds."""

    reference: UUID
    to: str
    from_: str
    ring_timeout_seconds: int
    amd: AmdMode = AmdMode.OFF
    message_end: bool = False  # a machine's verdict waits until its greeting has ended, so that a message can be left
    time_limit_seconds: int = 14400


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOrder:
    """A message to send from ``from_`` or through ``messaging_service``, good for ``validity_seconds``."""

    reference: UUID
    to: str
    body: str
    validity_seconds: int
    from_: str | None = None
    messaging_service: str | None = None
    shorten_links: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCallOrder:
    """A call to an agent, who waits in the conference named ``room`` until contacts are joined to it."""

    agent_id: str
    address: str  # E.164, client:… or sip:…
    from_: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the carrier answered to an order it took."""

    sid: str
    status: str
    queue_time_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierRecord:
    """A call or message as the carrier knows it."""

    sid: str
    channel: Channel
    to: str
    from_: str | None
    status: str
    created_at: datetime | None
    direction: str = "outbound-api"
    answered_by: AnsweredBy | None = None
    error_code: int | None = None
    duration_seconds: int | None = None
    parent_sid: str | None = None  # of the call that this one was dialled from


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedNumber:
    """A number of the account. ``voice_url`` None: nobody answers a call to it."""

    number: str
    voice_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTypeAnswer:
    """What the carrier's lookup says of a number; anything but a clear word is unknown."""

    number: str
    valid: bool
    line_type: LineType
    carrier_name: str | None = None
    error_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignedLookup:
    """Whether the number was reassigned on that day or later; ``result`` None: no clear word came."""

    number: str
    last_verified_on: date
    result: ReassignedResult | None
    error_code: int | None = None


class Carrier(Protocol):
    """A carrier that takes orders and can be asked what became of them.

    Orders raise CarrierBusyError (nothing was sent), DispatchUncertainError (it may have been), NumberRefusedError and
    its kin (never again), AccountMisconfiguredError (a person must mend it) or CarrierError.
    """

    @property
    def rooms(self) -> "Rooms":
        """The rooms in which agents and people hear each other."""

    def place_call(self, order: CallOrder) -> Receipt:
        """Place the call; the receipt says queued."""

    def send_message(self, order: MessageOrder) -> Receipt:
        """Hand the message over; the receipt says queued or accepted."""

    def call_agent(self, order: AgentCallOrder) -> Receipt:
        """Ring an agent into a conference of their own."""

    def cancel_call(self, sid: str) -> CarrierRecord:
        """Cancel while queued or ringing; CallOverError where it has been answered or has ended."""

    def hang_up(self, sid: str) -> CarrierRecord:
        """End the call in any state; CallOverError where it has ended."""

    def leave_message(self, sid: str, reference: UUID) -> CarrierRecord:
        """Let an answered call ask for the document that leaves our message; CallOverError where it has ended."""

    def ask_again(self, sid: str, reference: UUID) -> None:
        """Let the call follow its answer document afresh; CallOverError where nobody is on the line."""

    def people_in(self, room: str) -> frozenset[str]:
        """The sids of the calls that are in the conference of that name now; empty where there is none."""

    def cancel_message(self, sid: str) -> CarrierRecord:
        """Cancel a message that has not left; CallOverError where it has."""

    def fetch_call(self, sid: str) -> CarrierRecord:
        """The call as the carrier knows it."""

    def call_error(self, sid: str) -> int | None:
        """The carrier's own number for why the call failed; None where it has filed none."""

    def fetch_message(self, sid: str) -> CarrierRecord:
        """The message as the carrier knows it."""

    def find_calls(self, *, to: str, from_: str, since: datetime) -> Sequence[CarrierRecord]:
        """Calls between the two numbers created since then; the listing may lag by minutes."""

    def find_messages(self, *, to: str, since: datetime, from_: str | None = None) -> Sequence[CarrierRecord]:
        """Messages to the number created since then; the listing may lag by minutes."""

    def owned_number(self, number: str) -> OwnedNumber | None:
        """The number as the account has it; None where it is none of the account's."""

    def began_on(self, channel: Channel, day: date) -> Iterator[Sequence[CarrierRecord]]:
        """All that began on the day (UTC), either way, in pages; what is still queued has not begun."""

    def line_type(self, number: str) -> LineTypeAnswer:
        """Look the number up; raises CarrierBusyError where the lookup may be asked again."""

    def reassigned(self, number: str, last_verified_on: date) -> ReassignedLookup:
        """Ask about a US number, paid for; raises CarrierBusyError, or AccountMisconfiguredError without approval."""

    def erase_call(self, sid: str) -> Erased:
        """Delete an ended call with its recordings, in any state of half-deletion; CarrierError where it refuses."""

    def erase_message(self, sid: str) -> Erased:
        """Delete a message that is over with its media; refused, its words at least, and CarrierError."""
