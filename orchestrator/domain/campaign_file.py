"""A campaign as a TOML file, and as the JSON that the database keeps."""

import tomllib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, model_validator

from orchestrator.domain.campaign import AttemptsPlan, CampaignPlan, Hours, SmsPlan, Voicemail, VoicePlan
from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.contact_request import LawfulBasis, Mode, Product, Purpose
from orchestrator.domain.disposition import Disposition
from orchestrator.domain.disposition_file import DispositionTable, require_one_default
from orchestrator.domain.errors import UserError
from orchestrator.domain.file_fields import (
    AtLeastOne,
    ByLanguage,
    CampaignName,
    ConfigName,
    Listed,
    MessagingService,
    Moment,
    Number,
    Sender,
    Text,
    WebAddress,
)
from orchestrator.domain.local_hours import parse_hours
from orchestrator.domain.toml_reading import OneOf, Table, checked, parse_toml

WITHOUT_CONSENT = (Mode.PREVIEW, Mode.PROGRESSIVE)


def _without_consent(mode: Any) -> Any:
    if mode not in WITHOUT_CONSENT:
        raise ValueError(f"must be 'preview' or 'progressive', not '{mode}'")
    return mode


class _Voicemail(Table):
    text: Annotated[Text, Field(max_length=1000)]
    recording: WebAddress | None = None

    def plan(self) -> Voicemail:
        return Voicemail(**dict(self))


class _Voice(Table):
    caller_ids: AtLeastOne[Number]
    local_presence: bool = False
    mobile_without_consent: Annotated[OneOf[Mode], BeforeValidator(_without_consent)] = Mode.PREVIEW
    ring_timeout_seconds: int = Field(25, ge=15, le=120)
    amd: OneOf[AmdMode] | None = None
    queue: Annotated[str, Field(min_length=1, max_length=64)]
    script: Text | None = None
    max_abandonment: Annotated[float, Field(gt=0, le=1)] | None = None
    information_message: Annotated[Text, Field(max_length=1000)]
    voicemail: _Voicemail | None = None

    @model_validator(mode="after")
    def _machines_are_told(self) -> "_Voice":
        if self.voicemail is not None and self.amd is AmdMode.OFF:
            raise ValueError("leaves a voicemail, which needs machines to be detected; take out amd = 'off'")
        return self

    def plan(self) -> VoicePlan:
        return VoicePlan(**{**dict(self), "voicemail": self.voicemail.plan() if self.voicemail else None})


class _Sms(Table):
    messaging_service: MessagingService | None = None
    senders: Listed[Sender] = ()
    marketing: bool = True
    templates: ByLanguage
    messages: dict[ConfigName, ByLanguage] = Field(default_factory=dict)
    shorten_links: bool = False

    @model_validator(mode="after")
    def _one_sender(self) -> "_Sms":
        if (self.messaging_service is None) == (not self.senders):
            raise ValueError("must name either a messaging_service or senders, one of the two")
        if self.shorten_links and self.messaging_service is None:
            raise ValueError("must name a messaging_service for shorten_links: it is the service that shortens them")
        return self

    def plan(self) -> SmsPlan:
        return SmsPlan(**dict(self))


class _Attempts(Table):
    per_number: int = Field(4, ge=1, le=100)
    per_contact: int = Field(7, ge=1, le=100)
    cadence: ConfigName = "default"

    def plan(self) -> AttemptsPlan:
        return AttemptsPlan(**dict(self))


class _Canary(Table):
    contacts: int = Field(ge=1, le=1_000_000_000)


class _Campaign(Table):
    name: CampaignName
    seller: Text
    purpose: OneOf[Purpose]
    lists: AtLeastOne[Text]
    strategy: ConfigName = "consent-tiered"
    subject: Text | None = None
    product: OneOf[Product] = Product.GENERAL
    lawful_basis: OneOf[LawfulBasis] | None = None
    priority: int = Field(5, ge=1, le=9)
    codes: Listed[Text] = ()
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    reassigned_check_days: int | None = Field(None, ge=1, le=365)
    hours: Annotated[Hours, Field(strict=False), BeforeValidator(parse_hours)] | None = None
    voice: _Voice | None = None
    sms: _Sms | None = None
    attempts: _Attempts = _Attempts()
    canary: _Canary | None = None
    dispositions: dict[ConfigName, DispositionTable] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> "_Campaign":
        if self.voice is None and self.sms is None:
            raise ValueError("the campaign contacts nobody; add [voice], [sms] or both")
        for moment in filter(None, (self.starts_at, self.ends_at)):
            if not 2000 <= moment.year < 2200:
                raise ValueError(f"'{moment:%Y-%m-%d}' lies outside of this century and the next; check the year")
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("'ends_at' must be later than 'starts_at'")
        require_one_default(self.dispositions)
        return self

    def plan(self) -> CampaignPlan:
        tables = {"voice", "sms", "attempts", "canary", "dispositions"}
        plain = {name: value for name, value in self if name not in tables}
        return CampaignPlan(
            **plain,
            voice=self.voice.plan() if self.voice else None,
            sms=self.sms.plan() if self.sms else None,
            attempts=self.attempts.plan(),
            canary_contacts=self.canary.contacts if self.canary else None,
            dispositions={name: table.disposition(name) for name, table in self.dispositions.items()},
        )


PLAN = TypeAdapter(CampaignPlan)
DISPOSITIONS = TypeAdapter(dict[str, Disposition])


def parse_campaign(text: str, overrides: Mapping[str, Any] | None = None) -> CampaignPlan:
    """The plan that the file describes, ``overrides`` replacing whole fields at its top; raises UserError."""
    tables = merged(parse_toml(text, "The campaign file"), overrides or {})
    return checked(_Campaign, tables, "The campaign file").plan()


def merged(tables: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The tables with what overrides them, table by table."""
    both = [name for name, value in overrides.items() if isinstance(value, Mapping) and name in tables]
    inner = {name: merged(tables[name], overrides[name]) for name in both if isinstance(tables[name], Mapping)}
    return {**tables, **overrides, **inner}


def field_setting(text: str) -> dict[str, Any]:
    """``voice.queue=sales`` as nested tables; the value is TOML where it reads as TOML, else text. Raises UserError."""
    path, equals, value = text.partition("=")
    names = [name.strip() for name in path.split(".")]
    if not equals or not all(names):
        raise UserError(f"--set '{text}' must read FIELD=VALUE, as in --set voice.queue=sales.")
    setting: Any = _toml_value(value.strip())
    for name in reversed(names):
        setting = {name: setting}
    found: dict[str, Any] = setting
    return found


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def plan_as_dict(plan: CampaignPlan) -> dict[str, Any]:
    """The plan as JSON, fields named as in CampaignPlan."""
    written: dict[str, Any] = PLAN.dump_python(plan, mode="json")
    return written


def dispositions_from_dict(written: Mapping[str, Any]) -> dict[str, Disposition]:
    """The campaign's own dispositions in what ``plan_as_dict`` wrote."""
    return DISPOSITIONS.validate_python(written.get("dispositions") or {})


def plan_from_dict(written: Mapping[str, Any]) -> CampaignPlan:
    """The plan that ``plan_as_dict`` wrote; nothing is judged again, since what was launched must stay readable."""
    return PLAN.validate_python(dict(written))
