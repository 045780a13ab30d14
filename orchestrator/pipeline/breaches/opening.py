"""A breach from the day it is known to its end in the register; every step says who took it."""

from dataclasses import dataclass
from datetime import datetime

from orchestrator.compliance.breach_law import BreachLaw, Whom
from orchestrator.domain.breach import Touched
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError
from orchestrator.persistence import accesses, breaches, protection, sellers, touched
from orchestrator.persistence.dossiers import NUMBER
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.breaches import clocks as clockwork
from orchestrator.pipeline.breaches.finding import Span, find, keys_by_seller
from orchestrator.pipeline.breaches.notices import Affair

READING = "breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What is known when a breach is noticed. ``aware_at``: since when, which starts the clocks."""

    span: Span
    aware_at: datetime
    what_happened: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be told."""

    seller_id: str
    contact_id: int
    number: str
    country: str
    language: str


def open_breach(store: Store, noticed: Noticed, by: str, now: datetime) -> tuple[int, list[Touched]]:
    """Enter the breach with what it touched, as far as the record of readings says; its number, and that.

    It is entered also where no reading is on record: a breach that touched nothing belongs in the register too.
    """
    refuse_cards(noticed.what_happened, "What happened")
    _require_possible(noticed, now)
    span = noticed.span
    with store.write() as tx:
        found = find(tx, span)
        values = {
            "aware_at": noticed.aware_at,
            "opened_at": now,
            "opened_by": by,
            "actor": span.actor,
            "since": span.since,
            "until": span.until,
            "what_happened": noticed.what_happened,
            "found": [one.form() for one in found],
        }
        return breaches.add(tx, values), found


def _require_possible(noticed: Noticed, now: datetime) -> None:
    if noticed.span.since >= noticed.span.until:
        raise UserError("--since must lie before --until: say when it began.")
    if noticed.aware_at > now:
        raise UserError("--aware-at lies ahead: say since when it is known.")
    if noticed.aware_at < noticed.span.since:
        raise UserError("--aware-at lies before --since: nobody knows of a breach before it begins.")


def affairs(store: Store, law: BreachLaw, breach_id: int, now: datetime) -> list[Affair]:
    """The breach as it concerns each seller."""
    with store.read() as tx:
        breach = breaches.fetch(tx, breach_id)
        clocks = clockwork.clocks_of(tx, store.keyring, law, breach, now)
        return [
            Affair(
                breach=breach,
                seller=sellers.on_record(tx, one.seller_id),
                protection=protection.of_seller(tx, store.keyring, one.seller_id),
                touched=one,
                clocks=[clock for clock in clocks.every if clock.seller_id == one.seller_id],
                uncovered=clocks.uncovered[one.seller_id],
                now=now,
            )
            for one in clockwork.found_of(breach)
        ]


def people(store: Store, breach_id: int, by: str, now: datetime) -> list[Person]:
    """Everybody to be told who is on a list now, with their numbers opened; the reading is noted for each seller."""
    with store.write() as tx:
        breach = breaches.fetch(tx, breach_id)
        span = Span(actor=breach.actor, since=breach.since, until=breach.until)
        seen = keys_by_seller(tx, span)
        found: list[Person] = []
        for seller_id, one in sorted(seen.items()):
            rows = list(touched.people_with(tx, one.keys, seller_id))
            keys = [bytes(row.number_key) for row in rows]
            reason = f"to tell the people of breach {breach_id}"
            accesses.record(tx, actor=by, action=READING, reason=reason, number_keys=keys, at=now, seller_id=seller_id)
            found += [_person(store, row) for row in rows]
        return found


def _person(store: Store, row: Record) -> Person:
    number = store.keyring.open(row.number_sealed, NUMBER)
    return Person(row.seller_id, row.contact_id, number, row.country, row.language or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who was told, or (``was_told`` False) why nobody had to be."""

    breach_id: int
    seller_id: str
    whom: Whom
    was_told: bool
    at: datetime
    note: str


def tell(store: Store, told: Told, by: str, now: datetime) -> None:
    """Take down a step; raises UserError for a seller that the breach did not touch, or a moment that cannot be."""
    refuse_cards(told.note, "The note")
    with store.write() as tx:
        breach = breaches.fetch(tx, told.breach_id)
        if told.seller_id not in {one.seller_id for one in clockwork.found_of(breach)}:
            raise UserError(f"Breach {told.breach_id} touched nobody of seller '{told.seller_id}'; name one it did.")
        if not breach.aware_at <= told.at <= now:
            raise UserError("--at must lie between the moment at which the breach was known and now.")
        if not told.was_told and not told.note.strip():
            raise UserError("--note: say why they need not be told; the register must show it.")
        values = {
            "breach_id": told.breach_id,
            "seller_id": told.seller_id,
            "whom": told.whom.value,
            "was_told": told.was_told,
            "at": told.at,
            "by": by,
            "note": told.note.strip(),
        }
        breaches.add_step(tx, values)


def close(store: Store, law: BreachLaw, breach_id: int, by: str, because: str, now: datetime) -> None:
    """End the breach; raises UserError while somebody must still be told, or where it is closed already."""
    refuse_cards(because, "--because")
    if not because.strip():
        raise UserError("--because: say how it ended.")
    with store.write() as tx:
        breach = breaches.fetch(tx, breach_id)
        waiting = [clock for clock in clockwork.clocks_of(tx, store.keyring, law, breach, now).every if clock.runs]
        if waiting:
            one = waiting[0]
            raise UserError(
                f"The {one.duty.whom} was not told for seller '{one.seller_id}' ({one.duty.citation}): say that they "
                f"were, or why they need not be, with `orchestrator evidence breaches told {breach_id} {one.seller_id} "
                f"--whom {one.duty.whom} …`."
            )
        if not breaches.close(tx, breach_id, by, because.strip(), now):
            raise UserError(f"Breach {breach_id} was closed before, on {breach.closed_at:%Y-%m-%d}.")
