"""A seller's end from the first stop to the certificate; every part can be done again, and a killed one goes on.

First the closing is on record: from then on the seller takes nothing new, and its campaigns end. Then what is on its
way is taken back and waited for, since late news of it would bring data back. Then everything is returned, where that
was asked, and only when the file is whole and on the disk do rows go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, update

from orchestrator.compliance.closing_law import KeptRecords
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError
from orchestrator.domain.leaving import ClosingState, Way
from orchestrator.persistence import campaigns as stored
from orchestrator.persistence import cancellations, closings, processing, sellers
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.proof import removals
from orchestrator.persistence.tables.rights import carrier_erasures, holds
from orchestrator.pipeline import campaigns
from orchestrator.pipeline.leaving.emptying import empty
from orchestrator.pipeline.leaving.returning import give_back
from orchestrator.pipeline.leaving.rows import Leaving, count_going, count_kept

REASON = "campaign over"  # gentle: whoever has answered is not hung up on
MAY_END = (CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked. ``file``: where the zip goes, where data are returned."""

    seller_id: str
    way: Way
    file: Path | None
    keeps_suppressions: bool
    because: str


@dataclass(frozen=True, slots=True)
class Closer:
    """What a closing needs besides the order."""

    store: Store
    law: Sequence[KeptRecords]
    by: str

    def preview(self, order: Order, now: datetime) -> dict[str, Any]:
        """What would go and what would stay, by table; nothing is changed."""
        with self.store.read() as tx:
            self._require(tx, order)
            leaving = self._leaving(order, now)
            going, kept = count_going(tx, leaving), count_kept(tx, leaving)
            live = self._on_its_way(tx, order.seller_id)
        return {"seller": order.seller_id, "on_its_way": live, "goes": going, "stays": kept}

    def close(self, order: Order, now: datetime) -> Record:
        """Go as far as possible; the closing as it stands then. While something is on its way it waits."""
        refuse_cards(order.because, "--because")
        with self.store.write() as tx:
            self._begin(tx, order, now)
        row = self._stop(order.seller_id, now)
        if row.state == ClosingState.RETURNING:
            self._return(row, order, now)
        if self._fetch(order.seller_id).state == ClosingState.DELETING:
            empty(self.store, self._leaving_of(row), now)
            self._certify(row, now)
        return self._fetch(order.seller_id)

    def _begin(self, tx: Connection, order: Order, now: datetime) -> None:
        begun = closings.find(tx, order.seller_id)
        if begun is not None:
            _require_same(begun, order)
            self._require_unheld(tx, order.seller_id)  # while it waited, somebody may have complained
            return
        self._require(tx, order)
        closings.begin(
            tx,
            order.seller_id,
            order.way,
            keeps_suppressions=order.keeps_suppressions,
            because=order.because,
            by=self.by,
            now=now,
        )

    def _require(self, tx: Connection, order: Order) -> None:
        sellers.require_known(tx, order.seller_id)
        self._require_unheld(tx, order.seller_id)

    def _require_unheld(self, tx: Connection, seller_id: str) -> None:
        held = select(func.count()).where(holds.c.seller_id == seller_id, holds.c.released_at.is_(None))
        count = tx.execute(held).scalar_one()
        if count:
            raise UserError(
                f"{count} holds of complaints or claims keep data of seller '{seller_id}': release them first."
            )

    def _stop(self, seller_id: str, now: datetime) -> Record:
        """End the campaigns, file what is on its way, and go on once none is."""
        row = self._fetch(seller_id)
        if row.state != ClosingState.STOPPING:
            return row
        with self.store.read() as tx:
            running = [one for one in stored.every(tx, MAY_END) if one.seller_id == seller_id]
        for campaign in running:
            campaigns.stop(self.store, campaign, now, self.by, "the seller leaves")
        with self.store.write() as tx:
            live = tx.execute(select(attempts.c.id).where(attempts.c.seller_id == seller_id, IS_LIVE)).scalars().all()
            cancellations.file(tx, live, REASON, now)
            if not live:
                nothing_follows = update(attempts).where(attempts.c.seller_id == seller_id, ~attempts.c.followed_up)
                tx.execute(nothing_follows.values(followed_up=True))
                following = ClosingState.RETURNING if row.way == Way.RETURN else ClosingState.DELETING
                closings.advance(tx, seller_id, following)
        return self._fetch(seller_id)

    def _return(self, row: Record, order: Order, now: datetime) -> None:
        if order.file is None:
            raise UserError("--return: name the file again; it was not written to its end.")
        returned = give_back(self.store, self._leaving_of(row), order.file, self.by, now)
        with self.store.write() as tx:
            closings.advance(tx, row.seller_id, ClosingState.DELETING, returned=returned)

    def _certify(self, row: Record, now: datetime) -> None:
        with self.store.write() as tx:
            done = closings.find(tx, row.seller_id)
            seller = sellers.find(tx, row.seller_id)
            if done is None or seller is None or done.state == ClosingState.CLOSED:
                return
            certificate = {
                "seller": row.seller_id,
                "name": seller.name,
                "way": row.way,
                "because": row.because,
                "asked_at": _iso(row.asked_at),
                "asked_by": row.asked_by,
                "closed_at": _iso(now),
                "closed_by": self.by,
                "returned": done.returned,
                "deleted": dict(sorted(done.deleted.items())),
                "kept": count_kept(tx, self._leaving_of(row)),
                "left_to_do": _left_to_do(tx, row.seller_id),
                "sealed_head": _head(processing.sealed_head(tx, row.seller_id)),
            }
            closings.advance(tx, row.seller_id, ClosingState.CLOSED, certificate=certificate, closed_at=now)

    def _on_its_way(self, tx: Connection, seller_id: str) -> int:
        live = select(func.count()).select_from(attempts).where(attempts.c.seller_id == seller_id, IS_LIVE)
        count: int = tx.execute(live).scalar_one()
        return count

    def _leaving(self, order: Order, now: datetime) -> Leaving:
        return Leaving(
            seller_id=order.seller_id, law=self.law, keeps_suppressions=order.keeps_suppressions, asked_at=now
        )

    def _leaving_of(self, row: Record) -> Leaving:
        kept = row.keeps_suppressions
        return Leaving(seller_id=row.seller_id, law=self.law, keeps_suppressions=kept, asked_at=row.asked_at)

    def _fetch(self, seller_id: str) -> Record:
        with self.store.read() as tx:
            row = closings.find(tx, seller_id)
        assert row is not None, "a closing was begun and is gone"  # noqa: S101 - closings are never deleted
        return row

    def on_its_way(self, seller_id: str) -> int:
        """How many calls and texts are still to be taken back."""
        with self.store.read() as tx:
            return self._on_its_way(tx, seller_id)


def _require_same(begun: Record, order: Order) -> None:
    if begun.state == ClosingState.CLOSED:
        return
    if begun.way != order.way.value or begun.keeps_suppressions != order.keeps_suppressions:
        way = "--return FILE.zip" if begun.way == Way.RETURN else "--delete"
        kept = " --keep-suppressions" if begun.keeps_suppressions else ""
        raise UserError(f"This closing was begun with {way}{kept}: go on with the same.")


def _left_to_do(tx: Connection, seller_id: str) -> list[str]:
    """What these tables do not hold, said so that somebody does it."""
    asked = (carrier_erasures.c.seller_id == seller_id, carrier_erasures.c.done_at.is_(None))
    waiting = tx.execute(select(func.count()).select_from(carrier_erasures).where(*asked)).scalar_one()
    said = [
        f"The carrier is being asked to delete {waiting} calls and texts: keep a worker running until it has confirmed."
    ]
    said = said if waiting else []
    own = (removals.c.seller_id == seller_id, removals.c.relation == "registry_snapshots")
    digests = [digest for rows in tx.execute(select(removals.c.rows).where(*own)).scalars() for digest in rows]
    if digests:
        said.append(f"Delete the files of its own registry snapshots: {', '.join(digests)}.")
    return [*said, "Backups made before hold the data until they run out: note the closing with them."]


def _head(head: Record | None) -> dict[str, Any] | None:
    return None if head is None else {"size": head.size, "root": bytes(head.root).hex(), "at": _iso(head.at)}


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
