"""On whose behalf a list is imported."""

from datetime import datetime

from orchestrator.domain.campaign import Seller
from orchestrator.domain.errors import UserError
from orchestrator.persistence import sellers
from orchestrator.persistence.store import Store

DEFAULT = "default"


def chosen(store: Store | None, given: str | None) -> str:
    """The seller's id: the one named, else the only one, else ``default``, which need not be there yet."""
    if store is None:
        return given or DEFAULT
    with store.read() as tx:
        if given is not None:
            return sellers.require(tx, given).id
        everyone = [seller.id for seller in sellers.everyone(tx)]
    if len(everyone) > 1:
        raise UserError(f"There are several sellers; say which one with --seller {' or '.join(everyone)}.")
    return everyone[0] if everyone else DEFAULT


def make_default(store: Store, seller_id: str, country: str, now: datetime) -> bool:
    """Make the seller ``default`` where nobody is there; True where it was made."""
    if seller_id != DEFAULT:
        return False
    with store.write() as tx:
        if sellers.find(tx, DEFAULT) is not None:
            return False
        return sellers.add(tx, Seller(id=DEFAULT, name="Default", country=country, callback_number=""), now)
