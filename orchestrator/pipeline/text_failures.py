"""What follows at once from the carrier's reason for not delivering a text: for the number, and for the person."""

from datetime import datetime

from sqlalchemy import Connection

from orchestrator.carrier.error_codes import meaning
from orchestrator.domain.errors import NumberDeadError, RecipientOptedOutError
from orchestrator.persistence import number_facts
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.carrier_stops import carrier_stop
from orchestrator.pipeline.reception.stops import Stop, suppress


def heed(tx: Connection, attempt: Record, code: int | None, now: datetime) -> None:
    """In the transaction that stores the news; ``text_health`` sees to the sender, and to what is still on its way."""
    kind = meaning(code)
    if kind is NumberDeadError:
        number_facts.mark_dead(tx, attempt.number_key, f"carrier error {code}", now)
    elif kind is RecipientOptedOutError:
        suppress(tx, stop_of(attempt, code), now)


def stop_of(attempt: Record, code: int | None) -> Stop:
    """The carrier holds a stop of this person: ours from now on."""
    return carrier_stop(attempt.seller_id, bytes(attempt.number_key), code, attempt.campaign_id)
