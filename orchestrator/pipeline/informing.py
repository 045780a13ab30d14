"""By when the people of a list that was somebody else's must be informed, and how many were not contacted yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, exists, func, select

from orchestrator.compliance.rights_law import InformRule, RightsLaw
from orchestrator.domain.attempt import Outcome
from orchestrator.domain.paper import Bought
from orchestrator.persistence import provenance
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.lists import imports, list_rows
from orchestrator.persistence.tables.people import contacts

SPOKEN_WITH = (Outcome.REACHED.value, Outcome.SENT.value, Outcome.DELIVERED.value)


class Nearness(StrEnum):
    """Where the last day stands, as long as somebody is left who was not contacted."""

    FAR = "far"
    NEAR = "near"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToInform:
    """The people of one list to whom one law gives a last day. ``said``: somebody said when the list was obtained."""

    list_id: int
    list_name: str
    rule: InformRule
    obtained_on: date
    said: bool
    people: int
    not_contacted: int

    @property
    def due_on(self) -> date:
        """The last day for whoever is not contacted before; at the first contact it is due at once."""
        return self.rule.due_on(self.obtained_on)

    def nearness(self, today: date) -> Nearness:
        """Whether the day is near or over; far where nobody is left."""
        if not self.not_contacted or today < self.due_on - timedelta(days=self.rule.warns):
            return Nearness.FAR
        return Nearness.OVER if today > self.due_on else Nearness.NEAR

    def told(self, today: date) -> str:
        """In a sentence."""
        whom = f"{self.people:,} of '{self.list_name}' by {self.due_on}, or at the first contact where that is sooner"
        since = "" if self.said else ", counted from the import since nobody said when it was obtained"
        left = f"{self.not_contacted:,} were not contacted yet"
        word = {Nearness.FAR: "", Nearness.NEAR: "NEAR: ", Nearness.OVER: "OVER: "}[self.nearness(today)]
        return f"{word}Inform {whom}{since} ({self.rule.ground.citation}); {left}."


def of_seller(tx: Connection, law: RightsLaw, seller_id: str) -> list[ToInform]:
    """Of every list of the seller's that was somebody else's, by list; nothing where no such law reaches its people."""
    bought = provenance.bought_lists(tx, {seller_id})
    return [one for list_id in sorted(bought) for one in _of_list(tx, law, bought[list_id])]


def of_list(tx: Connection, law: RightsLaw, seller_id: str, list_id: int) -> list[ToInform]:
    """The same of one list."""
    found = provenance.bought_lists(tx, {seller_id}).get(list_id)
    return [] if found is None else list(_of_list(tx, law, found))


def _of_list(tx: Connection, law: RightsLaw, one: Bought) -> Iterator[ToInform]:
    obtained_on = one.obtained_on or _imported_on(tx, one.list_id)
    for rule in law.informing(obtained_on) if obtained_on is not None else ():
        people, contacted = _people(tx, one.list_id, rule.ground.jurisdictions)
        if obtained_on is not None and people:
            yield ToInform(
                list_id=one.list_id,
                list_name=one.name,
                rule=rule,
                obtained_on=obtained_on,
                said=one.obtained_on is not None,
                people=people,
                not_contacted=people - contacted,
            )


def _imported_on(tx: Connection, list_id: int) -> date | None:
    first: datetime | None = tx.execute(
        select(func.min(imports.c.started_at)).where(imports.c.list_id == list_id)
    ).scalar()
    return None if first is None else first.astimezone(UTC).date()


def _people(tx: Connection, list_id: int, countries: Sequence[str]) -> tuple[int, int]:
    """How many of the list live there, and how many of them somebody has spoken with or written to."""
    listed = exists().where(list_rows.c.list_id == list_id, list_rows.c.contact_id == contacts.c.id)
    there = (contacts.c.country.in_(countries), contacts.c.erased_at.is_(None), listed)
    spoken = exists().where(
        attempts.c.contact_id == contacts.c.id,
        attempts.c.seller_id == contacts.c.seller_id,
        attempts.c.outcome.in_(SPOKEN_WITH),
    )
    people = tx.execute(select(func.count()).select_from(contacts).where(*there)).scalar_one()
    contacted = tx.execute(select(func.count()).select_from(contacts).where(*there, spoken)).scalar_one()
    return people, contacted


def inform_form(one: ToInform, today: date) -> dict[str, object]:
    """As plain JSON."""
    return {
        "rule": one.rule.ground.id,
        "citation": one.rule.ground.citation,
        "obtained_on": one.obtained_on.isoformat(),
        "obtained_on_said": one.said,
        "inform_by": one.due_on.isoformat(),
        "people": one.people,
        "not_contacted": one.not_contacted,
        "state": one.nearness(today).value,
    }
