"""What this installation needs of the account: its numbers, its services, the countries of its people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from orchestrator.domain.campaign import CampaignPlan, CampaignState
from orchestrator.persistence import campaigns
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.people import contact_points, sellers

OVER = frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED, CampaignState.ARCHIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Of all campaigns that are not over. ``ignored``: variables of the environment that have no effect here."""

    public_url: str
    calls_per_second: float
    callers: tuple[str, ...] = ()
    texters: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    agents: int = 0
    ignored: tuple[str, ...] = ()


def needs_of(store: Store, public_url: str, calls_per_second: float, ignored: Sequence[str] = ()) -> Needs:
    """What the campaigns name, and where the people on file live."""
    with store.read() as tx:
        plans = [one.plan for one in campaigns.every(tx, set(CampaignState) - OVER)]
        return Needs(
            public_url=public_url,
            calls_per_second=calls_per_second,
            **_named(plans),
            countries=_countries(tx),
            agents=tx.execute(select(func.count()).select_from(agents)).scalar_one(),
            ignored=tuple(ignored),
        )


def _named(plans: Sequence[CampaignPlan]) -> dict[str, Any]:
    callers = {number for plan in plans if plan.voice is not None for number in plan.voice.caller_ids}
    senders = {address for plan in plans if plan.sms is not None for address in plan.sms.senders}
    texters = {address for address in senders if address.startswith("+")}  # short codes and names are asked nowhere
    services = {plan.sms.messaging_service for plan in plans if plan.sms is not None and plan.sms.messaging_service}
    return {"callers": tuple(sorted(callers)), "texters": tuple(sorted(texters)), "services": tuple(sorted(services))}


def _countries(tx: Connection) -> tuple[str, ...]:
    """Of everybody's numbers; of the sellers where nobody is on file yet."""
    found = tx.execute(select(contact_points.c.country).distinct()).scalars().all()
    return tuple(sorted(found or set(tx.execute(select(sellers.c.country)).scalars())))
