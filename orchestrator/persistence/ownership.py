"""Whose rows are whose: for every table which are one seller's, and in which order they can go.

A row is a seller's by its seller_id, or through the row that another column names. A table that is reached by neither
must be declared as the installation's, with the reason; a test holds every table to that.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from graphlib import TopologicalSorter

from sqlalchemy import ColumnElement, Table, and_, or_, select
from sqlalchemy import cast as to_type
from sqlalchemy.types import String

from orchestrator.persistence.tables.campaigns import campaigns, halts
from orchestrator.persistence.tables.families import metadata
from orchestrator.persistence.tables.people import contact_points

VIA: Mapping[str, str] = {  # a column, and the table whose row it names; the first of these that a table has decides
    "attempt_id": "attempts",
    "enrollment_id": "enrollments",
    "campaign_id": "campaigns",
    "import_id": "imports",  # before the person: a rejected record, or an erased one, has none
    "contact_id": "contacts",
    "list_id": "lists",
    "offer_id": "offers",
    "access_id": "accesses",
    "request_id": "rights_requests",
    "thread_id": "threads",
    "page_id": "opt_in_pages",
    "address": "senders",
}
OF_THE_INSTALLATION: Mapping[str, str] = {
    "agents": "agents work here, for whichever seller",
    "agent_states": "agents' time is the installation's",
    "task_workers": "agents' accounts at the router",
    "breaches": "the register of breaches is the installation's (GDPR art. 33(5)); it holds counts",
    "deactivation_days": "which days of the carrier's list were read",
    "deliveries": "digests that name deliveries, nothing of a person",
    "emergencies": "declared for whoever is there",
    "installation": "the installation's own keys",
    "opt_in_requests": "how often addresses and numbers asked, under keys, forgotten after a month",
    "provisions": "what was made in the carrier's account",
    "reconciliations": "days of the whole account",
    "rejudgements": "proof that a later judgement was on record",
    "retention_runs": "reports of runs over all sellers",
    "rulebooks": "the law",
    "rulebook_acceptances": "the law",
    "rulebook_reviews": "the law",
    "seal_heads": "proof, without data: it outlives whom it speaks of",
    "seal_logs": "proof, without data: it outlives whom it speaks of",
    "seals": "proof, without data: it outlives whom it speaks of",
    "send_slots": "how fast the account may send",
    "sender_days": "segments by address or brand and day, counted for caps",
    "signing_keys": "the installation's own keys",
}
STAYS: Mapping[str, str] = {
    "sellers": "id and name of the seller, which this certificate and the register speak of",
    "closings": "this closing and its certificate",
    "accesses": "who read the data (GDPR art. 5(2), 32); under keys, until retention ends it",
    "access_numbers": "whose data were read (GDPR art. 33, 34); under keys, until retention ends it",
    "actions": "who changed what of its campaigns and settings (GDPR art. 5(2), 24); nobody on a list",
    "removals": "which rows were removed by right; ids alone",
    "breach_steps": "the register of breaches (GDPR art. 33(5))",
    "erasures": "who was erased, so that a restored backup cannot bring them back; under keys",
    "carrier_erasures": "what the carrier was asked to delete, until it has confirmed",
}
Owned = Callable[[str], ColumnElement[bool]]


def owned(table: Table, seller_id: str) -> ColumnElement[bool] | None:
    """The condition for a seller's rows; None where rows of that table belong to no seller."""
    if table.name in OF_THE_INSTALLATION:
        return None
    special = _SPECIAL.get(table.name)
    if special is not None:
        return special(seller_id)
    if "seller_id" in table.c:
        return table.c.seller_id == seller_id
    column = _names(table)
    if column is None:
        raise LookupError(f"{table.name}: whose rows these are is not declared")
    parent = metadata.tables[VIA[column]]
    theirs = owned(parent, seller_id)
    if theirs is None:
        return None
    [key] = parent.primary_key.columns
    return table.c[column].in_(select(key).where(theirs))


def _names(table: Table) -> str | None:
    return next((name for name in VIA if name in table.c and VIA[name] in metadata.tables), None)


def _halts(seller_id: str) -> ColumnElement[bool]:
    theirs = select(to_type(campaigns.c.id, String)).where(campaigns.c.seller_id == seller_id)
    of_campaign = and_(halts.c.scope == "campaign", halts.c.value.in_(theirs))
    return or_(and_(halts.c.scope == "seller", halts.c.value == seller_id), of_campaign)


def _known_of_numbers(name: str) -> Owned:
    """What is known of a number goes with the last seller that has it on a list."""

    def theirs(seller_id: str) -> ColumnElement[bool]:
        table = metadata.tables[name]
        mine = select(contact_points.c.number_key).where(contact_points.c.seller_id == seller_id)
        others = select(contact_points.c.id).where(
            contact_points.c.number_key == table.c.number_key, contact_points.c.seller_id != seller_id
        )
        return and_(table.c.number_key.in_(mine), ~others.exists())

    return theirs


_SPECIAL: Mapping[str, Owned] = {
    "sellers": lambda seller_id: metadata.tables["sellers"].c.id == seller_id,
    "halts": _halts,
    "number_facts": _known_of_numbers("number_facts"),
    "reassigned_answers": _known_of_numbers("reassigned_answers"),
}
_BEFORE: Mapping[str, Sequence[str]] = {  # beside what columns say: found through these, so gone before them
    "contact_points": ("number_facts", "reassigned_answers"),
    "campaigns": ("halts",),
    "senders": ("inbox", "carrier_alarms"),
}


@cache
def order_of_going() -> tuple[Table, ...]:
    """Every table with rows of sellers that go, those that others are found through last."""
    going = TopologicalSorter[str]({name: set(_BEFORE.get(name, ())) for name in metadata.tables})
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table is not table:
                going.add(key.column.table.name, table.name)
        column = _names(table)
        if column is not None and VIA[column] != table.name and "seller_id" not in table.c:
            going.add(VIA[column], table.name)
    names = [name for name in going.static_order() if name not in OF_THE_INSTALLATION and name not in STAYS]
    return tuple(metadata.tables[name] for name in names)
