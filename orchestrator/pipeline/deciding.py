"""Decide last: one batch of claimed people, read under lock, asked about, and written down before anything is sent."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.domain.contact_request import ContactRequest, Mode
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.enrollment import OFFERED_LANES, EnrollmentStage, Lane, OfferState
from orchestrator.persistence import (
    agents,
    attempts,
    callbacks,
    decisions,
    machine_messages,
    offers,
    rollups,
)
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import choosing, orders, own_terms
from orchestrator.pipeline.asking import Desk, as_asked, asker, state_of, zones_of
from orchestrator.pipeline.batch_steps import Outcome, Steps
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.facts_form import plain
from orchestrator.pipeline.lines import Lines
from orchestrator.pipeline.planning import Never, NoSlot, NotNow, Ready
from orchestrator.strategies.next_step import next_step
from orchestrator.strategies.state import Blocked, Finished, Option, Take, Wait

FACTS = "decisions.facts"
NUMBER_BUSY_WAIT = timedelta(seconds=60)
Step = Take | Wait | Blocked | Finished


class Batch:
    """One batch of one lane within one transaction."""

    def __init__(self, tx: Connection, engine: Engine, desk: Desk, lines: Lines, from_stage: EnrollmentStage) -> None:
        self.tx, self.engine, self.desk, self.lines, self.from_stage = tx, engine, desk, lines, from_stage
        self.outcome = Outcome()
        self._promised: Mapping[int, Record] = {}
        self._steps = Steps(self.outcome, desk.now)
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
                self._steps.put_back(person)
        self._steps.write(self.tx, self.from_stage)
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
            replace(state_of(person, zones_of(self.desk, person)), chosen=chosen),
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
            self._steps.put_back(person)  # one number was asked about, and the strategy knows others
        else:
            self._steps.leave(person, step)

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
        lacking = own_terms.lacking(self.desk, person, option)
        if lacking is not None:
            self._steps.block(person, lacking)
        elif option.lane is not self.lines.lane:
            self._steps.due(person, option.lane, self.desk.now, None, "moved")
        elif option.lane in OFFERED_LANES and self.lines.offer_id is None:
            self._offer(person, option)
        else:
            self._plan(person, option, question, answer, decision_id)

    def _offer(self, person: Dossier, option: Option) -> None:
        """Lay the person before the next free agent; nobody whom no caller id could be shown to."""
        closed = orders.callers_closed(self.tx, self.engine, self.desk)
        if closed is not None:
            self._steps.due(person, option.lane, closed.until, closed.held_by, closed.held_by)
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
        self._steps.take(person, EnrollmentStage.OFFERED, option.lane, "offered")

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
            self._steps.put_back(person)
            return
        if isinstance(ready, NotNow):
            self._steps.due(person, option.lane, ready.until, ready.held_by, ready.held_by)
            return
        if isinstance(ready, Never):
            never = Blocked(rule=ready.rule, cure=ready.cure, cure_detail=ready.detail, lane=option.lane)
            self._steps.block(person, never)
            return
        agent_id = ready.planned.agent_id
        if agent_id is not None and not agents.reserve_for(self.tx, agent_id, ready.planned.attempt_id):
            self.lines.lose_agent(ready.planned)
            self._steps.put_back(person)
            return
        if not attempts.occupy(self.tx, option.key, option.channel, ready.planned.attempt_id, self.desk.now):
            self._let_agent_go(agent_id)
            self.lines.give_back(ready.planned)
            self._steps.due(person, option.lane, self.desk.now + NUMBER_BUSY_WAIT, "live attempt", "number busy")
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
        self._steps.take(person, EnrollmentStage.IN_FLIGHT, option.lane, "planned", last_ordinal=ordinal)

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

    def put_back(self, people: Sequence[Dossier]) -> Outcome:
        """Leave everybody due as they were: nobody may be contacted at this moment."""
        for person in people:
            self._steps.put_back(person)
        self._steps.write(self.tx, self.from_stage)
        return self.outcome
