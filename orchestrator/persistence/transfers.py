"""People handed on from one agent to another, or to an address outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.attempts import IS_ENDED, attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.desk import transfers

TO = "transfers.to"
IS_OPEN = transfers.c.settled_at.is_(None)


def begin(
    tx: Connection,
    keyring: Keyring,
    *,
    attempt_id: UUID,
    from_agent: str,
    kind: str,
    now: datetime,
    to_agent: str | None = None,
    address: str | None = None,
) -> int:
    """Write the transfer down before anything is asked of the carrier; its id."""
    row = {
        "attempt_id": attempt_id,
        "from_agent": from_agent,
        "to_agent": to_agent,
        "to_sealed": None if address is None else keyring.seal(address, TO),
        "kind": kind,
        "state": "asked",
        "asked_at": now,
    }
    transfer_id: int = tx.execute(insert(transfers).values(row).returning(transfers.c.id)).scalar_one()
    return transfer_id


def open_of(tx: Connection, agent_id: str) -> Record | None:
    """The transfer that this agent has begun and not settled, locked until the transaction ends."""
    query = select(transfers).where(transfers.c.from_agent == agent_id, IS_OPEN).order_by(transfers.c.id.desc())
    return tx.execute(query.limit(1).with_for_update()).one_or_none()


def move(tx: Connection, transfer_id: int, state: str, **facts: Any) -> bool:
    """The transfer has got so far; False where it is settled."""
    still = (transfers.c.id == transfer_id) & IS_OPEN
    return tx.execute(update(transfers).where(still).values(state=state, **facts)).rowcount == 1


def settle(tx: Connection, transfer_id: int, state: str, now: datetime, error: str | None = None) -> bool:
    """The transfer is over, in whichever way; False where it was."""
    return move(tx, transfer_id, state, settled_at=now, error=error)


def doubtful(tx: Connection, limit: int) -> Sequence[Record]:
    """Open transfers of live calls of which nobody knows yet where the person is, those in a guest's hands left out.

    ``asked`` and ``together`` are here of transfers whose command died before it had written down how it went.
    """
    to_agent, blind = transfers.c.to_agent.is_not(None), transfers.c.kind == "blind"
    moved = (to_agent | blind) & transfers.c.state.in_(("asked", "in_doubt"))
    unsure = moved | (blind & (transfers.c.state == "together")) | transfers.c.state.in_(("leaving", "stranded"))
    query = select(transfers).join(attempts, attempts.c.id == transfers.c.attempt_id).where(IS_OPEN, ~IS_ENDED, unsure)
    return tx.execute(query.order_by(transfers.c.id).limit(limit)).all()


def outlived(tx: Connection, limit: int) -> Sequence[Record]:
    """Open transfers whose call is over."""
    query = select(transfers).join(attempts, attempts.c.id == transfers.c.attempt_id).where(IS_OPEN, IS_ENDED)
    return tx.execute(query.order_by(transfers.c.id).limit(limit)).all()
