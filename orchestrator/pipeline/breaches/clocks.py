"""The clocks of a breach: who must be told for which seller, by when, and whether they were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from orchestrator.compliance.breach_law import BreachLaw, Duty
from orchestrator.domain.breach import Touched
from orchestrator.persistence import breaches, protection, sellers
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record

TIME_IS_UP = "The time is up"


class Standing(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    LATE = "late"
    TOLD = "told"
    TOLD_LATE = "told late"
    NOT_NEEDED = "need not be told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One duty for one seller. ``due_at`` None: without undue delay. ``reminded``: the last reminder, in hours."""

    seller_id: str
    duty: Duty
    due_at: datetime | None
    standing: Standing
    told_at: datetime | None
    reminded: int | None

    @property
    def runs(self) -> bool:
        """Whether somebody still has to act."""
        return self.standing in {Standing.RUNNING, Standing.LATE}


@dataclass(frozen=True, slots=True)
class Clocks:
    """Every clock of one breach, and per seller the countries for which no deadline is on file."""

    every: tuple[Clock, ...]
    uncovered: Mapping[str, tuple[str, ...]]


def found_of(breach: Record) -> list[Touched]:
    """What the breach touched, as it was counted when it was opened."""
    return [Touched.read(form) for form in breach.found]


def clocks_of(tx: Connection, keyring: Keyring, law: BreachLaw, breach: Record, now: datetime) -> Clocks:
    """The clocks as they stand: of the seller's own country, and of every country whose people were touched."""
    steps = breaches.steps_of(tx, breach.id)
    every: list[Clock] = []
    uncovered: dict[str, tuple[str, ...]] = {}
    for one in found_of(breach):
        seller = sellers.find(tx, one.seller_id)
        here = {*one.countries, *([seller.country] if seller else [])}
        as_processor = protection.of_seller(tx, keyring, one.seller_id).is_another_firm is not False
        duties = law.duties_in(here, breach.aware_at.date(), as_processor=as_processor)
        theirs = [step for step in steps if step.seller_id == one.seller_id]
        every += [_clock(law, breach, one.seller_id, duty, theirs, now) for duty in duties]
        uncovered |= {one.seller_id: law.uncovered(here)}
    return Clocks(tuple(every), uncovered)


def _clock(law: BreachLaw, breach: Record, seller_id: str, duty: Duty, steps: Sequence[Record], now: datetime) -> Clock:
    due_at = duty.due_at(breach.aware_at)
    about_it = [step for step in steps if step.whom == duty.whom.value]
    done = min(about_it, key=lambda step: (not step.was_told, step.id), default=None)  # having told outdoes an excuse
    return Clock(
        seller_id=seller_id,
        duty=duty,
        due_at=due_at,
        standing=_standing(due_at, done, now),
        told_at=done.at if done is not None and done.was_told else None,
        reminded=law.reminded(breach.aware_at, now) if done is None else None,
    )


def _standing(due_at: datetime | None, done: Record | None, now: datetime) -> Standing:
    """The last second of the hours is in time."""
    if done is not None and not done.was_told:
        return Standing.NOT_NEEDED
    if done is not None:
        return Standing.TOLD_LATE if due_at is not None and done.at > due_at else Standing.TOLD
    return Standing.LATE if due_at is not None and now > due_at else Standing.RUNNING


def reminders(tx: Connection, keyring: Keyring, law: BreachLaw, now: datetime) -> list[str]:
    """A sentence for each clock of an open breach that has been reminded of, or is late."""
    found: list[str] = []
    for breach in breaches.open_ones(tx):
        clocks = clocks_of(tx, keyring, law, breach, now).every
        found += [_sentence(breach, clock, now) for clock in clocks if clock.runs and _is_pressing(clock)]
    return found


def _is_pressing(clock: Clock) -> bool:
    return clock.reminded is not None or clock.standing is Standing.LATE


def _sentence(breach: Record, clock: Clock, now: datetime) -> str:
    hours = (now - breach.aware_at).total_seconds() / 3600
    by = "without undue delay" if clock.due_at is None else f"by {clock.due_at:%Y-%m-%d %H:%M} UTC"
    late = f" {TIME_IS_UP}: tell them now, with the reasons for the delay." if clock.standing is Standing.LATE else ""
    return (
        f"Breach {breach.id}, seller '{clock.seller_id}': {hours:.0f} hours since it was known. Tell the "
        f"{clock.duty.whom} {by} ({clock.duty.citation}).{late}"
    )


def clock_form(clock: Clock) -> dict[str, Any]:
    """A clock as plain JSON."""
    return {
        "seller": clock.seller_id,
        "whom": clock.duty.whom.value,
        "law": clock.duty.id,
        "citation": clock.duty.citation,
        "verified": clock.duty.verified,
        "unless": clock.duty.unless,
        "due_at": clock.due_at.isoformat().replace("+00:00", "Z") if clock.due_at else None,
        "standing": clock.standing.value,
        "told_at": clock.told_at.isoformat().replace("+00:00", "Z") if clock.told_at else None,
        "reminded_after_hours": clock.reminded,
    }
