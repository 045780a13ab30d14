"""Do-not-call registries: a fresh answer is needed where a listing would matter, and a listing refuses."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, refusal
from orchestrator.domain.contact_request import RegistryAnswer
from orchestrator.domain.decision import Cure


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryListing:
    """The registry's answer must be fresh: so many days old at most, or of the issue in force.

    A young listing does not bind yet: ``binds_from_days`` binds what is that old, ``binds_after_days`` what is older.
    """

    kind: ClassVar[str] = "registry"
    covers: ClassVar[bool] = True
    registry: str
    max_age: timedelta | None
    issued: tuple[tuple[int, int], ...]
    grace_days: int
    binds_from: timedelta | None
    binds_after: timedelta | None
    answer_needed: bool
    lookback_days: int = 0

    def judge(self, case: Case, moment: Moment, _: Heading, /) -> Finding:
        """Refuse where the number is listed, or where no fresh answer says that it is not."""
        answers = [
            answer
            for answer in case.request.registries
            if answer.registry == self.registry and answer.obtained_at <= moment.at
        ]
        if not answers:
            return self._unknown("has not been asked about this number") if self.answer_needed else ALLOWED
        newest = max(answers, key=lambda answer: (answer.obtained_at, answer.listed, -_since(answer)))
        if newest.listed and self._binds(newest, moment.at):
            return refusal(
                f"The number is listed in {self.registry}, says its version of {newest.obtained_at.date()}.",
                Cure.CONSENT,
                self.registry,
            )
        if self.answer_needed and not self._fresh(newest, moment):
            return self._unknown(f"was asked too long ago: its version is of {newest.obtained_at.date()}")
        return ALLOWED

    def _unknown(self, what: str) -> Finding:
        return refusal(f"The registry {self.registry} {what}.", Cure.REGISTRY, self.registry)

    def _binds(self, answer: RegistryAnswer, at: datetime) -> bool:
        if answer.listed_since is None:
            return True
        age = at - answer.listed_since
        if self.binds_from is not None:
            return age >= self.binds_from
        return self.binds_after is None or age > self.binds_after

    def _fresh(self, answer: RegistryAnswer, moment: Moment) -> bool:
        if self.max_age is not None:
            return moment.at - answer.obtained_at <= self.max_age
        return answer.obtained_at >= self._issue_in_force(moment.last_date)

    def _issue_in_force(self, today: date) -> datetime:
        """The beginning of the newest issue whose days of grace are over."""
        days = (date(year, month, day) for year in (today.year - 1, today.year) for month, day in self.issued)
        newest = max(day for day in days if day + timedelta(days=self.grace_days) <= today)
        return datetime.combine(newest, time(0), UTC)


def _since(answer: RegistryAnswer) -> float:
    return answer.listed_since.timestamp() if answer.listed_since else 0.0


def read_registry(entry: Entry, _: Shelf) -> RegistryListing:
    """Read the ``registry`` and either ``max_age_days`` or the dates on which it is ``issued``."""
    max_age, from_days, after_days = (
        entry.whole_or_none(field) for field in ("max_age_days", "binds_from_days", "binds_after_days")
    )
    optional = entry.flag("only_if_known")
    issued = tuple(_month_and_day(entry, text) for text in entry.texts("issued"))
    if (max_age is None) == (not issued) and not optional:
        raise entry.wrong("max_age_days", "and issued: exactly one of the two must be written")
    return RegistryListing(
        registry=entry.text("registry"),
        max_age=timedelta(days=max_age) if max_age else None,
        issued=issued,
        grace_days=entry.whole_or_none("grace_days") or 0,
        binds_from=timedelta(days=from_days) if from_days else None,
        binds_after=timedelta(days=after_days) if after_days else None,
        answer_needed=not optional,
    )


def _month_and_day(entry: Entry, text: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2027-{text}")
    except ValueError:
        raise entry.wrong("issued", f"'{text}' is no month and day as in 04-01") from None
    return day.month, day.day
