"""The wrap-up is over and nobody said what the call came to: a default applies, and the record says so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign_file import dispositions_from_dict
from orchestrator.domain.disposition import Disposition, default_of
from orchestrator.persistence import attempts, dispositions
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.ending import refine_outcome

PLANS = select(campaigns.c.id, campaigns.c.plan).where(campaigns.c.id.in_(bindparam("b_ids", expanding=True)))


def settle(tx: Connection, keyring: Keyring, ended: Sequence[Record], now: datetime) -> Sequence[Record]:
    """The ended attempts as they stand once every conversation has its disposition."""
    unsaid = [row for row in ended if row.outcome == Outcome.REACHED and row.disposition is None]
    if not unsaid:
        return ended
    defaults = _defaults(tx, {row.campaign_id for row in unsaid})
    for row in unsaid:
        said = defaults[row.campaign_id]
        dispositions.record(tx, keyring, row, said, agent_id=None, note=None, now=now)
        if said.outcome is not None:
            refine_outcome(tx, row, said.outcome)
    fresh = attempts.fetch_for_change(tx, [row.id for row in unsaid])
    return [fresh.get(row.id, row) for row in ended]


def _defaults(tx: Connection, campaign_ids: set[int]) -> Mapping[int, Disposition]:
    plans: Any = tx.execute(PLANS, {"b_ids": list(campaign_ids)})
    return {row.id: default_of(dispositions_from_dict(row.plan)) for row in plans}
