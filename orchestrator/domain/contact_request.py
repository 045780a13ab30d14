"""One question to the compliance gate: may this attempt be made at this moment?

Everything the gate may use is in the question. ``None`` or an empty tuple means *not known*, and where the law
needs the fact, not known means that the attempt is not allowed. Moments are aware datetimes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum


class Channel(StrEnum):
    """How a person is contacted."""

    VOICE = "voice"
    SMS = "sms"


class Mode(StrEnum):
    """Who starts a call, and whether an agent is guaranteed: preview and manual yes, progressive one, predictive no."""

    PREDICTIVE = "predictive"
    PROGRESSIVE = "progressive"
    PREVIEW = "preview"
    MANUAL = "manual"
    PRERECORDED = "prerecorded"


class MessageKind(StrEnum):
    """What a message is, where the law treats replies to a request apart."""

    REGULAR = "regular"
    OPT_OUT_CONFIRMATION = "opt_out_confirmation"
    OPT_IN_CONFIRMATION = "opt_in_confirmation"
    HELP_REPLY = "help_reply"


class Exemption(StrEnum):
    """A kind of message that the FCC exempts under conditions (47 CFR 64.1200(a)(9))."""

    HEALTHCARE = "healthcare"
    PACKAGE_DELIVERY = "package_delivery"
    FINANCIAL_ALERT = "financial_alert"


class Purpose(StrEnum):
    """Why the campaign contacts people."""

    TELEMARKETING = "telemarketing"
    INFORMATIONAL = "informational"
    DEBT_COLLECTION = "debt_collection"
    RESEARCH = "research"
    FUNDRAISING = "fundraising"
    POLITICAL = "political"
    EMERGENCY = "emergency"


class Product(StrEnum):
    """Products with a regime of their own."""

    GENERAL = "general"
    CLAIMS_MANAGEMENT = "claims_management"
    PENSIONS = "pensions"
    ENERGY_RENOVATION = "energy_renovation"
    FINANCIAL = "financial"


class LawfulBasis(StrEnum):
    """GDPR article 6(1)."""

    CONSENT = "consent"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTEREST = "vital_interest"
    PUBLIC_TASK = "public_task"


class CallerKind(StrEnum):
    """What the caller is in law."""

    COMMERCIAL = "commercial"
    REGISTERED_CHARITY = "registered_charity"
    POLITICAL_PARTY = "political_party"
    NEWSPAPER = "newspaper"
    FIRST_PARTY_CREDITOR = "first_party_creditor"
    DEBT_COLLECTOR = "debt_collector"
    GOVERNMENT = "government"


class LineType(StrEnum):
    """What the number is; unknown is treated as mobile."""

    LANDLINE = "landline"
    MOBILE = "mobile"
    VOIP = "voip"
    TOLL_FREE = "toll_free"
    UNKNOWN = "unknown"


class Subscriber(StrEnum):
    """Whether a person or a firm answers there."""

    CONSUMER = "consumer"
    BUSINESS = "business"


class ConsentChannel(StrEnum):
    """What a consent, or a stop, covers."""

    VOICE = "voice"
    SMS = "sms"
    ANY = "any"

    def covers(self, channel: Channel) -> bool:
        """Whether it speaks about this channel."""
        return self is ConsentChannel.ANY or self.value == channel.value


class ConsentLevel(StrEnum):
    """How firm a consent is."""

    ORAL = "oral"
    EXPRESS = "express"
    EXPRESS_WRITTEN = "express_written"
    IMPLIED = "implied"
    SOFT_OPT_IN = "soft_opt_in"


class ConsentSource(StrEnum):
    """Where a consent came from."""

    OWN_FORM = "own_form"
    OWN_SALE = "own_sale"
    DONATION_OR_SUPPORT = "donation_or_support"
    CALLBACK_REQUEST = "callback_request"
    KEYWORD = "keyword"
    AGENT = "agent"
    PAPER = "paper"
    PURCHASED_LIST = "purchased_list"
    OTHER = "other"


class SuppressionKind(StrEnum):
    """In what words the person said no."""

    DO_NOT_CALL = "do_not_call"
    STOP_REPLY = "stop_reply"
    KEYPRESS_OPT_OUT = "keypress_opt_out"
    OBJECTION = "objection"
    RESTRICTION = "restriction"
    ERASED = "erased"
    CEASE_REQUEST = "cease_request"
    ATTORNEY_REPRESENTED = "attorney_represented"


class SuppressionScope(StrEnum):
    """How much the person asked to stop."""

    ALL = "all"
    PURPOSE = "purpose"
    CAMPAIGN = "campaign"


class ReassignedResult(StrEnum):
    """The Reassigned Numbers Database's answer; never read one as a boolean."""

    YES = "yes"
    NO = "no"
    NO_DATA = "no_data"


class Direction(StrEnum):
    """Who began an earlier contact."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class PastOutcome(StrEnum):
    """How an earlier contact ended."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    NOT_IN_SERVICE = "not_in_service"
    MACHINE = "machine"
    VOICEMAIL = "voicemail"
    CONVERSATION = "conversation"
    ABANDONED = "abandoned"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The content of a message or recording, as far as the law asks about it."""

    kind: MessageKind = MessageKind.REGULAR
    marketing: bool | None = None
    sender_identified: bool | None = None
    opt_out_notice: bool | None = None
    own_similar_products: bool | None = None
    exemption: Exemption | None = None
    free_to_recipient: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts:
    """The attempt that is asked about."""

    channel: Channel
    mode: Mode | None = None
    ring_timeout_seconds: int | None = None
    amd: bool | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerFacts:
    """The controller or seller on whose behalf the contact is made."""

    kind: CallerKind
    id: str | None = None
    country: str | None = None
    registrations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonmentCounts:
    """This campaign's counts in the window that the called party's regime measures."""

    live_answered: int
    abandoned: int
    amd_false_positives_estimated: int = 0
    window_started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """The campaign as the law sees it."""

    purpose: Purpose
    caller: CallerFacts
    id: str | None = None
    sales_component: bool = False
    subject: str | None = None
    product: Product = Product.GENERAL
    lawful_basis: LawfulBasis | None = None
    codes: tuple[str, ...] = ()
    abandonment: AbandonmentCounts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InconvenientTime:
    """A time that the person said is inconvenient, in local time; ``starts`` later than ``ends`` runs over midnight.

    ``weekdays`` holds ``mon`` to ``sun``; empty means every day.
    """

    weekdays: tuple[str, ...] = ()
    starts: time = time(0)
    ends: time = time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """The person and the number."""

    number: str
    id: str | None = None
    line_type: LineType = LineType.UNKNOWN
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    time_zone: str | None = None
    subscriber: Subscriber = Subscriber.CONSUMER
    declared_emergency: bool = False
    work_number: bool = False
    ported_at: datetime | None = None
    inconvenient: tuple[InconvenientTime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFacts:
    """A consent as it stands; without ``evidence`` it does not count."""

    channel: ConsentChannel
    level: ConsentLevel
    given_at: datetime
    automated: bool = False
    withdrawn_at: datetime | None = None
    states_period: bool = False
    expires_at: datetime | None = None
    evidence: bool = False
    source: ConsentSource | None = None
    opt_out_offered_at_collection: bool | None = None
    subject: str | None = None
    to_caller: bool = True
    agreed_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipFacts:
    """What binds the person and the caller already."""

    ongoing_contract: bool | None = None
    contract_ended_at: datetime | None = None
    last_purchase_at: datetime | None = None
    last_inquiry_at: datetime | None = None
    concerns_current_contract: bool | None = None
    existing_debt: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionFacts:
    """A no of this person to this caller."""

    kind: SuppressionKind
    channel: ConsentChannel = ConsentChannel.ANY
    at: datetime | None = None
    campaign: str | None = None
    scope: SuppressionScope = SuppressionScope.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAnswer:
    """What a do-not-call registry said of the number, and when that version was obtained."""

    registry: str
    obtained_at: datetime
    listed: bool = False
    listed_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignedAnswer:
    """What the Reassigned Numbers Database said."""

    checked_at: datetime
    result: ReassignedResult


@dataclass(frozen=True, slots=True, kw_only=True)
class PastContact:
    """An earlier contact of this person by this caller, over all numbers and campaigns."""

    at: datetime
    channel: Channel
    direction: Direction = Direction.OUTBOUND
    mode: Mode | None = None
    outcome: PastOutcome | None = None
    purpose: Purpose | None = None
    debt: str | None = None
    subject: str | None = None
    campaign: str | None = None
    amd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequest:
    """The whole question."""

    at: datetime
    attempt: AttemptFacts
    campaign: CampaignFacts
    contact: ContactFacts
    id: str | None = None
    consents: Sequence[ConsentFacts] = field(default=())
    relationship: RelationshipFacts | None = None
    suppressions: Sequence[SuppressionFacts] = field(default=())
    registries: Sequence[RegistryAnswer] = field(default=())
    reassigned: ReassignedAnswer | None = None
    history: Sequence[PastContact] = field(default=())
    debt: str | None = None
