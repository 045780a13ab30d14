"""Refusals of people, how fast each was honoured, and whether anybody was contacted after one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select

from orchestrator.domain.attempt import NO_CONTACT, Outcome
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.month import Section, percentile
from orchestrator.persistence.tables.attempts import attempts, cancellations
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.people import consents, suppressions
from orchestrator.pipeline.monthly.contact import Look

BEFORE_IT = timedelta(hours=1)  # a message that was heard longer ago was about something else
WRITTEN = frozenset({"reply", "opt-in refused"})  # whose moment is that of a text; other noes bring no text with them
CONTACTED = or_(
    attempts.c.outcome.is_(None),
    attempts.c.outcome.not_in(NO_CONTACT),
    and_(attempts.c.outcome == Outcome.CANCELED.value, attempts.c.ringing_at.is_not(None)),
)


def honoured(look: Look) -> Section:
    """From the moment a refusal was received to the end of the last thing that was on its way."""
    delays = [_delays(look, row) for row in _refusals(look)]
    return Section(
        name="opt_outs",
        title="Refusals, and how fast each was honoured",
        how="Each refusal that was stored in the month: seconds from its arrival to its storing, and to the end of the "
        "last call or text that was on its way to the number then. p50 and p95 are nearest ranks.",
        header=("step", "refusals", "p50_seconds", "p95_seconds", "worst_seconds", "not_yet"),
        rows=[
            _spread("received to stored", [stored for stored, _ in delays]),
            _spread("received to last taken back", [ended for _, ended in delays]),
        ]
        if delays
        else [],
        empty="Nobody refused in the month.",
    )


def _refusals(look: Look) -> Sequence[Record]:
    here = (
        suppressions.c.seller_id == look.seller_id,
        suppressions.c.at >= look.month.begins,
        suppressions.c.at < look.month.ends,
    )
    return look.tx.execute(select(suppressions).where(*here).order_by(suppressions.c.id)).all()


def _delays(look: Look, no: Record) -> tuple[float | None, float | None]:
    """Seconds until it was stored, and until nothing was on its way; None where something still is."""
    received = _received_at(look, no)
    ends = [_ended_at(row) for row in _on_the_way(look, no)]
    stored = (no.at - received).total_seconds()
    if None in ends:
        return stored, None
    return stored, (max([no.at, *(end for end in ends if end is not None)]) - received).total_seconds()


def _received_at(look: Look, no: Record) -> datetime:
    """When the message came that says it; what was typed, keyed or asked for is stored as it is received."""
    if no.source not in WRITTEN:
        at: datetime = no.at
        return at
    heard = (
        inbound_contacts.c.channel == Channel.SMS.value,
        inbound_contacts.c.seller_id == no.seller_id,
        inbound_contacts.c.number_key == no.number_key,
        inbound_contacts.c.at <= no.at,
        inbound_contacts.c.at >= no.at - BEFORE_IT,
    )
    query = select(inbound_contacts.c.at).where(*heard).order_by(inbound_contacts.c.at.desc()).limit(1)
    found: datetime | None = look.tx.execute(query).scalar_one_or_none()
    return found or no.at


def _on_the_way(look: Look, no: Record) -> Sequence[Record]:
    live_then = or_(attempts.c.ended_at.is_(None), attempts.c.ended_at > no.at)
    query = select(attempts.c.ended_at, cancellations.c.done_at).outerjoin(
        cancellations, cancellations.c.attempt_id == attempts.c.id
    )
    to_them = (attempts.c.seller_id == no.seller_id, attempts.c.number_key == no.number_key)
    return look.tx.execute(query.where(*to_them, attempts.c.planned_at <= no.at, live_then)).all()


def _ended_at(row: Record) -> datetime | None:
    moments = [moment for moment in (row.ended_at, row.done_at) if moment is not None]
    return min(moments, default=None)


def _spread(step: str, delays: Sequence[float | None]) -> tuple[object, ...]:
    known = [round(delay, 3) for delay in delays if delay is not None]
    spread = (percentile(known, 50), percentile(known, 95), max(known, default=None))
    return (step, len(delays), *spread, len(delays) - len(known))


def contacted_after(look: Look) -> Section:
    """Contacts to a number after its holder's refusal, of whatever day: none, or each is listed."""
    renewed = exists().where(
        consents.c.seller_id == attempts.c.seller_id,
        consents.c.number_key == attempts.c.number_key,
        consents.c.event == "given",
        consents.c.happened_at > suppressions.c.at,
        consents.c.happened_at <= attempts.c.planned_at,
    )
    same = and_(suppressions.c.seller_id == attempts.c.seller_id, suppressions.c.number_key == attempts.c.number_key)
    covers = and_(
        suppressions.c.channel.in_(("any", attempts.c.channel)),
        or_(suppressions.c.scope != "campaign", suppressions.c.campaign_id == attempts.c.campaign_id),
    )
    planned_at = attempts.c.planned_at
    standing = and_(
        or_(suppressions.c.lifted_at.is_(None), suppressions.c.lifted_at > planned_at),
        # START opens texts again, and nothing else.
        or_(
            attempts.c.channel != Channel.SMS.value,
            suppressions.c.texts_again_at.is_(None),
            suppressions.c.texts_again_at > planned_at,
        ),
    )
    query = (
        select(
            attempts.c.id, attempts.c.channel, attempts.c.planned_at, suppressions.c.kind, suppressions.c.at, renewed
        )
        .join(suppressions, same)
        .where(
            attempts.c.seller_id == look.seller_id,
            attempts.c.planned_at >= look.month.begins,
            attempts.c.planned_at < look.month.ends,
            attempts.c.planned_at > suppressions.c.at,
            *(covers, standing, CONTACTED),
        )
        .order_by(attempts.c.planned_at)
    )
    found = [(str(row[0]), *row[1:5], "yes" if row[5] else "no") for row in look.tx.execute(query)]
    return Section(
        name="contacts_after_no",
        title="Contacts after a refusal",
        how="Every call or text planned in the month to a number whose refusal, of any day, stood then and covered it; "
        "what never rang, was refused or was never sent is no contact.",
        header=("attempt", "channel", "planned_at", "refusal", "refused_at", "new_consent_in_between"),
        rows=found,
        empty="None: no attempt of the month meets the description above.",
    )
