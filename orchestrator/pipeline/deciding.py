"""Decide last: one batch of claimed people, read under lock, asked about, and written down before anything is sent."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.domain.contact_request import ContactRequest, Mode
from orchestrator.domain.decision import Answer, Cure, Verdict
from orchestrator.domain.enrollment import OFFERED_LANES, EnrollmentStage, Lane, OfferState
from orchestrator.persistence import (
    agents,
    attempts,
    callbacks,
    decisions,
    dossiers,
    enrollments,
    machine_messages,
    offers,
    rollups,
)
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import choosing, orders
from orchestrator.pipeline.asking import Desk, as_asked, asker, contact_facts, lacks_own_check, state_of
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.facts_form import plain
from orchestrator.pipeline.lines import Lines
from orchestrator.pipeline.planning import Never, NoSlot, NotNow, Planned, Ready
from orchestrator.pipeline.vendor_proof import lack_of
from orchestrator.strategies.next_step import next_step
from orchestrator.strategies.state import Blocked, Finished, Option, Take, Wait

FACTS = "decisions.facts"
OWN_CHECK = "campaign.reassigned-check"
NUMBER_BUSY_WAIT = timedelta(seconds=60)
Step = Take | Wait | Blocked | Finished


@dataclass
class Outcome:
    """What a batch came to."""

    planned: list[Planned] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    because: str = ""  # why the last person who was asked about is not contacted now


class Batch:
    """One batch of one lane within one transaction."""

    def __init__(self, tx: Connection, engine: Engine, desk: Desk, lines: Lines, from_stage: EnrollmentStage) -> None:
        self.tx, self.engine, self.desk, self.lines, self.from_stage = tx, engine, desk, lines, from_stage
        self.outcome = Outcome()
        self._promised: Mapping[int, Record] = {}
        self._steps: list[Mapping[str, object]] = []
        self._decisions: list[Mapping[str, Any]] = []
        self._repeats: list[UUID] = []
        self._attempts: list[Mapping[str, Any]] = []
        self._messages: list[Mapping[str, Any]] = []
        self._known: Mapping[decisions.Same, UUID] = {}
        self._counts: rollups.Counts = Counter()

    def decide(self, people: Sequence[Dossier]) -> Outcome:
        """Take the next step of each person, and write all of it."""
        ids = [person.enrollment.id for person in people]
        known = self._known = decisions.held_already(self.tx, ids)
        self._promised = callbacks.waiting(self.tx, ids)
        for person in people:
            if self.lines.free > 0:
                self._decide_one(person, known)
            else:
                self._put_back(person)
        enrollments.change(self.tx, self._steps, self.from_stage, self.desk.now)
        decisions.record(self.tx, self._decisions)
        decisions.repeat(self.tx, self._repeats, self.desk.now)
        attempts.open_all(self.tx, self._attempts, self.engine.waits.lease)
        machine_messages.permit_all(self.tx, self._messages)
        rollups.add(self.tx, self._counts)
        return self.outcome

    def _decide_one(self, person: Dossier, known: Mapping[decisions.Same, UUID]) -> None:
        asked: dict[Option, tuple[ContactRequest, Answer]] = {}
        campaign = self.desk.campaign
        chosen = choosing.chosen(person, self.lines.dialled_by_hand, self._promised.get(person.enrollment.id))
        step = next_step(
            replace(state_of(person, self._zones(person)), chosen=chosen),
            campaign.plan,
            campaign.strategy,
            campaign.cadence,
            self.desk.now,
            asker(self.desk, person, asked),
        )
        ids = {
            option: self._note(person, as_asked(self.desk, option, question), question, answer, known)
            for option, (question, answer) in asked.items()
        }
        if isinstance(step, Take):
            question, answer = asked[step.option]
            self._take(person, as_asked(self.desk, step.option, question), question, answer, ids[step.option])
            return
        self.outcome.because = choosing.because(step, asked)
        if self.lines.dialled_by_hand is not None:
            self._put_back(person)  # one number was asked about, and the strategy knows others
        else:
            self._leave(person, step)

    def _zones(self, person: Dossier) -> tuple[str, ...]:
        """Every zone that the person may be in, where the campaign's own hours or preferred ones ask for it."""
        campaign = self.desk.campaign
        if campaign.plan.hours is None and campaign.cadence.best_hours is None:
            return ()
        places = self.desk.rulebook.places
        found = [places.find(contact_facts(person, number)).zone_names for number in person.numbers]
        return tuple(sorted({zone for zones in found for zone in zones}))

    def _note(
        self,
        person: Dossier,
        option: Option,
        question: ContactRequest,
        answer: Answer,
        known: Mapping[decisions.Same, UUID],
    ) -> UUID:
        """Write the decision down, or count it once more; its id."""
        rules = [rule.rule for rule in answer.rules if rule.verdict is answer.verdict]
        first = rules[0] if rules and answer.verdict is not Verdict.ALLOW else ""
        self._counts[self.desk.campaign.id, rollups.decision_metric(answer.verdict, first)] += 1
        same = (person.enrollment.id, option.key, option.channel, option.mode, first, answer.next_allowed_at)
        if answer.verdict is not Verdict.ALLOW and same in known:
            self._repeats.append(known[same])
            return known[same]
        decision_id = new_id(self.desk.now)
        self._decisions.append(
            {
                "id": decision_id,
                "seller_id": self.desk.campaign.seller.id,
                "campaign_id": self.desk.campaign.id,
                "enrollment_id": person.enrollment.id,
                "contact_id": person.enrollment.contact_id,
                "number_key": option.key,
                "attempt_id": None,
                "channel": option.channel,
                "mode": option.mode,
                "verdict": answer.verdict,
                "rules": rules if answer.verdict is not Verdict.ALLOW else [],
                "until": answer.next_allowed_at,
                "rulebook": answer.rulebook,
                "facts_sealed": self.engine.store.keyring.seal(
                    json.dumps(plain(question), separators=(",", ":")), FACTS
                ),
                "times": 1,
                "decided_at": self.desk.now,
                "last_at": self.desk.now,
            }
        )
        return decision_id

    def _take(
        self, person: Dossier, option: Option, question: ContactRequest, answer: Answer, decision_id: UUID
    ) -> None:
        """Plan the attempt where its lane has room; else leave the person due for that lane."""
        if any(number.key == option.key and lacks_own_check(self.desk, person, number) for number in person.numbers):
            self._block(person, Blocked(rule=OWN_CHECK, cure=Cure.REASSIGNED, cure_detail="", lane=option.lane))
        elif (lack := lack_of(person, option.key, option.channel, self.desk.now)) is not None:
            self._block(person, Blocked(rule=lack.rule, cure=lack.cure, cure_detail=lack.detail, lane=option.lane))
        elif option.lane is not self.lines.lane:
            self._due(person, option.lane, self.desk.now, None, "moved")
        elif option.lane in OFFERED_LANES and self.lines.offer_id is None:
            self._offer(person, option)
        else:
            self._plan(person, option, question, answer, decision_id)

    def _offer(self, person: Dossier, option: Option) -> None:
        """Lay the person before the next free agent; nobody whom no caller id could be shown to."""
        closed = orders.callers_closed(self.tx, self.engine, self.desk)
        if closed is not None:
            self._due(person, option.lane, closed.until, closed.held_by, closed.held_by)
            return
        agent_id = self.lines.take()
        assert agent_id is not None, "a preview without a reserved agent"  # noqa: S101
        offers.make(
            self.tx,
            enrollment_id=person.enrollment.id,
            campaign_id=self.desk.campaign.id,
            agent_id=agent_id,
            number_key=option.key,
            callback_id=self._promise(person, option),
            now=self.desk.now,
        )
        self._step(person, EnrollmentStage.OFFERED, option.lane, self.desk.now)
        self.outcome.counts["offered"] += 1

    def _promise(self, person: Dossier, option: Option) -> int | None:
        """The callback that this attempt keeps, None where it keeps none."""
        promised = self._promised.get(person.enrollment.id)
        return promised.id if promised is not None and option.lane is Lane.CALLBACK else None

    def _plan(
        self, person: Dossier, option: Option, question: ContactRequest, answer: Answer, decision_id: UUID
    ) -> None:
        ready = orders.prepare(self.tx, self.engine, self.desk, self.lines, person, option, question, answer)
        if isinstance(ready, NoSlot):
            self.lines.free = 0  # nor for anybody after this person
            self.outcome.counts["send slot"] += 1
            self._put_back(person)
            return
        if isinstance(ready, NotNow):
            self._due(person, option.lane, ready.until, ready.held_by, ready.held_by)
            return
        if isinstance(ready, Never):
            self._block(person, Blocked(rule=ready.rule, cure=ready.cure, cure_detail=ready.detail, lane=option.lane))
            return
        agent_id = ready.planned.agent_id
        if agent_id is not None and not agents.reserve_for(self.tx, agent_id, ready.planned.attempt_id):
            self.lines.lose_agent(ready.planned)
            self._put_back(person)
            return
        if not attempts.occupy(self.tx, option.key, option.channel, ready.planned.attempt_id, self.desk.now):
            self._let_agent_go(agent_id)
            self.lines.give_back(ready.planned)
            self._due(person, option.lane, self.desk.now + NUMBER_BUSY_WAIT, "live attempt", "number busy")
            return
        self._decisions = [
            {**row, "attempt_id": ready.planned.attempt_id} if row["id"] == decision_id else row
            for row in self._decisions
        ]
        self._attempts.append({**ready.row, "decision_id": decision_id})
        self._ask_for_message(person, option, ready)
        self.outcome.planned.append(ready.planned)
        self._settle_offer(self._promise(person, option))
        ordinal = person.enrollment.last_ordinal + 1
        self._step(person, EnrollmentStage.IN_FLIGHT, option.lane, self.desk.now, last_ordinal=ordinal)
        self.outcome.counts["planned"] += 1

    def _ask_for_message(self, person: Dossier, option: Option, ready: Ready) -> None:
        """Write down whether a machine may be left our message: a recording is a mode of its own."""
        if ready.message is None:
            return
        recorded = replace(option, mode=Mode.PRERECORDED)
        decision_id = self._note(person, recorded, ready.message.question, ready.message.answer, self._known)
        if ready.message.valid_until is not None:
            leave = {"decision_id": decision_id, "valid_until": ready.message.valid_until}
            self._messages.append({"attempt_id": ready.planned.attempt_id, **leave})

    def _settle_offer(self, promise: int | None) -> None:
        """What an agent accepted is dialled, and the promise is kept."""
        if self.lines.offer_id is not None:
            offers.change(self.tx, self.lines.offer_id, OfferState.ACCEPTED, OfferState.DIALLED, self.desk.now)
        if promise is not None:
            callbacks.settle(self.tx, promise, "dialled", self.desk.now)

    def _let_agent_go(self, agent_id: str | None) -> None:
        """The agent is still reserved, and for nobody."""
        if agent_id is not None:
            agents.reserve_for(self.tx, agent_id, None)

    def _leave(self, person: Dossier, step: Wait | Blocked | Finished) -> None:
        if isinstance(step, Wait):
            self._due(person, step.lane, step.until, step.held_by, "held")
        elif isinstance(step, Blocked):
            self._block(person, step)
        else:
            lane = Lane(person.enrollment.lane)
            self._step(person, EnrollmentStage.DONE, lane, self.desk.now, done_reason=step.reason)
            self.outcome.counts["done"] += 1

    def _block(self, person: Dossier, step: Blocked) -> None:
        facts = {"blocked_by": step.rule, "cure": step.cure, "cure_detail": step.cure_detail[:64]}
        self._step(person, EnrollmentStage.BLOCKED, step.lane, self.desk.now, **facts)
        self.outcome.counts["blocked"] += 1

    def put_back(self, people: Sequence[Dossier]) -> Outcome:
        """Leave everybody due as they were: nobody may be contacted at this moment."""
        for person in people:
            self._put_back(person)
        enrollments.change(self.tx, self._steps, self.from_stage, self.desk.now)
        return self.outcome

    def _put_back(self, person: Dossier) -> None:
        enrollment = person.enrollment
        self._step(person, EnrollmentStage.DUE, Lane(enrollment.lane), enrollment.next_eligible_at)
        self.outcome.counts["put back"] += 1

    def _due(self, person: Dossier, lane: Lane, at: datetime, held_by: str | None, count: str) -> None:
        self._step(person, EnrollmentStage.DUE, lane, at, held_by=held_by)
        self.outcome.counts[count] += 1

    def _step(self, person: Dossier, stage: EnrollmentStage, lane: Lane, at: datetime, **facts: object) -> None:
        row = {"id": person.enrollment.id, "stage": stage, "lane": lane, "next_eligible_at": at}
        self._steps.append({"last_ordinal": person.enrollment.last_ordinal, **row, **facts})


def people_of(
    tx: Connection, engine: Engine, ids: Sequence[int], from_stage: EnrollmentStage, now: datetime
) -> list[Dossier]:
    """Everything about the people behind these enrollments, who must be locked; those who moved on are left out."""
    since = now - timedelta(days=engine.rulebook.history_days)
    people = dossiers.load(tx, engine.store.keyring, ids, since)
    return [person for person in people if _is_ours(person, from_stage, engine.worker)]


def _is_ours(person: Dossier, from_stage: EnrollmentStage, worker: str) -> bool:
    """Whether it still stands where it was claimed, and by us: a lease that ran out may be another worker's by now."""
    claimed = from_stage is EnrollmentStage.CLAIMED
    return person.enrollment.stage == from_stage and (not claimed or person.enrollment.lease_holder == worker)
