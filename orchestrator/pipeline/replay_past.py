"""Ask every stored decision of a campaign again under another rulebook, page by page. Writes nothing."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from orchestrator.compliance.gate import decide
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.errors import UserError
from orchestrator.persistence.enrollment_holds import HALT
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.campaigns import halts as stops
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.explain_recompute import Recomputed, Recomputer, question_in
from orchestrator.pipeline.explain_words import what
from orchestrator.pipeline.halts import Halt, Halts
from orchestrator.pipeline.replay_tally import Otherwise, Tally, Word, stored_word, word_of

PAGE = 1000
UNREADABLE = "the stored facts cannot be read by this version, so they were not asked again"
NO_LONGER = (
    "the rulebook of that day answers otherwise today, so the tables beside it or this version may make the difference"
)
Progress = Callable[[int], None]


def replay_past(
    store: Store, campaign_id: int, loaded: Rulebook, changed: Rulebook, limit: int, progress: Progress
) -> Tally:
    """What ``changed`` would have answered to each question; ``limit`` bounds the examples of each rule.

    A hold that was repeated is asked about once, as of the moment at which it was first given.
    """
    past = _Past(store, loaded, changed, Tally(limit))
    for rows in _pages(store, campaign_id):
        with store.read() as tx:
            for row in rows:
                past.ask(tx, row)
        progress(len(rows))
    return past.tally


def _pages(store: Store, campaign_id: int) -> Iterator[Sequence[Record]]:
    after = UUID(int=0)
    while True:
        query = select(decisions).where(decisions.c.campaign_id == campaign_id, decisions.c.id > after)
        with store.read() as tx:
            rows = tx.execute(query.order_by(decisions.c.id).limit(PAGE)).all()
        if not rows:
            return
        yield rows
        after = rows[-1].id


class _Past:
    """One replay of stored decisions."""

    def __init__(self, store: Store, loaded: Rulebook, changed: Rulebook, tally: Tally) -> None:
        self.changed, self.tally = changed, tally
        self.recomputer = Recomputer(store.keyring, loaded)
        with store.read() as tx:
            self.stops = tx.execute(select(stops).order_by(stops.c.id)).all()

    def ask(self, tx: Connection, row: Record) -> None:
        """Ask about one decision, and keep it where the answer is another."""
        self.tally.asked += 1
        facts = self.recomputer.facts_of(row)
        try:
            question = question_in(facts)
        except UserError:
            self.tally.notes[UNREADABLE] += 1
            return
        would_be = word_of(self._stopped(row, decide(question, self.changed)))
        stored = stored_word(row.verdict, row.until, list(row.rules))
        if stored.says_what(would_be):
            return
        found = Otherwise(
            at=row.decided_at,
            contact_id=row.contact_id,
            what=what(row.channel, row.mode),
            was=self._was(self.recomputer.ask(tx, row, facts, question), stored),
            would_be=would_be,
            attempted=row.attempt_id is not None,
        )
        self.tally.add(found)

    def _was(self, again: Recomputed, stored: Word) -> Word:
        """The answer of that day with its sentences, where its own rulebook still gives it."""
        if again.answer is None:
            self.tally.notes[again.note] += 1
            return stored
        if not again.agrees:
            self.tally.notes[NO_LONGER] += 1
            return stored
        return word_of(again.answer)

    def _stopped(self, row: Record, answer: Answer) -> Answer:
        """The answer under the stops by hand that held then: no rulebook would have lifted them.

        Moments are not told apart within a transaction: what was allowed, or held by a rule alone, left before a stop
        that began in the same second.
        """
        if HALT not in row.rules and row.verdict != Verdict.REFUSE:
            return answer
        return self._halts(row.decided_at).apply(answer, row.decided_at)

    def _halts(self, at: datetime) -> Halts:
        active = [row for row in self.stops if row.since <= at and _lasts(row, at)]
        return Halts([Halt(row.scope, row.value, row.until, row.by) for row in active])


def _lasts(row: Record, at: datetime) -> bool:
    return all(end is None or end > at for end in (row.until, row.lifted_at))
