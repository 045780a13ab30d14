"""Exceptions and requirements as data: a consent, a relationship, a kind of message, a registration, an agreed time.

A condition is met where all that it names is met; a list of conditions is met where one of them is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.compliance.case import Case
from orchestrator.compliance.consent_needed import ConsentNeeded
from orchestrator.compliance.entry import Entry, read_all
from orchestrator.compliance.past_condition import AnswersStop, HeardFrom, NotReassigned
from orchestrator.compliance.zone import months_after
from orchestrator.domain.contact_request import (
    Exemption,
    MessageKind,
    Purpose,
    RelationshipFacts,
)

EVERY_REGISTRATION = "all"
NOTHING = Entry("nothing", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipNeeded:
    """One of these ties between the person and the caller, alive at the moment."""

    ongoing_contract: bool
    current_contract: bool
    existing_debt: bool
    contract_ended_months: int | None
    contract_ended_under_days: int | None
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
            contract_ended_under_days=table.whole_or_none("contract_ended_under_days"),
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
            or self._just_ended(tie.contract_ended_at, at)
        )

    def _just_ended(self, ended_at: datetime | None, at: datetime) -> bool:
        days = self.contract_ended_under_days
        return ended_at is not None and days is not None and timedelta(0) <= at - ended_at < timedelta(days=days)


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
        kind = not self.kinds or case.message_kind in self.kinds
        exempt = not self.exemptions or message.exemption in self.exemptions
        free = not self.free_to_recipient or message.free_to_recipient is True
        own = not self.own_similar_products or message.own_similar_products is True
        notice = not self.opt_out_notice or message.opt_out_notice is True
        return kind and exempt and free and own and notice and not (self.sells_nothing and case.sells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """All of what is not None must be met."""

    consent: ConsentNeeded | None = None
    relationship: RelationshipNeeded | None = None
    message: MessageNeeded | None = None
    inbound: HeardFrom | None = None
    answers_stop: AnswersStop | None = None
    not_reassigned: NotReassigned | None = None
    registrations: frozenset[str] = frozenset()
    purposes: frozenset[Purpose] = frozenset()

    def met(self, case: Case, at: datetime) -> bool:
        """Whether the facts meet the condition at that moment."""
        if self.purposes and case.request.campaign.purpose not in self.purposes:
            return False
        if self.message is not None and not self.message.met(case):
            return False
        if self.consent is not None and not self.consent.met(case, at):
            return False
        if self.relationship is not None and not self.relationship.met(case.request.relationship, at):
            return False
        return self._known(case, at) and self._registered(case.request.campaign.caller.registrations)

    def _known(self, case: Case, at: datetime) -> bool:
        heard = self.inbound is None or self.inbound.met(case, at)
        answers = self.answers_stop is None or self.answers_stop.met(case, at)
        return heard and answers and (self.not_reassigned is None or self.not_reassigned.met(case, at))

    def _registered(self, registrations: Sequence[str]) -> bool:
        if not self.registrations:
            return True
        return EVERY_REGISTRATION in registrations or not self.registrations.isdisjoint(registrations)


def read_conditions(entry: Entry, field: str) -> tuple[Condition, ...]:
    """The conditions in a list of tables; empty where the field is absent."""
    return read_all(entry.tables(field), lambda table: _read_condition(table, entry, field))


def _read_condition(entry: Entry, rule: Entry, field: str) -> Condition:
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
        answers_stop=AnswersStop(minutes=entry.whole("answers_stop_minutes"))
        if entry.has("answers_stop_minutes")
        else None,
        registrations=frozenset(entry.texts("registration")),
        purposes=entry.members("purpose", Purpose),
    )
    for table in (consent, tie, message, inbound):
        if table:
            table.finish()
    if condition == Condition():
        raise rule.wrong(field, "has an empty condition, which is always met")
    if RelationshipNeeded.read(NOTHING) == condition.relationship or MessageNeeded.read(NOTHING) == condition.message:
        raise rule.wrong(field, "has a table that asks for nothing")
    return condition
