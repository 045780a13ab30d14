"""A launch says nothing that lacks what the law, or this house, wants said."""

from orchestrator.bootstrap import House
from orchestrator.domain.errors import UserError
from orchestrator.persistence import list_countries, sellers
from orchestrator.persistence.campaigns import Campaign
from orchestrator.pipeline.text_notices import Lack, lacks


def require(house: House, campaign: Campaign) -> None:
    """Raise UserError that says what is missing in which text or script, for which countries of the lists."""
    with house.store.read() as tx:
        seller = sellers.require(tx, campaign.seller_id)
        places = list_countries.countries(tx, campaign.seller_id, campaign.plan.lists)
    found = lacks(house.rulebook, campaign.plan, seller, places, house.clock.now())
    if found:
        raise UserError(refusal(campaign.name, found))


def refusal(name: str, found: list[Lack]) -> str:
    """Why it is not launched, and what to do."""
    told = " ".join(lack.told for lack in found)
    return f"'{name}' is not launched, since its words lack what must be said. {told} Add it and create the draft anew."
