"""The record of what was changed by whom: a campaign's moves, what a seller is set to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.proof import actions

CONFIGURATION = "configuration"


def record(
    tx: Connection,
    *,
    by: str,
    action: str,
    about: str,
    at: datetime,
    seller_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Note a change in the transaction that makes it.

    ``by`` is cli:NAME, user:NAME, token:ID or step:NAME; ``action`` a word of 32 characters at most; ``detail`` names
    nobody on a list, and ``seller_id`` is None for what is the installation's.
    """
    row = {"by": by, "action": action, "about": about, "at": at, "seller_id": seller_id}
    tx.execute(insert(actions).values(**row, detail=dict(detail or {}), reason=reason))


def setting(tx: Connection, about: str, action: str, by: str, at: datetime, seller_id: str | None, **what: Any) -> None:
    """Note that a setting was changed, and to what."""
    record(tx, by=by, action=action, about=about, at=at, seller_id=seller_id, detail=what)


def of_campaign(campaign_id: int) -> str:
    """How a campaign is named among them."""
    return f"campaign {campaign_id}"


def of_sender(address: str) -> str:
    """How a number or another sender is named among them."""
    return f"sender {address}"


def of_seller(seller_id: str) -> str:
    """How a seller is named among them."""
    return f"seller {seller_id}"


def listed(tx: Connection, seller_id: str, abouts: Collection[str], before: datetime) -> Sequence[Record]:
    """What was done to these of a seller's things before a moment, oldest first."""
    here = (actions.c.seller_id == seller_id, actions.c.about.in_(abouts), actions.c.at < before)
    return tx.execute(select(actions).where(*here).order_by(actions.c.at, actions.c.id)).all()


def last(tx: Connection, about: str) -> Record | None:
    """What was done to it last."""
    return tx.execute(select(actions).where(actions.c.about == about).order_by(actions.c.id.desc()).limit(1)).first()


def in_force(tx: Connection, about: str, begins: datetime, ends: datetime) -> Sequence[Record]:
    """What was done to it last before a span, and all that was within it, oldest first."""
    query = select(actions).where(actions.c.about == about)
    before = query.where(actions.c.at < begins).order_by(actions.c.at.desc(), actions.c.id.desc()).limit(1)
    within = query.where(actions.c.at >= begins, actions.c.at < ends).order_by(actions.c.at, actions.c.id)
    return [*tx.execute(before), *tx.execute(within)]
