"""What else a month is judged by: scrubs, consents, requests, exceptions, alarms, readings, breaches."""

from collections import Counter
from typing import Any

from sqlalchemy import Column, func, or_, select

from orchestrator.domain.month import Section
from orchestrator.persistence.tables.account import carrier_alarms
from orchestrator.persistence.tables.accountability import breaches
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns, halts
from orchestrator.persistence.tables.law import emergencies, rulebook_acceptances
from orchestrator.persistence.tables.lists import lists, scrubs
from orchestrator.persistence.tables.people import consents
from orchestrator.persistence.tables.proof import accesses
from orchestrator.persistence.tables.rights import rights_requests
from orchestrator.pipeline import informing
from orchestrator.pipeline.informing import ToInform
from orchestrator.pipeline.monthly.contact import Look


def _in_month(look: Look, column: Column[Any]) -> Any:
    return (column >= look.month.begins) & (column < look.month.ends)


def scrubbed(look: Look) -> Section:
    """When lists were held against which versions."""
    query = (
        select(scrubs, lists.c.name.label("list_name"), campaigns.c.name.label("campaign_name"))
        .outerjoin(lists, lists.c.id == scrubs.c.list_id)
        .outerjoin(campaigns, campaigns.c.id == scrubs.c.campaign_id)
        .where(scrubs.c.seller_id == look.seller_id, _in_month(look, scrubs.c.started_at))
        .order_by(scrubs.c.id)
    )
    found = [
        (
            row.id,
            row.campaign_name or row.list_name,
            row.started_at,
            "yes" if row.finished_at else "NO",
            row.by,
            "; ".join(f"{name} {' '.join(one[:12] for one in versions)}" for name, versions in row.snapshots.items()),
            ", ".join(f"{name} {count}" for name, count in row.counts.items()),
        )
        for row in look.tx.execute(query)
    ]
    return Section(
        name="scrubs",
        title="Scrubs",
        how="Every scrub that was begun in the month; versions are the first digits of each snapshot's digest.",
        header=("scrub", "of", "at", "finished", "by", "versions", "counts"),
        rows=found,
        empty="No list was scrubbed in the month.",
    )


def consented(look: Look) -> Section:
    """Consents given, withdrawn and run out."""
    of = (consents.c.event, consents.c.channel)
    here = (consents.c.seller_id == look.seller_id, _in_month(look, consents.c.happened_at))
    ran_out = (
        consents.c.seller_id == look.seller_id,
        consents.c.event == "given",
        _in_month(look, consents.c.expires_at),
        consents.c.expires_at < look.now,
    )
    found = [tuple(row) for row in look.tx.execute(select(*of, func.count()).where(*here).group_by(*of).order_by(*of))]
    over = look.tx.execute(select(consents.c.channel, func.count()).where(*ran_out).group_by(consents.c.channel))
    return Section(
        name="consents",
        title="Consents",
        how="Events by the day on which they happened; 'ran out' are consents whose own end lies in the month.",
        header=("event", "channel", "events"),
        rows=[*found, *(("ran out", *row) for row in sorted(map(tuple, over)))],
    )


def requested(look: Look) -> Section:
    """Requests and complaints of people, with their deadlines."""
    header = ("kind", "received", "answered", "in_time", "late", "open", "open_and_late")
    how = "Received or closed in the month; in time is closed on the day it was due or before. Complaints: 'complain'."
    shared: dict[str, Any] = {"name": "requests", "title": "Requests and complaints of people", "header": header}
    here = or_(_in_month(look, rights_requests.c.received_at), _in_month(look, rights_requests.c.closed_at))
    counts: dict[str, Counter[str]] = {}
    for row in look.tx.execute(select(rights_requests).where(rights_requests.c.seller_id == look.seller_id, here)):
        kind = counts.setdefault(row.kind, Counter())
        kind["received"] += look.month.begins <= row.received_at < look.month.ends
        late = (row.closed_at or look.now).date() > row.due_on
        kind["answered" if row.closed_at else "open"] += 1
        kind[_judged(late, row.closed_at is not None)] += 1
    rows = [(kind, *(count[name] for name in header[1:])) for kind, count in sorted(counts.items())]
    return Section(**shared, how=how, rows=rows, empty="No request and no complaint was received or closed.")


def _judged(late: bool, closed: bool) -> str:
    if closed:
        return "late" if late else "in_time"
    return "open_and_late" if late else "open_in_time"


def exceptions(look: Look) -> Section:
    """What was allowed or stopped by hand: emergencies, accepted rulebooks, halts. They bind every seller."""
    declared = select(emergencies).where(_in_month(look, emergencies.c.declared_at)).order_by(emergencies.c.id)
    accepted = select(rulebook_acceptances).where(_in_month(look, rulebook_acceptances.c.accepted_at))
    halted = select(halts).where(_in_month(look, halts.c.since)).order_by(halts.c.id)
    found: list[tuple[object, ...]] = [
        ("emergency", row.declared_at, row.declared_by, f"{row.name} in {row.jurisdiction}: {row.citation}")
        for row in look.tx.execute(declared)
    ]
    found += [
        ("rulebook accepted", row.accepted_at, row.accepted_by, f"{row.digest[:16]} ({row.how}) {row.note}".strip())
        for row in look.tx.execute(accepted.order_by(rulebook_acceptances.c.number))
    ]
    found += [("halt", row.since, row.by, f"{row.scope} {row.value}".strip()) for row in look.tx.execute(halted)]
    return Section(
        name="exceptions",
        title="Exceptions by hand",
        how="Emergencies declared, rulebooks accepted and halts begun in the month, of the whole installation.",
        header=("what", "at", "by", "about"),
        rows=found,
    )


def uninformed(look: Look) -> Section:
    """Lists that were somebody else's, whose people must be informed by a day of the month or an earlier one."""
    due = [one for one in informing.of_seller(look.tx, look.rights, look.seller_id) if _is_told(one, look)]
    return Section(
        name="uninformed",
        title="Exceptions: people to be informed of data that they did not give",
        how="Lists bought or from elsewhere whose last day lies in the month, or before it with somebody left who was "
        "not contacted when this report was made. Whoever is contacted must be informed then.",
        header=("list", "obtained", "inform_by", "people", "not_contacted", "state", "citation"),
        rows=[
            (
                one.list_name,
                one.obtained_on,
                one.due_on,
                one.people,
                one.not_contacted,
                one.nearness(look.now.date()).value,
                one.rule.ground.citation,
            )
            for one in due
        ],
        empty="No list has people who had to be informed in the month.",
    )


def _is_told(one: ToInform, look: Look) -> bool:
    first, following = look.month.first, look.month.following
    return one.due_on < following and (one.due_on >= first or one.not_contacted > 0)


def alarms(look: Look) -> Section:
    """Calls and texts on one side's books alone."""
    theirs = or_(attempts.c.seller_id == look.seller_id, carrier_alarms.c.attempt_id.is_(None))
    query = (
        select(carrier_alarms.c.kind, carrier_alarms.c.attempt_id, carrier_alarms.c.cleared_at)
        .outerjoin(attempts, attempts.c.id == carrier_alarms.c.attempt_id)
        .where(theirs, _in_month(look, carrier_alarms.c.found_at))
    )
    counts = Counter(
        (row.kind, "this seller" if row.attempt_id else "nobody's attempt", "cleared" if row.cleared_at else "OPEN")
        for row in look.tx.execute(query)
    )
    return Section(
        name="carrier_alarms",
        title="Alarms of the carrier's books",
        how="Found in the month by comparing the carrier's lists with ours; those of no attempt are the account's.",
        header=("kind", "whose", "state", "alarms"),
        rows=[(*key, count) for key, count in sorted(counts.items())],
        empty="No alarm was raised in the month.",
    )


def readings(look: Look) -> Section:
    """Who read people's data in bulk."""
    of = (accesses.c.actor, accesses.c.action)
    here = (accesses.c.seller_id == look.seller_id, _in_month(look, accesses.c.at))
    found = look.tx.execute(
        select(*of, func.count(), func.sum(accesses.c.people)).where(*here).group_by(*of).order_by(*of)
    )
    return Section(
        name="readings",
        title="Readings of people's data",
        how="From the record of readings of this seller's people.",
        header=("by", "what", "readings", "numbers"),
        rows=[tuple(row) for row in found],
    )


def broken(look: Look) -> Section:
    """Breaches that became known in the month and touched this seller's people."""
    query = select(breaches).where(_in_month(look, breaches.c.aware_at)).order_by(breaches.c.id)
    found = [
        (row.id, row.aware_at, one["people"], "closed" if row.closed_at else "OPEN")
        for row in look.tx.execute(query)
        for one in row.found
        if one["seller_id"] == look.seller_id
    ]
    return Section(
        name="breaches",
        title="Breaches",
        how="From the register of breaches.",
        header=("breach", "known_at", "people", "state"),
        rows=found,
        empty="No breach that touched this seller's people became known in the month.",
    )
