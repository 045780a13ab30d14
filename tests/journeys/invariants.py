"""What must hold after any journey, recounted from the tables and compared with what the carrier saw."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from orchestrator.domain.attempt import NO_CONTACT, Outcome
from orchestrator.persistence.rollups import attempt_metric, decision_metric
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts, live_attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments, rollups
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import consents, number_facts, suppressions
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.sealing.verifying import verify

REFERENCE = re.compile(r"/(?:calls|messages)/([0-9a-f-]{36})/")
NOT_AT_THE_CARRIER = frozenset({Outcome.NEVER_SENT, Outcome.REFUSED})
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
CAP_MAX, CAP_HOURS = 3, 24  # as tests.world.THREE_RULES say
STOP_TAKES = timedelta(seconds=60)  # of the world: what was on its way when the person said stop
SAID_OF = {
    "busy": {Outcome.BUSY},
    "no-answer": {Outcome.NO_ANSWER},
    "failed": {Outcome.FAILED, Outcome.NOT_IN_SERVICE, Outcome.UNDELIVERED},
    "canceled": {Outcome.CANCELED},
    "completed": {Outcome.REACHED, Outcome.ABANDONED, Outcome.HUNG_UP, Outcome.MACHINE, Outcome.FAX},
    "sent": {Outcome.SENT},
    "delivered": {Outcome.DELIVERED},
    "undelivered": {Outcome.UNDELIVERED},
}


@dataclass
class Case:
    """One journey's records, ours and the carrier's."""

    store: Store
    report: Mapping[str, Any]

    @cached_property
    def attempts(self) -> Sequence[Record]:
        return self._all(select(attempts).order_by(attempts.c.planned_at, attempts.c.id))

    @cached_property
    def by_id(self) -> Mapping[UUID, Record]:
        return {row.id: row for row in self.attempts}

    @cached_property
    def contacts_made(self) -> Mapping[UUID, Sequence[Mapping[str, Any]]]:
        """The carrier's calls and messages to people, by the attempt that their callback addresses name."""
        found: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
        for row in self.outbound:
            match = REFERENCE.search(row["status_callback"] or "")
            assert match is not None, f"the carrier rang {row['to']} for no attempt"
            found[UUID(match[1])].append(row)
        return found

    @cached_property
    def outbound(self) -> Sequence[Mapping[str, Any]]:
        rows = [*self.report["calls"], *self.report["messages"]]
        return [row for row in rows if row["direction"] == "outbound-api" and str(row["to"]).startswith("+")]

    def _all(self, query: Any) -> Sequence[Record]:
        with self.store.read() as tx:
            return tx.execute(query).all()

    def rows(self, query: Any) -> Sequence[Record]:
        """Any other question."""
        return self._all(query)


def check(store: Store, report: Mapping[str, Any]) -> Case:
    """Fail with every invariant that is broken; the case, for questions of the test's own."""
    case = Case(store, report)
    broken = [f"{rule.__name__}: {what}" for rule in INVARIANTS for what in rule(case)]
    assert not broken, "\n".join(broken[:20])
    return case


def one_contact_an_attempt(case: Case) -> Iterator[str]:
    for attempt_id, made in case.contacts_made.items():
        if len(made) > 1:
            yield f"{attempt_id} reached the carrier {len(made)} times"
        if attempt_id not in case.by_id:
            yield f"the carrier was asked for {attempt_id}, which nobody wrote down"


def every_dial_is_one_of_ours(case: Case) -> Iterator[str]:
    dialled = Counter(row["to"] for row in case.report["calls"] if row["dialled_at"] and row["to"].startswith("+"))
    seen = {number: len(moments) for number, moments in case.report["dials_by_number"].items() if number[0] == "+"}
    ours = Counter(_number(case, row) for row in case.attempts if row.channel == "voice" and row.id in _dialled(case))
    if not dict(dialled) == seen == dict(ours):
        yield f"dialled {sum(seen.values())}, of which {sum(ours.values())} for an attempt"


def _dialled(case: Case) -> set[UUID]:
    return {key for key, made in case.contacts_made.items() if any(row.get("dialled_at") for row in made)}


def _number(case: Case, attempt: Record) -> str:
    return case.store.keyring.open(attempt.to_sealed, TO)


def every_attempt_is_accounted_for(case: Case) -> Iterator[str]:
    for attempt in case.attempts:
        made = case.contacts_made.get(attempt.id, ())
        if attempt.stage != "ended" or attempt.outcome is None:
            yield f"{attempt.id} is {attempt.stage}"
        elif attempt.outcome in NOT_AT_THE_CARRIER and made:
            yield f"{attempt.id} is {attempt.outcome}, and the carrier has {made[0]['sid']}"
        elif attempt.outcome not in {*NOT_AT_THE_CARRIER, Outcome.LOST} and not made:
            yield f"{attempt.id} is {attempt.outcome}, and the carrier knows nothing of it"
        elif made and (attempt.sid, _number(case, attempt)) != (made[0]["sid"], made[0]["to"]):
            yield f"{attempt.id} has {attempt.sid}, the carrier {made[0]['sid']}"


def every_outcome_is_what_the_carrier_saw(case: Case) -> Iterator[str]:
    for attempt in case.attempts:
        for made in case.contacts_made.get(attempt.id, ()):
            said = made["status"]
            if attempt.outcome not in {*SAID_OF[said], Outcome.LOST}:
                yield f"{attempt.id} is {attempt.outcome}, the carrier says {said}"


def nothing_is_left_open(case: Case) -> Iterator[str]:
    if case.rows(select(live_attempts)):
        yield "numbers are still taken by attempts that have ended"
    for row in case.rows(
        select(enrollments.c.stage).where(enrollments.c.stage.in_(("claimed", "offered", "in_flight")))
    ):
        yield f"an enrollment is {row.stage}"
    if any(not attempt.followed_up for attempt in case.attempts):
        yield "an attempt has no follow-up"


def ordinals_count_up(case: Case) -> Iterator[str]:
    of: dict[int, list[int]] = defaultdict(list)
    for attempt in case.attempts:
        of[attempt.enrollment_id].append(attempt.ordinal)
    for row in case.rows(select(enrollments.c.id, enrollments.c.last_ordinal)):
        if sorted(of[row.id]) != list(range(1, row.last_ordinal + 1)):
            yield f"enrollment {row.id} has {sorted(of[row.id])}, last {row.last_ordinal}"


def totals_equal_a_recount(case: Case) -> Iterator[str]:
    count: Counter[tuple[int, str]] = Counter()
    for row in case.attempts:
        count[row.campaign_id, attempt_metric(row.channel, row.mode, row.outcome)] += 1
    for row in case.rows(select(decisions)):
        count[row.campaign_id, decision_metric(row.verdict, row.rules[0] if row.rules else "")] += row.times
    shown = {(row.campaign_id, row.metric): row.value for row in case.rows(select(rollups)) if row.value}
    if shown != dict(count):
        yield f"shown {shown}, counted {dict(count)}"


def every_attempt_was_allowed(case: Case) -> Iterator[str]:
    allowed = select(decisions.c.id, decisions.c.attempt_id).where(decisions.c.verdict == "allow")
    known = {(row.id, row.attempt_id) for row in case.rows(allowed)}
    for attempt in case.attempts:
        if (attempt.decision_id, attempt.id) not in known:
            yield f"{attempt.id} has no allow decision"


def caps_are_held(case: Case) -> Iterator[str]:
    """The test rulebook's cap, by person over all numbers and campaigns."""
    of: dict[int, list[datetime]] = defaultdict(list)
    for attempt in case.attempts:
        if attempt.outcome not in NO_CONTACT:
            of[attempt.contact_id].append(attempt.planned_at)
    for contact_id, moments in of.items():
        for first, one_too_many in zip(moments, moments[CAP_MAX:], strict=False):
            if one_too_many - first < timedelta(hours=CAP_HOURS):
                yield f"contact {contact_id} was contacted more than {CAP_MAX} times in {CAP_HOURS} hours"


def one_live_attempt_a_number(case: Case) -> Iterator[str]:
    spans = ((bytes(row.number_key) + row.channel.encode(), row.planned_at, row.ended_at) for row in case.attempts)
    yield from _overlaps("a number", spans)


def an_agent_talks_with_one_person(case: Case) -> Iterator[str]:
    joined = (row for row in case.attempts if row.connected_at is not None)
    yield from _overlaps("an agent", ((row.agent_id, row.connected_at, _left_at(case, row)) for row in joined))


def _left_at(case: Case, attempt: Record) -> datetime | None:
    """When the person left, by the carrier: an agent is free from then on, however late we hear the end of the call."""
    (made,) = case.contacts_made[attempt.id]
    return datetime.fromisoformat(made["ended_at"])


def _overlaps(whose: str, spans: Iterable[tuple[Any, datetime, datetime | None]]) -> Iterator[str]:
    ended = sorted((who, since, until) for who, since, until in spans if until is not None)
    for (who, _, until), (next_who, since, _) in pairwise(ended):
        if who == next_who and since < until:
            yield f"{whose} had two at once at {since}"


def no_machine_dialled_a_mobile_without_consent(case: Case) -> Iterator[str]:
    landlines = {bytes(row.number_key) for row in case.rows(select(number_facts)) if row.line_type == "landline"}
    automated = (consents.c.event == "given") & consents.c.automated & consents.c.evidence_sealed.is_not(None)
    agreed = {bytes(row.number_key) for row in case.rows(select(consents).where(automated))}
    for attempt in case.attempts:
        if attempt.mode == "predictive" and bytes(attempt.number_key) not in landlines | agreed:
            yield f"{attempt.id} was dialled by a machine"


def a_stop_was_the_last_contact(case: Case) -> Iterator[str]:
    said: dict[bytes, datetime] = {}
    for row in case.rows(select(suppressions).where(suppressions.c.lifted_at.is_(None))):
        key = bytes(row.number_key)
        said[key] = min(row.at, said.get(key, row.at))
    for attempt in case.attempts:
        at = said.get(bytes(attempt.number_key))
        if at is not None and attempt.planned_at > at:
            yield f"{attempt.id} was planned after the person said stop"
        if at is not None and any(_heard_after(row, at + STOP_TAKES) for row in case.contacts_made.get(attempt.id, ())):
            yield f"{attempt.id} reached the person after they said stop"


def _heard_after(row: Mapping[str, Any], at: datetime) -> bool:
    moment = row.get("answered_at") or row.get("sent_at")
    return moment is not None and datetime.fromisoformat(moment) > at


def what_was_sealed_is_as_it_was(case: Case) -> Iterator[str]:
    """Whatever came late, twice or not at all: none of it looks like tampering."""
    for finding in verify(case.store, END_OF_TIME).findings:
        yield f"{finding.relation} {finding.row_id} {finding.wrong}"


INVARIANTS: Sequence[Callable[[Case], Iterator[str]]] = (
    one_contact_an_attempt,
    every_dial_is_one_of_ours,
    every_attempt_is_accounted_for,
    every_outcome_is_what_the_carrier_saw,
    nothing_is_left_open,
    ordinals_count_up,
    totals_equal_a_recount,
    every_attempt_was_allowed,
    caps_are_held,
    one_live_attempt_a_number,
    an_agent_talks_with_one_person,
    no_machine_dialled_a_mobile_without_consent,
    a_stop_was_the_last_contact,
    what_was_sealed_is_as_it_was,
)


def count_of(store: Store, table: Any) -> int:
    """How many rows."""
    with store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())
