"""A consent as a rule asks for it: how firm, how old, from where, and whether it still stands."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from orchestrator.compliance.case import Case
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.zone import months_after, working_days
from orchestrator.domain.contact_request import ConsentFacts, ConsentLevel, ConsentSource

GIVEN = frozenset({ConsentLevel.ORAL, ConsentLevel.EXPRESS, ConsentLevel.EXPRESS_WRITTEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNeeded:
    """A consent of one of these levels, alive at the moment."""

    levels: frozenset[ConsentLevel]
    automated: bool = False
    sources: frozenset[ConsentSource] = frozenset()
    not_sources: frozenset[ConsentSource] = frozenset()
    max_age_months: int | None = None
    max_age_days: int | None = None
    max_age_working_days: int | None = None
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
            not_sources=table.members("not_sources", ConsentSource),
            max_age_months=table.whole_or_none("max_age_months"),
            max_age_days=table.whole_or_none("max_age_days"),
            max_age_working_days=table.whole_or_none("max_age_working_days"),
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
        return over(consent, at) or self._kind(consent) or self._age(consent, case, at) or self._time(consent, case, at)

    def ends_at(self, consent: ConsentFacts) -> datetime | None:
        """When a consent of this kind has grown too old to be one; None where its age does not matter."""
        ends = [consent.given_at + timedelta(days=self.max_age_days)] if self.max_age_days else []
        if self.max_age_months and not (self.period_may_be_stated and consent.states_period):
            ends.append(months_after(consent.given_at, self.max_age_months))
        return min(ends, default=None)

    def suits(self, consent: ConsentFacts) -> bool:
        """Whether it is a consent of this kind, whatever its age."""
        return not self._kind(consent)

    def _kind(self, consent: ConsentFacts) -> str:
        if consent.level not in self.levels:
            return f"it is {consent.level.value.replace('_', ' ')}"
        if self.automated and not consent.automated:
            return "it does not cover automated contact"
        if (self.sources and consent.source not in self.sources) or consent.source in self.not_sources:
            return "where it comes from does not qualify"
        if self.opt_out_offered and not consent.opt_out_offered_at_collection:
            return "no way to refuse was offered when it was collected"
        return ""

    def _age(self, consent: ConsentFacts, case: Case, at: datetime) -> str:
        if self.given_from and consent.given_at.date() < self.given_from:
            return f"it was given before {self.given_from}"
        if self.max_age_days and at - consent.given_at > timedelta(days=self.max_age_days):
            return f"it is older than {self.max_age_days} days"
        most = self.max_age_working_days
        if most and working_days(consent.given_at, at, case.place.zones) > most:
            return f"it is older than {most} working days"
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
