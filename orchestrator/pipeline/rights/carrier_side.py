"""What an erasure asks of the carrier, tried until it confirms; no transaction is open meanwhile."""

from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.carrier import Carrier
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import CarrierError
from orchestrator.log import log
from orchestrator.persistence import carrier_erasures
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record

AT_ONCE = 50
WORTH_A_WORD = 10  # tries: by then somebody has to look


@dataclass
class CarrierSideReport:
    """How many the carrier confirmed, and how many are tried again."""

    confirmed: int = 0
    again: int = 0


def run_once(store: Store, carrier: Carrier, now: datetime, limit: int = AT_ONCE) -> CarrierSideReport:
    """Try everything that is due once."""
    report = CarrierSideReport()
    with store.read() as tx:
        waiting = carrier_erasures.open_ones(tx, limit)
    for row in waiting:
        if _erase(store, carrier, row, now):
            report.confirmed += 1
        else:
            report.again += 1
    return report


def _erase(store: Store, carrier: Carrier, row: Record, now: datetime) -> bool:
    if row.named is None:  # it ended without ever bearing a name: an erasure waits for those of which it is not sure
        return _done(store, row, carrier_erasures.NEVER_SENT, now)
    try:
        erased = carrier.erase_call(row.named) if row.channel == Channel.VOICE else carrier.erase_message(row.named)
    except CarrierError as error:
        return _again(store, row, error)
    return _done(store, row, erased.value, now)


def _done(store: Store, row: Record, result: str, now: datetime) -> bool:
    with store.write() as tx:
        carrier_erasures.done(tx, row.id, row.named, result, now)
    return True


def _again(store: Store, row: Record, error: CarrierError) -> bool:
    said = f"{type(error).__name__} {error.carrier_code or ''}".strip()
    if row.tries == WORTH_A_WORD:
        log.error("rights.carrier_keeps", request=row.request_id, sid=row.named, error=said)
    with store.write() as tx:
        carrier_erasures.again(tx, row.id, row.tries, said)
    return False
