"""Stops by hand: all contact, a seller's, a campaign's or a jurisdiction's, at once and until lifted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, insert, or_, select, update

from orchestrator.domain.decision import STRICTNESS, Answer, RuleClass, RuleVerdict, Verdict
from orchestrator.persistence import enrollment_holds
from orchestrator.persistence.enrollment_holds import HALT
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import halts

ASK_AGAIN = timedelta(minutes=15)  # where a halt names no end


@dataclass(frozen=True, slots=True)
class Halt:
    """One stop by hand; ``value`` is the seller's id, the campaign's id or the jurisdiction, empty for all."""

    scope: str
    value: str
    until: datetime | None
    by: str

    @property
    def told(self) -> str:
        """The halt for a person, as in jurisdiction US-LA, until lifted, by kim."""
        lasting = f"until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else "until lifted"
        return f"{' '.join(filter(None, (self.scope, self.value)))}, {lasting}, by {self.by}"


@dataclass(frozen=True, slots=True)
class Halts:
    """The stops in force."""

    active: Sequence[Halt] = ()

    def on_campaign(self, campaign_id: int, seller_id: str) -> bool:
        """Whether nothing of this campaign may leave."""
        wholly = {("all", ""), ("seller", seller_id), ("campaign", str(campaign_id))}
        return any((halt.scope, halt.value) in wholly for halt in self.active)

    def apply(self, answer: Answer, now: datetime) -> Answer:
        """The gate's answer, held where one of its jurisdictions is halted."""
        halt = next((halt for halt in self.active if _touches(halt, answer)), None)
        if halt is None or answer.verdict is Verdict.REFUSE:
            return answer
        until = max(filter(None, (halt.until or now + ASK_AGAIN, answer.next_allowed_at)))
        word = RuleVerdict(
            rule=HALT,
            verdict=Verdict.HOLD,
            rule_class=RuleClass.POLICY,
            citation="orchestrator halt",
            until=until,
            because=f"Held until {until:%Y-%m-%d %H:%M} UTC: contact in {halt.value} was halted by {halt.by}.",
        )
        rules = tuple(sorted((word, *answer.rules), key=lambda rule: -STRICTNESS[rule.verdict]))
        return replace(answer, verdict=Verdict.HOLD, next_allowed_at=until, rules=rules)


def _touches(halt: Halt, answer: Answer) -> bool:
    if halt.scope != "jurisdiction":
        return False
    return any(place == halt.value or place.startswith(f"{halt.value}-") for place in answer.jurisdictions)


def in_force(tx: Connection, now: datetime) -> Halts:
    """The halts of this moment."""
    return Halts([Halt(row.scope, row.value, row.until, row.by) for row in tx.execute(IN_FORCE, {"b_now": now})])


def declare(tx: Connection, halt: Halt, now: datetime) -> bool:
    """Stop from this moment on; False where the same is halted until the same moment already."""
    same_end = halts.c.until.is_(None) if halt.until is None else halts.c.until == halt.until
    same = (halts.c.scope == halt.scope, halts.c.value == halt.value, same_end)
    if tx.execute(select(halts.c.id).where(*_active(now), *same)).first() is not None:
        return False
    tx.execute(insert(halts).values(scope=halt.scope, value=halt.value, since=now, until=halt.until, by=halt.by))
    return True


def lift(store: Store, scope: str, value: str, now: datetime) -> int:
    """End these halts, ask again at once about whoever they held, and return how many halts there were."""
    these = (halts.c.scope == scope, halts.c.value == value, *_active(now))
    with store.write() as tx:
        lifted = tx.execute(update(halts).where(*these).values(lifted_at=now)).rowcount
    if scope == "jurisdiction":  # the others hold a campaign as a whole, and nobody in it
        enrollment_holds.free_of_halts(store, now)
    return lifted


def _active(now: "datetime | ColumnElement[datetime]") -> tuple[ColumnElement[bool], ...]:
    return halts.c.since <= now, halts.c.lifted_at.is_(None), or_(halts.c.until.is_(None), halts.c.until > now)


IN_FORCE = select(halts).where(*_active(bindparam("b_now", type_=halts.c.since.type)))  # built once: each tick asks
