"""What the house has on record of one number beside calls: requests, doubts, breaches, holds, removals, changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from orchestrator.domain.breach import AGENT, EVERYBODY
from orchestrator.persistence import actions, touched
from orchestrator.persistence.sealing.shredding import rows_named
from orchestrator.persistence.tables.accountability import breach_steps, breaches
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import reviews
from orchestrator.persistence.tables.proof import access_numbers, accesses, removals
from orchestrator.persistence.tables.retention import retention_runs
from orchestrator.persistence.tables.rights import erasures, holds, rights_numbers, rights_requests, rights_steps

ReadBy = tuple[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseHistory:
    """One number of one seller; wishes, requests, breaches and holds are told whenever they were."""

    tx: Connection
    seller_id: str
    number_key: bytes
    begins: datetime
    ends: datetime

    def requests(self) -> Sequence[Record]:
        """Every request about the number, with whether another person of the seller has it too."""
        query = (
            select(rights_requests, rights_numbers.c.is_shared)
            .join(rights_numbers, rights_numbers.c.request_id == rights_requests.c.id)
            .where(rights_requests.c.seller_id == self.seller_id, rights_numbers.c.number_key == self.number_key)
        )
        return self.tx.execute(query.order_by(rights_requests.c.received_at, rights_requests.c.id)).all()

    def steps(self, request_id: int) -> Sequence[Record]:
        """What was done about a request, in order."""
        query = select(rights_steps).where(rights_steps.c.request_id == request_id)
        return self.tx.execute(query.order_by(rights_steps.c.at, rights_steps.c.id)).all()

    def reviews(self) -> Sequence[Record]:
        """Every doubt about what the person meant."""
        here = (reviews.c.seller_id == self.seller_id, reviews.c.number_key == self.number_key)
        return self.tx.execute(select(reviews).where(*here).order_by(reviews.c.id)).all()

    def breaches(self) -> Sequence[Record]:
        """Every breach in whose time its account read the number, or its agent was shown the person."""
        read = self._readings()
        rows = self.tx.execute(select(breaches).order_by(breaches.c.id)).all()
        return [row for row in rows if _was_read(row, read) or self._was_shown(row)]

    def _readings(self) -> list[ReadBy]:
        here = or_(accesses.c.seller_id.is_(None), accesses.c.seller_id == self.seller_id)
        query = (
            select(accesses.c.actor, accesses.c.at)
            .join(access_numbers, access_numbers.c.access_id == accesses.c.id)
            .where(access_numbers.c.number_key == self.number_key, here)
        )
        return [(row.actor, row.at) for row in self.tx.execute(query)]

    def _was_shown(self, breach: Record) -> bool:
        if not breach.actor.startswith(AGENT):
            return False
        agent = breach.actor.removeprefix(AGENT)
        shown = touched.shown_to_agent(self.tx, agent, breach.since, breach.until)
        return self.number_key in shown.get(self.seller_id, ())

    def breach_steps(self, breach_id: int) -> Sequence[Record]:
        """Whom this seller told of a breach."""
        here = (breach_steps.c.breach_id == breach_id, breach_steps.c.seller_id == self.seller_id)
        return self.tx.execute(select(breach_steps).where(*here).order_by(breach_steps.c.id)).all()

    def holds(self) -> Sequence[Record]:
        """Every hold on the number."""
        here = (holds.c.seller_id == self.seller_id, holds.c.number_key == self.number_key)
        return self.tx.execute(select(holds).where(*here).order_by(holds.c.id)).all()

    def erasures(self) -> Sequence[Record]:
        """Every erasure of whoever had the number."""
        here = (erasures.c.seller_id == self.seller_id, erasures.c.subject_key == self.number_key)
        return self.tx.execute(select(erasures).where(*here).order_by(erasures.c.at)).all()

    def removals(self, told: Mapping[str, Collection[str]]) -> list[Record]:
        """What the law took of these rows: ids by table, as the log names them."""
        here = or_(removals.c.seller_id.is_(None), removals.c.seller_id == self.seller_id)
        query = select(removals).where(here, removals.c.relation.in_(told)).order_by(removals.c.id)
        found = self.tx.execute(query.execution_options(yield_per=500))  # an old installation has many
        return [row for row in found if not set(told[row.relation]).isdisjoint(rows_named(row))]

    def runs(self) -> Sequence[Record]:
        """Runs of retention since the span began."""
        here: tuple[ColumnElement[bool], ...] = (
            retention_runs.c.finished_at >= self.begins,
            or_(retention_runs.c.seller_id.is_(None), retention_runs.c.seller_id == self.seller_id),
        )
        return self.tx.execute(select(retention_runs).where(*here).order_by(retention_runs.c.id)).all()

    def actions(self, campaign_ids: Collection[int], addresses: Collection[str]) -> Sequence[Record]:
        """Who changed these campaigns, what they call and text from, what the seller is set to, and config/."""
        campaigns = [actions.of_campaign(campaign_id) for campaign_id in campaign_ids]
        abouts = [*campaigns, *map(actions.of_sender, addresses), actions.of_seller(self.seller_id)]
        files = actions.in_force(self.tx, actions.CONFIGURATION, self.begins, self.ends)
        return [*actions.listed(self.tx, self.seller_id, abouts, self.ends), *files]


def _was_read(breach: Record, read: Collection[ReadBy]) -> bool:
    return any(breach.actor in {EVERYBODY, actor} and breach.since <= at < breach.until for actor, at in read)
