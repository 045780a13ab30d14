"""What of a rehearsed day the carrier would charge for."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.contact_request import Channel
from orchestrator.persistence.tables.columns import Record
from orchestrator.rehearsal.cost import EVERYWHERE, Charge
from orchestrator.rehearsal.played import Played

MINUTE = timedelta(minutes=1)


def used(rows: Sequence[Record], played: Played) -> Counter[tuple[Charge, str]]:
    """How much of each, by the country of the number; agents' lines, which are open all day, by none."""
    found: Counter[tuple[Charge, str]] = Counter()
    for row in rows:
        if row.channel == Channel.SMS:
            found[Charge.SEGMENT, row.country] += played.exchange.segments_sent.get(row.sid, 0)
        elif row.answered_at is not None:
            found[Charge.CALL_MINUTE, row.country] += _minutes(row)
            found[Charge.DETECTION, row.country] += row.amd != AmdMode.OFF
    found[Charge.AGENT_MINUTE, EVERYWHERE] = math.ceil(played.agents * (played.rehearsal.lasts / MINUTE))
    return found


def _minutes(row: Record) -> int:
    """Each begun minute from the answer to the end."""
    return max(1, math.ceil((row.ended_at - row.answered_at) / MINUTE)) if row.ended_at is not None else 1
