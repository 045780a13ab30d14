"""What the sandbox remembers: calls, messages, conferences and numbers."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Generic, Protocol, TypeVar

from sandbox.agenda import Entry
from sandbox.population import CallPlan, MessagePlan

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def new_sid(prefix: str) -> str:
    """A fresh identifier in Twilio's shape: two letters and 32 hex digits."""
    return prefix + token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrders:
    """What the creator of a call asked for. Durations in seconds."""

    url: str | None = None
    method: str = "POST"
    twiml: str | None = None
    fallback_url: str | None = None
    fallback_method: str = "POST"
    status_callback: str | None = None
    status_callback_method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})
    ring_timeout: float = 60.0
    time_limit: float = 14400.0
    detection: str | None = None
    detection_is_async: bool = False
    detection_callback: str | None = None
    detection_callback_method: str = "POST"
    detection_timeout: float = 30.0
    speech_threshold: float = 2.4
    speech_end_threshold: float = 1.2
    silence_timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What reached the callee's ear, and when; ``spared`` as the call's at that moment."""

    at: float
    what: str
    detail: str | None = None
    spared: float = 0.0


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One leg. ``script`` and ``hearing`` rise whenever what it does or hears changes: older timers are void.

    ``spared`` is kept by ``sandbox.exchange``, and so is what it needs.
    """

    to: str
    from_: str
    direction: str
    created_at: float
    plan: CallPlan
    is_agent: bool
    orders: CallOrders = CallOrders()
    sid: str = field(default_factory=lambda: new_sid("CA"))
    parent_sid: str | None = None
    status: str = "queued"
    queue_time_ms: int = 0
    dialled_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    updated_at: float = 0.0
    answered_by: str | None = None
    sip_code: str | None = None
    errors: list[int] = field(default_factory=list)
    sequence: int = 0
    script: int = 0
    hearing: int = 0
    hears_now: str = ""
    spared: float = 0.0
    asking_since: tuple[float, float] | None = None
    heard: list[Heard] = field(default_factory=list)
    keys: str = ""
    document_url: str = ""
    fallback_used: bool = False
    on_answer: Callable[[], None] | None = None
    on_end: Callable[[], None] | None = None
    leave: Callable[[], None] | None = None
    timers: list[Entry] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether the leg is over."""
        return self.status in ENDED

    @property
    def is_person(self) -> bool:
        """Whether a person who is no agent is on the line, and not a machine."""
        return not self.is_agent and self.plan.outcome == "human"


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """One text, either way."""

    to: str
    from_: str | None
    body: str
    direction: str
    created_at: float
    status: str
    segments: int = 1
    plan: MessagePlan | None = None
    service_sid: str | None = None
    status_callback: str | None = None
    sid: str = field(default_factory=lambda: new_sid("SM"))
    sent_at: float | None = None
    updated_at: float = 0.0
    error_code: int | None = None
    validity_seconds: int = 36000
    price: float | None = None  # once it has left
    links_shortened: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Recording:
    """What was recorded of a call."""

    call_sid: str
    created_at: float
    sid: str = field(default_factory=lambda: new_sid("RE"))


@dataclass(slots=True, kw_only=True, eq=False)
class Participant:
    """A leg in a conference; ``resume`` is what the leg does once it is out of it again."""

    call: Call
    joined_at: float
    resume: Callable[[], None]
    label: str | None = None
    muted: bool = False
    hold: bool = False
    start_on_enter: bool = True
    end_on_exit: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Conference:
    """A room; its name may be used again once it has ended."""

    name: str
    created_at: float
    sid: str = field(default_factory=lambda: new_sid("CF"))
    status: str = "init"
    updated_at: float = 0.0
    participants: dict[str, Participant] = field(default_factory=dict)
    sequence: int = 0
    status_callback: str | None = None
    status_callback_method: str = "POST"
    events: frozenset[str] = frozenset()
    announced_start: bool = False
    reason_ended: str | None = None
    ended_by: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class IncomingNumber:
    """A number of the account, and where Twilio asks what to do when it is rung or written to."""

    phone_number: str
    created_at: float
    sid: str = field(default_factory=lambda: new_sid("PN"))
    settings: dict[str, str] = field(default_factory=dict)


class Kept(Protocol):
    """What a ledger can hold."""

    sid: str
    to: str
    created_at: float


KeptT = TypeVar("KeptT", bound=Kept)


class Ledger(Generic[KeptT]):
    """Everything of one kind, found by sid, or by whom it went to."""

    def __init__(self) -> None:
        self._by_sid: dict[str, KeptT] = {}
        self._by_to: defaultdict[str, list[KeptT]] = defaultdict(list)

    def add(self, item: KeptT) -> None:
        """Remember the item."""
        self._by_sid[item.sid] = item
        self._by_to[item.to].append(item)

    def get(self, sid: str) -> KeptT | None:
        """The item of that sid, if there is one."""
        return self._by_sid.get(sid)

    def remove(self, sid: str) -> None:
        """Forget the item."""
        item = self._by_sid.pop(sid)
        self._by_to[item.to].remove(item)
        if not self._by_to[item.to]:
            del self._by_to[item.to]

    def newest_first(self, to: str | None = None) -> Iterator[KeptT]:
        """All items, or those to one address, the latest first."""
        return reversed(self._by_to.get(to, []) if to else list(self._by_sid.values()))

    def __iter__(self) -> Iterator[KeptT]:
        """All items, the oldest first."""
        return iter(list(self._by_sid.values()))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._by_sid)
