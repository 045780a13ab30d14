"""What the account remembers of itself."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.records import new_sid

OPENED_AT = 1_748_736_000.0  # 2025-06-01: before the limits on concurrency of 2026


@dataclass(slots=True, kw_only=True, eq=False)
class MessagingService:
    """A pool of senders; ``settings`` by the names that requests give them."""

    friendly_name: str
    created_at: float
    sid: str = field(default_factory=lambda: new_sid("MG"))
    settings: dict[str, Any] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)  # sids
    campaigns: list[str] = field(default_factory=list)  # states of US A2P campaigns
    advanced_opt_out: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class AccountState:
    """How the account stands; ``date_offset`` are seconds that its Date header is ahead of the truth."""

    kind: str = "Full"
    status: str = "active"
    opened_at: float = OPENED_AT
    date_offset: float = 0.0
    no_calls_to: set[str] = field(default_factory=set)
    caller_ids: set[str] = field(default_factory=set)
    profiles: list[str] = field(default_factory=list)  # states of customer profiles
    flex_workspace: str | None = None
    services: dict[str, MessagingService] = field(default_factory=dict)
    own_stops: set[str] = field(default_factory=set)  # numbers and services whose owner answers STOP
    deactivations: dict[str, list[str]] = field(default_factory=dict)  # by day
    consents: list[dict[str, Any]] = field(default_factory=list)  # as the owner told them
    consent_requests: list[float] = field(default_factory=list)  # of the last minute
