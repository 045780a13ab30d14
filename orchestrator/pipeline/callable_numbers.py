"""Only numbers that can be called back are shown: each is the account's own, and a call to it reaches us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.carrier.urls import CallbackUrls
from orchestrator.domain.carrier import Carrier, OwnedNumber
from orchestrator.domain.errors import UserError
from orchestrator.persistence import callers
from orchestrator.persistence.store import Store


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A number whose calls are answered, though not by us."""

    number: str
    by: str


def require(
    store: Store, carrier: Carrier, addresses: Sequence[str], public_url: str, now: datetime
) -> Sequence[Elsewhere]:
    """Note which numbers reach us, and return those that reach somebody else; raises UserError for those that do not.

    Who calls back must hear who called and be able to opt out: whoever answers elsewhere has to offer that.
    """
    wanted = CallbackUrls(public_url).inbound_call
    found = {address: carrier.owned_number(address) for address in addresses}
    silent = [_why(address, owned) for address, owned in found.items() if owned is None or owned.voice_url is None]
    if silent:
        raise UserError(
            f"{'; '.join(silent)}. A number that is shown must be one that can be called back: set its voice address "
            f"to {wanted} (POST) in the carrier's console, or leave it out of caller_ids, then launch again."
        )
    with store.write() as tx:
        for address in addresses:
            callers.note_called_back(tx, address, now)
    answering = {address: owned.voice_url or "" for address, owned in found.items() if owned is not None}
    return [Elsewhere(address, by) for address, by in answering.items() if by.partition("#")[0] != wanted]


def _why(address: str, owned: OwnedNumber | None) -> str:
    if owned is None:
        return f"{address} is no number of this account"
    return f"{address} has no address that answers calls"
