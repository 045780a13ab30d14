"""A stop that only the carrier knows of: it refuses to send, with 21610, and from then on so do we.

The carrier refuses a number that was given to somebody else the same way: that person never agreed to anything, so the
number is suppressed either way.
"""

from datetime import datetime

from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.persistence.store import Store
from orchestrator.pipeline.reception.stops import Stop, suppress, take_back


def carrier_stop(seller_id: str, number_key: bytes, code: int | None, campaign_id: int | None = None) -> Stop:
    """The no that such a refusal stands for, over all campaigns and channels of the sender's seller."""
    return Stop(
        seller_id=seller_id,
        number_key=number_key,
        kind=SuppressionKind.STOP_REPLY,
        source=f"carrier error {code}",
        campaign_id=campaign_id,
    )


def stopped_at_carrier(store: Store, seller_id: str, number_key: bytes, code: int | None, now: datetime) -> None:
    """Suppress the number with the seller, and take back what is on its way."""
    stop = carrier_stop(seller_id, number_key, code)
    with store.write() as tx:
        suppress(tx, stop, now)
    take_back(store, [stop], now)
