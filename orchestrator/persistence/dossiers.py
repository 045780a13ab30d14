"""Everything the gate may use of a batch of people, read in one go after they are locked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from orchestrator.domain.attempt import NO_CONTACT, PAST_OUTCOME, Outcome
from orchestrator.domain.consent_standing import Wanted
from orchestrator.domain.contact_request import (
    Channel,
    ConsentFacts,
    Direction,
    Mode,
    PastContact,
    PastOutcome,
    Purpose,
    SuppressionFacts,
)
from orchestrator.domain.paper import Bought
from orchestrator.domain.reassignment import KnownAnswer
from orchestrator.persistence import consents_held, provenance, reassigned_answers
from orchestrator.persistence.consents_held import NOTHING, Said
from orchestrator.persistence.dossier_queries import INBOUND, OLDER, PAST, PEOPLE, POINTS, SUPPRESSIONS
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.suppressions import facts_of
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contacts

PROFILE = "contacts.profile"
NUMBER = "contact_points.number"


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a person with what is known of it."""

    key: bytes
    number: str
    country: str
    position: int
    line_type: str
    dead: bool
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """A row of suppressions. ``texts_again``: the person wrote START since."""

    id: int
    facts: SuppressionFacts
    texts_again: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """One enrolled person. Consents are by number key: a consent names the number that it is for."""

    enrollment: Record
    contact: Record
    profile: Mapping[str, Any]
    numbers: Sequence[Number]
    consents: Mapping[bytes, Sequence[ConsentFacts]]  # those that serve the campaign's purpose
    said: Mapping[bytes, Sequence[ConsentFacts]]  # all of them: each shows whose number it was then
    suppressions: Sequence[SuppressionFacts]  # on any of their numbers: a person who says no means themselves
    stops_of_texts: Sequence[SuppressionFacts]  # the same without those after which they asked for texts again
    stop_ids: frozenset[int]  # those suppressions' rows: what comes later is news
    history: Sequence[PastContact]
    own_attempts: Sequence[Record]  # of this enrollment
    reassigned: Mapping[bytes, Sequence[KnownAnswer]]  # by number key: what the database said, about whichever day
    bought: Sequence[Bought] = ()  # the lists that brought somebody who is on none of the seller's own


def lock_people(tx: Connection, enrollment_ids: Sequence[int]) -> None:
    """Lock the contacts in id order, since caps bind the person over all numbers and campaigns, then the enrollments.

    An enrollment whose lease runs out while it is decided about must not be given to another worker meanwhile.
    """
    if tx.dialect.name == "sqlite":
        return  # BEGIN IMMEDIATE has locked everybody
    of_these = select(enrollments.c.contact_id).where(enrollments.c.id.in_(enrollment_ids))
    tx.execute(select(contacts.c.id).where(contacts.c.id.in_(of_these)).order_by(contacts.c.id).with_for_update())
    theirs = select(enrollments.c.id).where(enrollments.c.id.in_(enrollment_ids)).order_by(enrollments.c.id)
    tx.execute(theirs.with_for_update())


def load(tx: Connection, keyring: Keyring, enrollment_ids: Sequence[int], since: datetime) -> list[Dossier]:
    """The dossiers of these enrollments, in the order given; history reaches back to ``since``."""
    people = _people(tx, enrollment_ids)
    rows = [people[enrollment_id] for enrollment_id in enrollment_ids if enrollment_id in people]
    return assemble(tx, keyring, rows, since)


def assemble(tx: Connection, keyring: Keyring, rows: Sequence[Record], since: datetime) -> list[Dossier]:
    """The dossiers of people in rows that name the contact, the seller, the campaign and the enrollment."""
    contact_ids, sellers = [row.contact_id for row in rows], sorted({row.seller_id for row in rows})
    points = _points(tx, keyring, contact_ids)
    keys = [number.key for numbers in points.values() for number in numbers]
    words, stops = consents_held.read(tx, sellers, keys), _suppressions(tx, sellers, keys)
    past, inbound = _past(tx, rows, keys, since), _inbound(tx, sellers, keys, since)
    reassigned = reassigned_answers.known(tx, keys)
    bought = provenance.from_bought_alone(tx, sellers, contact_ids)
    wanted = consents_held.wanted_by(tx, {row.campaign_id for row in rows})
    people = (
        _dossier(row, keyring, points, words, wanted[row.campaign_id], stops, past, inbound, reassigned) for row in rows
    )
    return [replace(one, bought=bought.get(one.enrollment.contact_id, ())) if bought else one for one in people]


def _dossier(
    row: Record,
    keyring: Keyring,
    points: Mapping[int, Sequence[Number]],
    words: Mapping[tuple[str, bytes], Said],
    wanted: Wanted,
    stops: Mapping[tuple[str, bytes], Sequence[Stop]],
    past: Sequence[Record],
    inbound: Mapping[tuple[str, bytes], Sequence[PastContact]],
    reassigned: Mapping[bytes, Sequence[KnownAnswer]],
) -> Dossier:
    numbers = points.get(row.contact_id, ())
    keys = {number.key for number in numbers}
    theirs = [a for a in past if a.seller_id == row.seller_id and (a.contact_id == row.contact_id or a.key in keys)]
    said = [stop for key in sorted(keys) for stop in stops.get((row.seller_id, key), ())]
    told = {key: words.get((row.seller_id, key), NOTHING) for key in sorted(keys)}
    refused = [no for one in told.values() for no in consents_held.forbidding(one.noes, wanted)]
    history = [_past_contact(a) for a in theirs if a.outcome not in NO_CONTACT or a.ringing_at is not None]
    history += [entry for key in keys for entry in inbound.get((row.seller_id, key), ())]
    noes = [*(stop.facts for stop in said), *refused]
    return Dossier(
        enrollment=row,
        contact=row,
        profile=keyring.open_json(row.profile_sealed, PROFILE),
        numbers=numbers,
        consents={key: consents_held.serving(one.given, wanted, noes) for key, one in told.items()},
        said={key: [held.consent for held in one.given] for key, one in told.items()},
        suppressions=noes,
        stops_of_texts=[*(stop.facts for stop in said if not stop.texts_again), *refused],
        stop_ids=frozenset(stop.id for stop in said),
        history=history,
        own_attempts=[a for a in theirs if a.enrollment_id == row.id],
        reassigned={key: reassigned.get(key, ()) for key in keys},
    )


def _people(tx: Connection, enrollment_ids: Sequence[int]) -> dict[int, Record]:
    return {row.id: row for row in tx.execute(PEOPLE, {"b_enrollments": enrollment_ids})}


def _points(tx: Connection, keyring: Keyring, contact_ids: Sequence[int]) -> Mapping[int, list[Number]]:
    found: dict[int, list[Number]] = defaultdict(list)
    for row in tx.execute(POINTS, {"b_contacts": contact_ids}):
        number = Number(
            key=bytes(row.number_key),
            number=keyring.open(row.number_sealed, NUMBER),
            country=row.country,
            position=row.position,
            line_type=row.line_type or "unknown",
            dead=row.dead_at is not None,
            recorded_at=row.created_at,
        )
        found[row.contact_id].append(number)
    return found


def _suppressions(
    tx: Connection, sellers: Sequence[str], keys: Sequence[bytes]
) -> Mapping[tuple[str, bytes], list[Stop]]:
    found: dict[tuple[str, bytes], list[Stop]] = defaultdict(list)
    for row in tx.execute(SUPPRESSIONS, {"b_sellers": sellers, "b_keys": keys}):
        stop = Stop(row.id, facts_of(row), texts_again=row.texts_again_at is not None)
        found[row.seller_id, bytes(row.number_key)].append(stop)
    return found


def _past(tx: Connection, rows: Sequence[Record], keys: Sequence[bytes], since: datetime) -> Sequence[Record]:
    """Everybody's attempts since then, and what an enrollment tried before: no law asks, and its own caps do."""
    asked = {"b_contacts": [row.contact_id for row in rows], "b_keys": keys, "b_since": since}
    past = tx.execute(PAST, asked).all()
    seen = Counter(attempt.enrollment_id for attempt in past)
    longer = [row.id for row in rows if (row.last_ordinal or 0) > seen[row.id]]
    older = tx.execute(OLDER, {"b_enrollments": longer, "b_since": since}).all() if longer else ()
    return [*older, *past]


def _past_contact(row: Record) -> PastContact:
    """A call that was taken back after it rang is one that nobody answered; one that left a message is a recording."""
    return PastContact(
        at=row.planned_at,
        channel=Channel(row.channel),
        mode=Mode.PRERECORDED if row.message_at is not None else Mode(row.mode) if row.mode else None,
        outcome=PAST_OUTCOME.get(Outcome(row.outcome), PastOutcome.NO_ANSWER) if row.outcome else None,
        purpose=Purpose(row.purpose),
        subject=row.subject,
        campaign=str(row.campaign_id),
        amd=row.answered_by == "machine",
    )


def _inbound(
    tx: Connection, sellers: Sequence[str], keys: Sequence[bytes], since: datetime
) -> Mapping[tuple[str, bytes], list[PastContact]]:
    found: dict[tuple[str, bytes], list[PastContact]] = defaultdict(list)
    for row in tx.execute(INBOUND, {"b_sellers": sellers, "b_keys": keys, "b_since": since}):
        spoke = row.channel == Channel.VOICE and row.agent_id is not None
        outcome = PastOutcome.CONVERSATION if spoke else PastOutcome.RECEIVED
        entry = PastContact(at=row.at, channel=Channel(row.channel), direction=Direction.INBOUND, outcome=outcome)
        found[row.seller_id, bytes(row.number_key)].append(entry)
    return found
