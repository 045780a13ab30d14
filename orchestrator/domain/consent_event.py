"""One entry of the consent ledger: what a person said about being contacted, when, how, and on which evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, ConsentSource, Purpose


class ConsentState(StrEnum):
    """What an event makes of a consent (ISO/IEC TS 27560: the states of an event)."""

    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"


class Collection(StrEnum):
    """How the person's word reached the seller."""

    WEB_FORM = "web_form"
    KEYWORD = "keyword"
    PAPER = "paper"
    IVR = "ivr"
    AGENT = "agent"
    LETTER = "letter"
    EMAIL = "email"
    IMPORT = "import"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """What happened to a consent. Of a withdrawal or refusal, ``channel`` any and no ``purpose`` mean all of them.

    ``purpose`` None of a consent: the wording named none. ``evidence`` None: unproven, which counts nowhere; its keys
    are those of ``Evidence``. Events with one ``record_id`` tell of one consent: asked for, given, expired.
    """

    seller_id: str
    number: str  # E.164
    event: ConsentState
    channel: ConsentChannel
    happened_at: datetime
    level: ConsentLevel | None = None  # None for what gives nothing
    purpose: Purpose | None = None
    automated: bool = False
    expires_at: datetime | None = None
    states_period: bool = False
    source: ConsentSource | None = None
    subject: str | None = None
    to_caller: bool = True
    opt_out_offered: bool | None = None
    evidence: Mapping[str, Any] | None = None
    language: str | None = None
    jurisdiction: str | None = None  # a country, or a region of it: FR, US-FL
    collection: Collection | None = None
    notice: str | None = None  # the privacy notice that was shown: its address or name
    notice_version: str | None = None
    recorded_by: str | None = None  # cli:NAME, user:NAME, token:ID, step:NAME
    contact_id: int | None = None
    list_id: int | None = None  # the list that brought it
    record_id: UUID | None = None  # None: the event opens a record of its own


class Evidence(StrEnum):
    """The keys of evidence: what GDPR 7(1), UWG 7a, CASL and CTIA ask to be kept of an opt-in."""

    NUMBER = "number"  # as it was entered
    NAME = "name"
    SUBSCRIBER = "subscriber"  # the declaration that the number is the person's own
    AT = "at"  # the moment as the source wrote it, in its own zone
    SOURCE = "source"
    URL = "url"
    PAGE_VERSION = "page_version"
    IP = "ip"
    USER_AGENT = "user_agent"
    TEXT = "text"  # the exact text shown, whole
    TEXT_SHA256 = "text_sha256"
    TEXT_VERSION = "text_version"
    CHECKBOX = "checkbox"  # its state before the person touched it
    TICKED = "ticked"  # the purposes and channels ticked, each by itself
    BRANDS = "brands"
    FREQUENCY = "frequency"
    TOKEN = "token"  # noqa: S105 - of the double opt-in, spent when it is kept here
    REPLY = "reply"
    REPLIED_AT = "replied_at"
    MESSAGE_SID = "message_sid"
    VENDOR = "vendor"
    CHAIN = "chain"  # who passed it on to whom
    SCREENSHOT = "screenshot"
    RECORDING = "recording"
    AGREED_SLOT = "agreed_slot"  # the date and hour that the person asked for
    COLLECTOR = "collector"
    WORDS = "words"  # what the person said, of a withdrawal too


def names_seller(evidence: Mapping[str, Any] | None, name: str) -> bool:
    """Whether the text that was agreed to names the seller; what somebody else collected is theirs only then."""
    return name.casefold() in str((evidence or {}).get(Evidence.TEXT, "")).casefold()
