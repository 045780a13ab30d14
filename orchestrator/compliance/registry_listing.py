"""Do-not-call registries: a fresh answer is needed where a listing would matter, and a listing refuses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.consent_needed import GIVEN, over
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.registry_age import MaxAge, clocks, read_max_age
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, refusal
from orchestrator.compliance.wording import sentence
from orchestrator.compliance.zone import working_days
from orchestrator.domain.contact_request import RegistryAnswer
from orchestrator.domain.decision import Cure


@dataclass(frozen=True, slots=True, kw_only=True)
class Grace:
    """A young listing does not bind yet; unknown how young, it binds.

    ``from_days`` binds what is that old, ``after_days`` what is older, ``from_working_days`` counts Mondays to Fridays.
    """

    from_days: int | None
    after_days: int | None
    from_working_days: int | None

    @classmethod
    def read(cls, entry: Entry) -> "Grace":
        """Read the one ``binds_…`` field that is written."""
        fields = ("binds_from_days", "binds_after_days", "binds_from_working_days")
        if sum(map(entry.has, fields)) > 1:
            raise entry.wrong("binds_from_days", "and another such field: only one may be written")
        from_days, after_days, working = (entry.whole_or_none(field) for field in fields)
        return cls(from_days=from_days, after_days=after_days, from_working_days=working)

    def over(self, since: datetime | None, moment: Moment) -> bool:
        """Whether a listing of that date binds."""
        if since is None:
            return True
        if self.from_working_days is not None:
            return working_days(since, moment.at, clocks(moment)) >= self.from_working_days
        age = moment.at - since
        if self.from_days is not None:
            return age >= timedelta(days=self.from_days)
        return self.after_days is None or age > timedelta(days=self.after_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryListing:
    """What the registry must have said, and how lately; ``called`` is its name for people.

    Where ``ends_earlier_consents``, a consent counts against a listing only if it was given after it.
    """

    kind: ClassVar[str] = "registry"
    covers: ClassVar[bool] = True
    registry: str
    called: str
    max_age: MaxAge | None
    grace: Grace
    ends_earlier_consents: bool
    lookback_days: int = 0

    def judge(self, case: Case, moment: Moment, _: Heading, /) -> Finding:
        """Refuse where the number is listed, or where no fresh answer says that it is not."""
        answers = [
            answer
            for answer in case.request.registries
            if answer.registry == self.registry and answer.obtained_at <= moment.at
        ]
        if not answers:
            return self._unknown("has not been asked about this number") if self.max_age else ALLOWED
        newest = max(answers, key=lambda answer: (answer.obtained_at, answer.listed, -_since(answer)))
        if newest.listed and self._binds(newest, case, moment):
            return self._refused(newest)
        if self.max_age and not self.max_age.allows(newest.obtained_at, moment):
            return self._unknown(f"was asked too long ago: its version is of {newest.obtained_at.date()}")
        return ALLOWED

    def _binds(self, answer: RegistryAnswer, case: Case, moment: Moment) -> bool:
        if not self.grace.over(answer.listed_since, moment):
            return False
        return not (self.ends_earlier_consents and _agreed_since(answer.listed_since, case, moment))

    def _refused(self, answer: RegistryAnswer) -> Finding:
        because = f"The number is listed in {self.called}, says its version of {answer.obtained_at.date()}."
        return refusal(because, Cure.CONSENT, self.registry)

    def _unknown(self, what: str) -> Finding:
        return refusal(f"{sentence(self.called)} {what}.", Cure.REGISTRY, self.registry)


def _agreed_since(listed_since: datetime | None, case: Case, moment: Moment) -> bool:
    return listed_since is not None and any(
        consent.given_at > listed_since and consent.level in GIVEN and not over(consent, moment.at)
        for consent in case.consents
    )


def _since(answer: RegistryAnswer) -> float:
    return answer.listed_since.timestamp() if answer.listed_since else 0.0


def read_registry(entry: Entry, _: Shelf) -> RegistryListing:
    """Read the ``registry``, how it is ``called``, and how old its answer may be."""
    max_age = read_max_age(entry)
    if (max_age is None) != entry.flag("only_if_known"):
        raise entry.wrong("max_age_days", "or another age must be written, or only_if_known, and not both")
    return RegistryListing(
        registry=entry.text("registry"),
        called=entry.text("called"),
        max_age=max_age,
        grace=Grace.read(entry),
        ends_earlier_consents=entry.flag("ends_earlier_consents"),
    )
