"""Claim the due of one lane, decide about each at the last moment, commit the attempts, hand them to the carrier."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from orchestrator.clock import Clock
from orchestrator.domain.contact_request import RegistryAnswer
from orchestrator.domain.enrollment import EnrollmentStage, Lane
from orchestrator.persistence import agents, dossiers, enrollments
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline import canary, emergencies, halts
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.asking import Desk
from orchestrator.pipeline.batch_steps import Outcome
from orchestrator.pipeline.claimed_people import people_of
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.deciding import Batch
from orchestrator.pipeline.engine import Engine, LiveCampaign
from orchestrator.pipeline.lines import Lines, return_slots, take_slots
from orchestrator.pipeline.placement import Placing

BATCH = 20  # small, since the database's one writer waits for nobody while it lasts
MOST_CLAIMED = 400  # in one run: those whom the law holds cost a claim and no line


@dataclass
class DispatchReport:
    """What one run did: attempts planned, and what became of the others."""

    planned: int = 0
    claimed: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Dispatcher:
    """The parts that every dispatch shares."""

    engine: Engine
    placer: Placing
    clock: Clock
    closings: Closings
    abandonment: Abandonment

    def run_once(self, campaign: LiveCampaign, lane: Lane, lines: int, *, reserve: bool = False) -> DispatchReport:
        """Use up to ``lines``; on the progressive lane, or where told to ``reserve``, each is a reserved agent."""
        report = DispatchReport()
        lines = lines if campaign.canary_left is None else min(lines, campaign.canary_left)
        by_agent = reserve or lane is Lane.PROGRESSIVE
        reserved = self._reserve(campaign, lane, lines) if by_agent else []
        left = Lines(lane, self.closings, len(reserved) if by_agent else lines, reserved)
        size = 2 * left.free + 2
        while left.free > 0 and report.claimed < MOST_CLAIMED:
            ids = self._claim(campaign, lane, min(BATCH, size, MOST_CLAIMED - report.claimed))
            if not ids:
                break
            report.claimed += len(ids)
            if not self._decide(campaign, left, ids, report):
                break
            size = 2 * size  # most of these could not be contacted: more of the next will not be, either
        self._release(left.agents)
        return report

    def _reserve(self, campaign: LiveCampaign, lane: Lane, lines: int) -> list[str]:
        """Agents for the lane; none while nobody is due on it: who is taken and given back is not ready in between."""
        if campaign.plan.voice is None or lines <= 0 or not self._any_due(campaign, lane):
            return []
        with self.engine.store.write() as tx:
            return agents.reserve_ready(tx, campaign.plan.voice.queue, lines, self.clock.now())

    def _any_due(self, campaign: LiveCampaign, lane: Lane) -> bool:
        with self.engine.store.read() as tx:
            return enrollments.any_due(tx, campaign.id, lane, self.clock.now())

    def _release(self, agent_ids: Sequence[str]) -> None:
        if not agent_ids:
            return
        with self.engine.store.write() as tx:
            for agent_id in agent_ids:
                agents.unreserve(tx, agent_id, self.clock.now())

    def _claim(self, campaign: LiveCampaign, lane: Lane, limit: int) -> list[int]:
        with self.engine.store.write() as tx:
            lease = self.engine.waits.lease
            return enrollments.claim(tx, campaign.id, lane, self.engine.worker, self.clock.now(), limit, lease)

    def _decide(self, campaign: LiveCampaign, lines: Lines, ids: Sequence[int], report: DispatchReport) -> bool:
        """Decide about one batch, commit, and hand over; False where the lane has no slot left."""
        outcome = self.decide(campaign, lines, ids, EnrollmentStage.CLAIMED)
        report.planned += len(outcome.planned)
        report.counts += outcome.counts
        return not (outcome.counts["send slot"] or outcome.counts["not running"])

    def decide(self, campaign: LiveCampaign, lines: Lines, ids: Sequence[int], from_stage: EnrollmentStage) -> Outcome:
        """Decide about these enrollments in one transaction, commit, then hand the attempts to the carrier."""
        with self.engine.store.write() as tx:
            dossiers.lock_people(tx, ids)
            now = self.clock.now()  # before anything is read: a stop that is not seen here is never older than the plan
            people = people_of(tx, self.engine, ids, from_stage, now)
            desk = replace(self.desk(tx, campaign, people, now), reserved=lines.reserves)
            batch = Batch(tx, self.engine, desk, lines, from_stage)
            room = canary.room_for(tx, campaign.id)
            lines.free = lines.free if room is None else min(lines.free, room)
            if desk.halts.on_campaign(campaign.id, campaign.seller.id) or room == 0:
                outcome = batch.put_back(people)
                outcome.counts["not running"] += 1
                return outcome
            take_slots(tx, self.engine, lines, len(people), desk.now)
            outcome = batch.decide(people)
            desk.callers.count(tx, outcome.planned)
            desk.senders.count(tx, self.engine, outcome.planned, desk.now)
            canary.count(tx, campaign, people, outcome, desk.now)
            return_slots(tx, self.engine, lines, desk.now)
        self.placer.submit(outcome.planned)
        return outcome

    def desk(self, tx: Connection, campaign: LiveCampaign, people: Sequence[Dossier], now: datetime) -> Desk:
        """What all questions of this batch share, as of this moment."""
        return Desk(
            campaign=campaign,
            rulebook=self.engine.rulebook,
            registries=registry_answers(self.engine, people, campaign.seller.id),
            abandonment=lambda country: self.abandonment.exposure(campaign, country, now),
            halts=halts.in_force(tx, now),
            emergencies=emergencies.in_force(tx, now),
            now=now,
        )


def registry_answers(
    engine: Engine, people: Sequence[Dossier], seller_id: str
) -> Mapping[bytes, Sequence[RegistryAnswer]]:
    """What the registries on the shelf say of every number of these people."""
    numbers = [number for person in people for number in person.numbers]
    answers = engine.shelf().answers([number.number for number in numbers], seller_id)
    return {number.key: answer for number, answer in zip(numbers, answers, strict=True)}
