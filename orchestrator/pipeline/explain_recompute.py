"""Ask the gate again what it was once asked, under the rules of that day: the gate is pure, so it answers the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from orchestrator.compliance.gate import decide
from orchestrator.compliance.question import parse_question
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import ContactRequest, PastOutcome
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.errors import UserError
from orchestrator.persistence import evidence_queries, rulebooks
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.deciding import FACTS
from orchestrator.pipeline.halts import Halt, Halts

ERASED = "The person was erased since: the number was taken out of the facts, and the gate cannot be asked without it."
HALT = "halt"  # the one rule that no rulebook holds: a person's stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """A stored decision asked again. ``agrees`` None: it could not be, and ``note`` says why.

    ``facts`` are the question as it was stored; ``answer`` carries the rules' sentences.
    """

    facts: dict[str, Any]
    agrees: bool | None
    question: ContactRequest | None = None
    answer: Answer | None = None
    note: str = ""


def question_in(facts: Mapping[str, Any]) -> ContactRequest:
    """The question that was stored; raises UserError for one that cannot be read any more.

    An earlier attempt that had not ended yet has no outcome, which the public form of a question does not know.
    """
    history = facts.get("history", [])
    ended = [{"outcome": PastOutcome.NO_ANSWER.value, **entry} for entry in history]
    question = parse_question({**facts, "history": ended})
    entries = zip(question.history, history, strict=True)
    return replace(
        question, history=tuple(e if "outcome" in stored else replace(e, outcome=None) for e, stored in entries)
    )


class Recomputer:
    """Asks stored questions again; every rulebook is rebuilt once."""

    def __init__(self, keyring: Keyring, loaded: Rulebook) -> None:
        self._keyring = keyring
        self._books: dict[str, tuple[Rulebook | None, str]] = {loaded.digest: (loaded, "")}

    def ask_again(self, tx: Connection, decision: Record) -> Recomputed:
        """What the gate says today to the stored facts under the stored rulebook, held against what it said then."""
        facts = self.facts_of(decision)
        if facts.get("erased"):
            return Recomputed(facts=facts, agrees=None, note=ERASED)
        try:
            question = question_in(facts)
        except UserError as error:
            return Recomputed(facts=facts, agrees=None, note=f"The stored facts cannot be read any more: {error}")
        return self.ask(tx, decision, facts, question)

    def facts_of(self, decision: Record) -> dict[str, Any]:
        """The question as it was stored."""
        facts: dict[str, Any] = json.loads(self._keyring.open(decision.facts_sealed, FACTS))
        return facts

    def ask(self, tx: Connection, decision: Record, facts: dict[str, Any], question: ContactRequest) -> Recomputed:
        """The same for a question that was read already."""
        rulebook, note = self._book(tx, decision.rulebook)
        if rulebook is None:
            return Recomputed(facts=facts, agrees=None, note=note)
        answer = decide(question, rulebook)
        if HALT in decision.rules:
            answer = _halts(tx, decision).apply(answer, decision.decided_at)
        return Recomputed(facts=facts, agrees=_same(decision, answer), question=question, answer=answer, note=note)

    def _book(self, tx: Connection, digest: str) -> tuple[Rulebook | None, str]:
        if digest not in self._books:
            self._books[digest] = _rebuilt(rulebooks.content(tx, digest), digest)
        return self._books[digest]


def _rebuilt(files: dict[str, str] | None, digest: str) -> tuple[Rulebook | None, str]:
    short = digest[:12]
    if files is None:
        return None, f"The text of rulebook {short} is not stored, so only what was written down then is shown."
    try:
        rulebook = Rulebook.parse(files)
    except UserError as error:
        return None, f"Rulebook {short} cannot be read by this version ({error}), so only what was written is shown."
    if rulebook.digest != digest:
        return rulebook, (
            f"Rulebook {short} was rebuilt from its own text; the tables of holidays, numbers, postal codes or time "
            "zones beside it have been updated since."
        )
    return rulebook, f"Rulebook {short}, in force then and not now, was rebuilt from its own text."


def _halts(tx: Connection, decision: Record) -> Halts:
    rows = evidence_queries.halts_at(tx, decision.decided_at)
    return Halts([Halt(row.scope, row.value, row.until, row.by) for row in rows])


def deciding_rules(answer: Answer) -> list[str]:
    """The ids that a decision keeps: the rules that gave the verdict, strictest first; none where all allowed."""
    if answer.verdict is Verdict.ALLOW:
        return []
    return [rule.rule for rule in answer.rules if rule.verdict is answer.verdict]


def _same(decision: Record, answer: Answer) -> bool:
    verdict = decision.verdict == answer.verdict and decision.until == answer.next_allowed_at
    return verdict and list(decision.rules) == deciding_rules(answer)
