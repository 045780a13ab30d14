"""What records, outline and notice are made of: the database and the configuration, and nothing invented."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.campaign import CampaignPlan, Seller
from orchestrator.domain.protection import Protection
from orchestrator.domain.retention_periods import Period
from orchestrator.persistence import campaigns, processing, protection, sellers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the tables do not tell: the rulebook in force, retention, and which security measures are really on.

    ``uses_carrier``: credentials of the carrier are set. ``measures`` are sentences, each of which was looked at.
    ``periods`` None: no file of retention is there.
    """

    rulebook: str
    accepted: str
    uses_carrier: bool
    measures: tuple[str, ...]
    missing_measures: tuple[str, ...]
    periods: tuple[Period, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One campaign: why and how people are contacted."""

    name: str
    state: str
    plan: CampaignPlan

    @property
    def channels(self) -> tuple[str, ...]:
        """How people are reached."""
        said = {"calls": self.plan.voice, "texts": self.plan.sms}
        return tuple(name for name, plan in said.items() if plan is not None)

    @property
    def detects_machines(self) -> bool:
        """Whether the carrier listens whether a machine answers."""
        voice = self.plan.voice
        return voice is not None and (voice.amd is None or voice.amd.value != "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A seller's processing at one moment."""

    seller: Seller
    protection: Protection
    uses: Sequence[Use]
    lists: Sequence[str]
    people: Mapping[str, int]
    numbers: Mapping[str, int]
    fields: Counter[str]
    consents: Mapping[str, int]
    papers: Sequence[Record]
    sealed: Record | None
    around: Surroundings
    at: datetime


def facts_of(store: Store, seller_id: str, around: Surroundings, now: datetime) -> Facts:
    """The facts of one seller; raises UserError for an unknown one."""
    with store.read() as tx:
        seller = sellers.require(tx, seller_id)
        plans = [one for one in campaigns.every(tx) if one.seller_id == seller_id]
        return Facts(
            seller=seller,
            protection=protection.of_seller(tx, store.keyring, seller_id),
            uses=[Use(name=one.name, state=one.state.value, plan=one.plan) for one in plans],
            lists=processing.list_names(tx, seller_id),
            people=processing.people_by_country(tx, seller_id),
            numbers=processing.numbers_by_country(tx, seller_id),
            fields=processing.fields_imported(tx, seller_id),
            consents=processing.consents_by_event(tx, seller_id),
            papers=processing.papers(tx, seller_id),
            sealed=processing.sealed_head(tx, seller_id),
            around=around,
            at=now,
        )
