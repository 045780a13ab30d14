"""Ask about everybody who waits in a campaign under two rulebooks, now and when they are due. Writes nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import ContactRequest, RegistryAnswer
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.persistence import dossiers
from orchestrator.persistence.dossiers import Dossier
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.pipeline import campaign_board, emergencies, halts
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.asking import Desk
from orchestrator.pipeline.dispatch import registry_answers
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.explain_words import what
from orchestrator.pipeline.listed_people import step_of
from orchestrator.pipeline.replay_tally import Otherwise, Tally, Word, word_of
from orchestrator.strategies.state import Blocked, NextStep, Option, Take, Wait

PAGE = 500
WAITING = (EnrollmentStage.DUE, EnrollmentStage.BLOCKED)
Progress = Callable[[int], None]
Asked = Mapping[Option, tuple[ContactRequest, Answer]]


def replay_planned(
    engine: Engine, campaign_id: int, changed: Rulebook, now: datetime, limit: int, progress: Progress
) -> Tally:
    """Who would be treated otherwise than under the engine's rulebook; ``limit`` bounds the examples of each rule."""
    planned = _Planned(engine, campaign_id, changed, now, Tally(limit))
    for people in planned.pages():
        planned.ask_about(people)
        progress(len(people))
    return planned.tally


class _Planned:
    """One replay of those who wait."""

    def __init__(self, engine: Engine, campaign_id: int, changed: Rulebook, now: datetime, tally: Tally) -> None:
        self.engine, self.campaign_id, self.now, self.tally = engine, campaign_id, now, tally
        self.books = (engine.rulebook, changed)
        self.abandonment = [
            Abandonment(engine.store, book, our_share=engine.pacing.target_abandonment) for book in self.books
        ]
        with engine.store.read() as tx:
            self.campaign = campaign_board.one(tx, engine, campaign_id, now)
            self.halts = halts.in_force(tx, now)
            self.emergencies = emergencies.in_force(tx, now)

    def pages(self) -> Iterator[list[Dossier]]:
        """Those who wait, some at a time."""
        since = self.now - timedelta(days=max(book.history_days for book in self.books))
        store, after = self.engine.store, 0
        while True:
            with store.read() as tx:
                query = select(enrollments.c.id).where(
                    enrollments.c.campaign_id == self.campaign_id,
                    enrollments.c.stage.in_(WAITING),
                    enrollments.c.id > after,
                )
                ids = tx.execute(query.order_by(enrollments.c.id).limit(PAGE)).scalars().all()
                people = dossiers.load(tx, store.keyring, ids, since)
            if not ids:
                return
            yield people
            after = ids[-1]

    def ask_about(self, people: Sequence[Dossier]) -> None:
        """Ask under both rulebooks about each, and keep whoever they differ about."""
        registries = registry_answers(self.engine, people, self.campaign.seller.id)
        desks = [self._desk(at, registries) for at in range(len(self.books))]
        for person in people:
            self.tally.asked += 1
            found = next(self._differences(desks, person), None)
            if found is not None:
                self.tally.add(found)

    def _differences(self, desks: Sequence[Desk], person: Dossier) -> Iterator[Otherwise]:
        """Now first, then the moment at which the person is due."""
        due_at = person.enrollment.next_eligible_at
        for moment in (self.now, due_at) if due_at > self.now else (self.now,):
            was, would_be = (self._step(replace(desk, now=moment), person) for desk in desks)
            if not was[0].says_what(would_be[0]) or was[1] != would_be[1]:
                contact_id, told = person.enrollment.contact_id, would_be[1] or was[1] or "contact"
                yield Otherwise(at=moment, contact_id=contact_id, what=told, was=was[0], would_be=would_be[0])

    def _step(self, desk: Desk, person: Dossier) -> tuple[Word, str]:
        """What would be done, and how; the channel and mode only where it would be done at once."""
        step, asked = step_of(desk, person)
        how = what(step.option.channel, step.option.mode) if isinstance(step, Take) else ""
        return _word(step, asked), how

    def _desk(self, at: int, registries: Mapping[bytes, Sequence[RegistryAnswer]]) -> Desk:
        counts = self.abandonment[at]
        return Desk(
            campaign=self.campaign,
            rulebook=self.books[at],
            registries=registries,
            abandonment=lambda country: counts.exposure(self.campaign, country, self.now),
            halts=self.halts,
            emergencies=self.emergencies,
            now=self.now,
        )


def _word(step: NextStep, asked: Asked) -> Word:
    """The step as an answer, with the sentence of the rule that made it."""
    if isinstance(step, Take):
        how = what(step.option.channel, step.option.mode)
        return Word(verdict=Verdict.ALLOW, sentence=f"Allowed: {how}, no rule objects.")
    rule = step.held_by if isinstance(step, Wait) else step.rule if isinstance(step, Blocked) else step.reason.value
    told = next((word for _, answer in asked.values() if (word := word_of(answer)).rule == rule), None)
    sentence = told.sentence if told is not None else f"By {rule.replace('_', ' ')}, which is no rule of the rulebook."
    if isinstance(step, Wait):
        return Word(verdict=Verdict.HOLD, until=step.until, rule=rule, sentence=sentence)
    return Word(verdict=Verdict.REFUSE, rule=rule, sentence=sentence)
