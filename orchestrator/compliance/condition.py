"""Exceptions and requirements as data: a consent, a relationship, a kind of message, a registration, an agreed time.

A condition is met where all that it names is met; a list of conditions is met where one of them is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from orchestrator.compliance.case import Case
from orchestrator.compliance.entry import Entry, read_all
from orchestrator.compliance.zone import months_after
from orchestrator.domain.contact_request import (
    Channel,
    ConsentFacts,
    ConsentLevel,
    ConsentSource,
    Direction,
    Exemption,
    MessageKind,
    ReassignedResult,
    RelationshipFacts,
)

EVERY_REGISTRATION = "all"
GIVEN = frozenset({ConsentLevel.ORAL, ConsentLevel.EXPRESS, ConsentLevel.EXPRESS_WRITTEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNeeded:
    """A consent of one of these levels, alive at the moment."""

    levels: frozenset[ConsentLevel]
    automated: bool = False
    sources: frozenset[ConsentSource] = frozenset()
    max_age_months: int | None = None
    max_age_days: int | None = None
    period_may_be_stated: bool = False
    given_from: date | None = None
    opt_out_offered: bool = False
    agreed_time: bool = False

    @classmethod
    def read(cls, table: Entry) -> "ConsentNeeded":
        """Read a ``consent`` table; without levels it is any that the person gave in words or writing."""
        return cls(
            levels=table.members("levels", ConsentLevel) or GIVEN,
            automated=table.flag("automated"),
            sources=table.members("sources", ConsentSource),
            max_age_months=table.whole_or_none("max_age_months"),
            max_age_days=table.whole_or_none("max_age_days"),
            period_may_be_stated=table.flag("period_may_be_stated"),
            given_from=table.day_or_none("given_from"),
            opt_out_offered=table.flag("opt_out_offered"),
            agreed_time=table.flag("agreed_time"),
        )

    def met(self, case: Case, at: datetime) -> bool:
        """Whether one of the person's consents is of this kind."""
        return any(not self.lack(consent, case, at) for consent in case.consents)

    def lack(self, consent: ConsentFacts, case: Case, at: datetime) -> str:
        """Why this consent does not do at that moment, in words; empty where it does."""
        return over(consent, at) or self._kind(consent) or self._age(consent, at) or self._time(consent, case, at)

    def _kind(self, consent: ConsentFacts) -> str:
        if consent.level not in self.levels:
            return f"it is {consent.level.value.replace('_', ' ')}"
        if self.automated and not consent.automated:
            return "it does not cover automated contact"
        if self.sources and consent.source not in self.sources:
            return "where it comes from does not qualify"
        if self.opt_out_offered and not consent.opt_out_offered_at_collection:
            return "no way to refuse was offered when it was collected"
        return ""

    def _age(self, consent: ConsentFacts, at: datetime) -> str:
        if self.given_from and consent.given_at.date() < self.given_from:
            return f"it was given before {self.given_from}"
        if self.max_age_days and at - consent.given_at > timedelta(days=self.max_age_days):
            return f"it is older than {self.max_age_days} days"
        aged = self.max_age_months and at > months_after(consent.given_at, self.max_age_months)
        if aged and not (self.period_may_be_stated and consent.states_period):
            return f"it is older than {self.max_age_months} months"
        return ""

    def _time(self, consent: ConsentFacts, case: Case, at: datetime) -> str:
        if self.agreed_time and not (consent.agreed_time and at == case.at):
            return "it names no time that was agreed"
        return ""


def over(consent: ConsentFacts, at: datetime) -> str:
    """Why the consent has ended by then, in words; empty while it lasts."""
    if consent.withdrawn_at is not None and consent.withdrawn_at <= at:
        return "it was withdrawn"
    if consent.expires_at is not None and consent.expires_at <= at:
        return f"it ended on {consent.expires_at.date()}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipNeeded:
    """One of these ties between the person and the caller, alive at the moment."""

    ongoing_contract: bool
    current_contract: bool
    existing_debt: bool
    contract_ended_months: int | None
    purchase_months: int | None
    purchase_days: int | None
    inquiry_months: int | None
    inquiry_days: int | None

    @classmethod
    def read(cls, table: Entry) -> "RelationshipNeeded":
        """Read a ``relationship`` table."""
        return cls(
            ongoing_contract=table.flag("ongoing_contract"),
            current_contract=table.flag("current_contract"),
            existing_debt=table.flag("existing_debt"),
            contract_ended_months=table.whole_or_none("contract_ended_months"),
            purchase_months=table.whole_or_none("purchase_months"),
            purchase_days=table.whole_or_none("purchase_days"),
            inquiry_months=table.whole_or_none("inquiry_months"),
            inquiry_days=table.whole_or_none("inquiry_days"),
        )

    def met(self, tie: RelationshipFacts | None, at: datetime) -> bool:
        """Whether one of the ties that are known is of this kind."""
        if tie is None:
            return False
        standing = (
            (self.ongoing_contract and tie.ongoing_contract)
            or (self.current_contract and tie.concerns_current_contract)
            or (self.existing_debt and tie.existing_debt)
        )
        return bool(standing) or self._recent(tie, at)

    def _recent(self, tie: RelationshipFacts, at: datetime) -> bool:
        return (
            within(tie.last_purchase_at, self.purchase_months, self.purchase_days, at)
            or within(tie.last_inquiry_at, self.inquiry_months, self.inquiry_days, at)
            or within(tie.contract_ended_at, self.contract_ended_months, None, at)
        )


def within(start: datetime | None, months: int | None, days: int | None, at: datetime) -> bool:
    """Whether ``start`` lies back no further than both limits; never where no limit or no start is known."""
    if start is None or (months is None and days is None) or start > at:
        return False
    in_months = months is None or at <= months_after(start, months)
    return in_months and (days is None or at - start <= timedelta(days=days))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageNeeded:
    """What a message must be or carry."""

    kinds: frozenset[MessageKind]
    exemptions: frozenset[Exemption]
    free_to_recipient: bool
    own_similar_products: bool
    opt_out_notice: bool
    sells_nothing: bool

    @classmethod
    def read(cls, table: Entry) -> "MessageNeeded":
        """Read a ``message`` table."""
        return cls(
            kinds=table.members("kind", MessageKind),
            exemptions=table.members("exemption", Exemption),
            free_to_recipient=table.flag("free_to_recipient"),
            own_similar_products=table.flag("own_similar_products"),
            opt_out_notice=table.flag("opt_out_notice"),
            sells_nothing=table.flag("sells_nothing"),
        )

    def met(self, case: Case) -> bool:
        """Whether the attempt's message is such a one."""
        message = case.message
        kind = not self.kinds or message.kind in self.kinds
        exempt = not self.exemptions or message.exemption in self.exemptions
        free = not self.free_to_recipient or message.free_to_recipient is True
        own = not self.own_similar_products or message.own_similar_products is True
        notice = not self.opt_out_notice or message.opt_out_notice is True
        return kind and exempt and free and own and notice and not (self.sells_nothing and case.sells)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFrom:
    """A message or call of the person's own, so many days back at most."""

    channel: Channel
    days: int | None

    @classmethod
    def read(cls, table: Entry) -> "HeardFrom":
        """Read an ``inbound`` table."""
        channels = table.members("channel", Channel)
        if len(channels) != 1:
            raise table.wrong("channel", "must be one channel")
        return cls(channel=min(channels), days=table.whole_or_none("days"))

    def met(self, case: Case, at: datetime) -> bool:
        """Whether the history holds such a contact."""
        return any(
            entry.direction is Direction.INBOUND and entry.channel is self.channel and self._lately(entry.at, at)
            for entry in case.request.history
        )

    def _lately(self, heard_at: datetime, at: datetime) -> bool:
        return heard_at <= at and (self.days is None or at - heard_at <= timedelta(days=self.days))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReassigned:
    """An answer of the Reassigned Numbers Database that the number is still the person's, so many days old at most."""

    days: int

    def met(self, case: Case, at: datetime) -> bool:
        """Whether such an answer was given."""
        answer = case.request.reassigned
        if answer is None or answer.result is not ReassignedResult.NO:
            return False
        return timedelta(0) <= at - answer.checked_at <= timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """All of what is not None must be met."""

    consent: ConsentNeeded | None = None
    relationship: RelationshipNeeded | None = None
    message: MessageNeeded | None = None
    inbound: HeardFrom | None = None
    not_reassigned: NotReassigned | None = None
    registrations: frozenset[str] = frozenset()

    def met(self, case: Case, at: datetime) -> bool:
        """Whether the facts meet the condition at that moment."""
        if self.message is not None and not self.message.met(case):
            return False
        if self.consent is not None and not self.consent.met(case, at):
            return False
        if self.relationship is not None and not self.relationship.met(case.request.relationship, at):
            return False
        return self._known(case, at) and self._registered(case.request.campaign.caller.registrations)

    def _known(self, case: Case, at: datetime) -> bool:
        heard = self.inbound is None or self.inbound.met(case, at)
        return heard and (self.not_reassigned is None or self.not_reassigned.met(case, at))

    def _registered(self, registrations: Sequence[str]) -> bool:
        if not self.registrations:
            return True
        return EVERY_REGISTRATION in registrations or not self.registrations.isdisjoint(registrations)


def read_conditions(entry: Entry, field: str) -> tuple[Condition, ...]:
    """The conditions in a list of tables; empty where the field is absent."""
    return read_all(entry.tables(field), _read_condition)


def _read_condition(entry: Entry) -> Condition:
    consent = entry.table("consent") if entry.has("consent") else None
    tie = entry.table("relationship") if entry.has("relationship") else None
    message = entry.table("message") if entry.has("message") else None
    inbound = entry.table("inbound") if entry.has("inbound") else None
    condition = Condition(
        consent=ConsentNeeded.read(consent) if consent else None,
        relationship=RelationshipNeeded.read(tie) if tie else None,
        message=MessageNeeded.read(message) if message else None,
        inbound=HeardFrom.read(inbound) if inbound else None,
        not_reassigned=NotReassigned(days=entry.whole("not_reassigned_days"))
        if entry.has("not_reassigned_days")
        else None,
        registrations=frozenset(entry.texts("registration")),
    )
    for table in (consent, tie, message, inbound):
        if table:
            table.finish()
    if condition == Condition():
        raise entry.wrong("unless", "has an empty condition, which is always met")
    return condition
