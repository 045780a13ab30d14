"""A person's no: whom it binds, over which channels and campaigns, and the new yes that alone lifts it."""

from dataclasses import dataclass
from typing import ClassVar

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.consent_needed import GIVEN, over
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, refusal
from orchestrator.domain.contact_request import (
    ConsentSource,
    SuppressionFacts,
    SuppressionKind,
    SuppressionScope,
)
from orchestrator.domain.decision import Cure

THE_PERSONS_OWN = frozenset(
    {
        ConsentSource.OWN_FORM,
        ConsentSource.OWN_SALE,
        ConsentSource.CALLBACK_REQUEST,
        ConsentSource.KEYWORD,
        ConsentSource.AGENT,
        ConsentSource.PAPER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionBinds:
    """These kinds of no refuse; a stop over one channel refuses the others too where ``every_channel`` says so."""

    kind: ClassVar[str] = "suppression"
    covers: ClassVar[bool] = False
    kinds: frozenset[SuppressionKind]
    every_channel: bool
    every_scope: bool
    lifted_by_new_consent: bool
    lookback_days: int = 0

    def judge(self, case: Case, moment: Moment, _: Heading, /) -> Finding:
        """Refuse where a no binds this attempt and no later yes of the person's own lifts it."""
        for no in case.request.suppressions:
            if no.kind in self.kinds and self._binds(no, case) and not self._lifted(no, case, moment):
                when = f" on {no.at.date()}" if no.at else ""
                return refusal(f"The person said no{when}: {no.kind.value.replace('_', ' ')}.", Cure.NONE)
        return ALLOWED

    def _binds(self, no: SuppressionFacts, case: Case) -> bool:
        here = self.every_channel or no.channel.covers(case.channel)
        if no.scope is not SuppressionScope.CAMPAIGN or self.every_scope:
            return here
        ours = case.request.campaign.id
        return here and (no.campaign is None or ours is None or no.campaign == ours)

    def _lifted(self, no: SuppressionFacts, case: Case, moment: Moment) -> bool:
        if not self.lifted_by_new_consent or no.at is None:
            return False
        return any(
            consent.given_at > no.at
            and consent.level in GIVEN
            and consent.source in THE_PERSONS_OWN
            and not over(consent, moment.at)
            for consent in case.consents
        )


def read_suppression(entry: Entry, _: Shelf) -> SuppressionBinds:
    """Read the ``kinds`` of no and how far each reaches."""
    kinds = entry.members("kinds", SuppressionKind)
    if not kinds:
        raise entry.wrong("kinds", "is missing")
    return SuppressionBinds(
        kinds=kinds,
        every_channel=entry.flag("every_channel"),
        every_scope=entry.flag("every_scope"),
        lifted_by_new_consent=entry.flag("lifted_by_new_consent"),
    )
