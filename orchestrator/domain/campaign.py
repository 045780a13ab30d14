"""A campaign: on whose behalf, why, whom, when and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.contact_request import CallerKind, LawfulBasis, Mode, Product, Purpose
from orchestrator.domain.disposition import Disposition


class CampaignState(StrEnum):
    """The life of a campaign; only a running one contacts anybody."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The controller on whose behalf people are contacted."""

    id: str
    name: str
    country: str
    callback_number: str
    kind: CallerKind = CallerKind.COMMERCIAL
    registrations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """What a machine is left, where consent and law allow it: the words, said, or played as they were recorded."""

    text: str
    recording: str | None = None  # the address of an audio file that says the words


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePlan:
    """How a campaign calls. Durations in seconds."""

    caller_ids: tuple[str, ...]
    queue: str
    information_message: str
    local_presence: bool = False
    mobile_without_consent: Mode = Mode.PREVIEW
    ring_timeout_seconds: int = 25
    amd: AmdMode | None = None  # None: by the called party's regime
    script: str | None = None
    script_text: str | None = None  # of that file, as it was when the campaign was created
    max_abandonment: float | None = None
    voicemail: Voicemail | None = None  # None: machines are hung up on


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsPlan:
    """What a campaign texts, by language; exactly one of ``messaging_service`` and ``senders`` is given.

    ``messages`` are further texts by name, for the steps of a strategy that name one.
    """

    templates: Mapping[str, str]
    messaging_service: str | None = None
    senders: tuple[str, ...] = ()
    marketing: bool = True
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shorten_links: bool = False  # by the messaging service, one address a person

    def message(self, name: str | None) -> Mapping[str, str]:
        """The text of that name by language; None for the one that has no name."""
        return self.templates if name is None else self.messages[name]

    @property
    def every_message(self) -> Mapping[str | None, Mapping[str, str]]:
        """All texts by name, the one without a name first."""
        every: dict[str | None, Mapping[str, str]] = {None: self.templates}
        every.update(self.messages.items())
        return every


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsPlan:
    """The campaign's own caps, never wider than the law's."""

    per_number: int = 4
    per_contact: int = 7
    cadence: str = "default"


Hours = Mapping[str, tuple[tuple[time, time], ...]]  # mon … sun -> half-open spans, local to the contact


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlan:
    """Everything a campaign file says. ``hours`` None: the law's hours alone."""

    name: str
    seller: str
    purpose: Purpose
    lists: tuple[str, ...]
    strategy: str = "consent-tiered"
    subject: str | None = None
    product: Product = Product.GENERAL
    lawful_basis: LawfulBasis | None = None
    sales_component: bool = False
    priority: int = 5
    codes: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    hours: Hours | None = None
    voice: VoicePlan | None = None
    sms: SmsPlan | None = None
    attempts: AttemptsPlan = field(default_factory=AttemptsPlan)
    canary_contacts: int | None = None
    reassigned_check_days: int | None = None  # how old an answer may be; None: asked only where the law asks
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)  # by id, beside those of config/
