"""The state of one sandbox, and the means by which things happen in it."""

import os
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.account.records import AccountState
from sandbox.agenda import Agenda, Entry
from sandbox.clock import CLOCK_VARIABLE, WorldClock, parse_clock
from sandbox.courier import Courier, Parcel
from sandbox.faults import Faults
from sandbox.mix import Mix
from sandbox.people import People
from sandbox.population import Population
from sandbox.records import Call, Conference, IncomingNumber, Ledger, Message, Recording
from sandbox.request_log import RequestLog

if TYPE_CHECKING:
    from sandbox.callers import Caller
    from sandbox.script import Verb
    from sandbox.senders import Sender
    from sandbox.taskrouter.flex_agents import Manner
    from sandbox.taskrouter.records import Workspace

API_VERSION = "2010-04-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """How a sandbox is set up; rates are per second of world time.

    Without a clock it reads ORCHESTRATOR_CLOCK. ``api_key`` is a pair of sid and secret that opens the API too.
    ``numbers`` are the account's from the start, and ask at the inbound addresses.
    """

    account_sid: str
    auth_token: str
    api_key: tuple[str, str] | None = None
    calls_per_second: float = 1.0
    segments_per_second: float = 1.0
    price_per_segment: float = 0.0083
    seed: int = 1
    mix: Mix = field(default_factory=Mix)
    numbers: tuple[str, ...] = ()
    inbound_url: str | None = None
    inbound_voice_url: str | None = None
    clock: WorldClock = field(default_factory=lambda: parse_clock(os.environ.get(CLOCK_VARIABLE)))
    anywhere: bool = False
    threads: int = 8


class World:
    """All state; read and changed only while ``agenda.lock`` is held."""

    def __init__(self, config: SandboxConfig, verbs: "dict[str, Verb]") -> None:
        self.config = config
        self.verbs = verbs
        self.clock = config.clock
        self.agenda = Agenda(config.clock)
        self.courier = Courier(config.auth_token, config.threads)
        self.faults = Faults(config.seed)
        self.calls: Ledger[Call] = Ledger()
        self.reset()

    def reset(self) -> None:
        """Forget everything that happened, was pinned or was asked to fail."""
        self.agenda.clear()
        self.faults.clear()
        for call in self.calls:
            # A document that is still on its way to a forgotten leg must not bring it back to life.
            call.status = "canceled"
        self.people = People(Population(self.config.seed, self.config.mix))
        self.calls = Ledger()
        self.messages: Ledger[Message] = Ledger()
        self.recordings: dict[str, Recording] = {}
        self.conferences: dict[str, Conference] = {}
        self.workspaces: dict[str, Workspace] = {}
        self.manners: dict[str, Manner] = {}
        self.numbers = self._own_numbers()
        self.account = AccountState()
        self.blocked: set[tuple[str, str]] = set()
        self.callers: dict[str, Caller] = {}
        self.dials: defaultdict[str, list[float]] = defaultdict(list)
        self.queue: dict[str, Call] = {}
        self.slot: Entry | None = None
        self.next_slot_at = 0.0
        self.expiry: Entry | None = None
        self.sender_free_at: dict[str, float] = {}
        self.senders: dict[str, Sender] = {}
        self.sent_on: Counter[tuple[str, str]] = Counter()
        self.held_back: dict[str, tuple[Parcel, Entry]] = {}
        self.lost: Counter[str] = Counter()
        self.warnings: deque[str] = deque(maxlen=500)
        self.requests = RequestLog()

    def _own_numbers(self) -> dict[str, IncomingNumber]:
        addresses = {"VoiceUrl": self.config.inbound_voice_url, "SmsUrl": self.config.inbound_url}
        settings = {name: address for name, address in addresses.items() if address}
        owned = [
            IncomingNumber(phone_number=number, created_at=self.now(), settings=dict(settings))
            for number in self.config.numbers
        ]
        return {number.sid: number for number in owned}

    def now(self) -> float:
        """The moment in the world, epoch seconds."""
        return self.clock.now()

    def later(self, seconds: float, do: Callable[[], None]) -> Entry:
        """Do it that many seconds of world time from now."""
        return self.agenda.later(seconds, do)

    def warn(self, sentence: str) -> None:
        """What Twilio would file in its debugger."""
        self.warnings.append(sentence)

    def number(self, phone_number: str | None) -> IncomingNumber | None:
        """The account's number of that E.164 text, if it owns it."""
        return next((number for number in self.numbers.values() if number.phone_number == phone_number), None)
