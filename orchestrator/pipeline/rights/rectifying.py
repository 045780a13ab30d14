"""Wrong data are put right: what was there before is sealed in the log, and who received it is named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from sqlalchemy import Connection, insert, select, update

from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Asked, RequestState
from orchestrator.persistence import holds, removals
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.enrollment_cures import reopen_people
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, contacts
from orchestrator.persistence.tables.people import suppressions as suppressions_table
from orchestrator.pipeline.intake.places import language_named, region_named
from orchestrator.pipeline.reception.stops import Stop, take_back
from orchestrator.pipeline.rights import subjects
from orchestrator.pipeline.rights.requests import Case, require_identity, take_down
from orchestrator.pipeline.rights.subjects import Subject

CARRIED = "number rectified"
MEANING = ("kind", "channel", "scope", "campaign_id", "at")  # of a no
FORMS = {"language": "write it as in en, de or pt-BR", "region": "write it as in NY, of the person's own country"}
COLUMNS = ("region", "time_zone", "language", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is to stand there. ``profile`` by field, an empty text takes the field out; numbers in E.164."""

    profile: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    old_number: str | None = None
    new_number: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be changed."""
        return not (self.profile or self.columns or self.old_number)


@dataclass(frozen=True, slots=True)
class Rectified:
    """The answered request, what was changed, and who has to be told by hand (GDPR art. 19)."""

    request: Record
    changed: tuple[str, ...]
    tell: tuple[str, ...]


def rectify(
    store: Store, law: RightsLaw, asked: Asked, correction: Correction, seller_id: str, now: datetime
) -> Rectified:
    """Change what was wrong; raises UserError for what cannot be, or while it is not known who asks.

    Whoever is stopped under the old number is stopped under the new one: they are the same person. A stop that comes
    while the number is changed is looked for afterwards, as every send looks for one.
    """
    _refuse_nonsense(correction)
    with store.write() as tx:
        case = Case(tx, store.keyring, law, asked.by, now)
        subject = subjects.require_one(subjects.find(tx, store.keyring, asked.named, seller_id))
        if not subject.people:
            raise UserError(f"Seller '{seller_id}' has nobody under that number, so there is nothing to rectify.")
        correction = _as_kept(correction, subject.people[0].country)
        row = take_down(case, subject, asked)
    require_identity(row)
    with store.write() as tx:
        case = Case(tx, store.keyring, law, asked.by, now)
        before = _change(case, subject, correction, row)
        tell = tuple(one.name for one in law.recipients if one.told == "by-hand")
        case.log(row.id, "rectified", {"before": before})
        case.log(row.id, "recipients to tell", list(tell))
        changed = tuple(sorted(before))
        stored.end(tx, row.id, RequestState.DONE, now, {"changed": list(changed), "tell": list(tell)})
        done = stored.fetch(tx, row.id)
    _carry_over_late(store, correction, seller_id, now)
    reopen_people(store, list(subject.contact_ids), now)  # a wrong place or number may have been what blocked them
    return Rectified(done, changed, tell)


def _refuse_nonsense(correction: Correction) -> None:
    if correction.is_empty:
        raise UserError("Say what to rectify: --set last_name=…, --zone, --language, --region, --number and --to.")
    for name, text in correction.profile.items():
        refuse_cards(text, f"--set {name}")
    unknown = set(correction.columns) - set(COLUMNS)
    if unknown:
        raise UserError(f"{min(unknown)} is nothing that is kept of a person.")
    zone = correction.columns.get("time_zone")
    if zone and zone not in available_timezones():
        raise UserError(f"'{zone}' is no time zone; write it as in Europe/Berlin.")
    if (correction.old_number is None) != (correction.new_number is None):
        raise UserError("A number is rectified with both --number, the wrong one, and --to, the right one.")
    if correction.new_number is not None and not _is_number(correction.new_number):
        raise UserError("--to is no valid number; write it in E.164, as in +12125550100.")


def _as_kept(correction: Correction, country: str) -> Correction:
    """The same in the words and digits that an import would have kept, by which people and laws are found."""
    readers: dict[str, Callable[[str], str | None]] = {
        "language": language_named,
        "region": lambda text: region_named(text, country),
    }
    columns = dict(correction.columns)
    for name in sorted(readers.keys() & columns.keys()):
        columns[name] = _read(name, columns[name], readers[name])
    old, new = (text and subjects.e164(text) for text in (correction.old_number, correction.new_number))
    return replace(correction, columns=columns, old_number=old, new_number=new)


def _read(name: str, text: str, reader: Callable[[str], str | None]) -> str:
    found = reader(text) if text.strip() else ""
    if found is None:
        raise UserError(f"--{name}: '{text[:40]}' is no {name} that is kept here; {FORMS[name]}.")
    return found


def _is_number(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def _change(case: Case, subject: Subject, correction: Correction, row: Record) -> dict[str, Any]:
    """What was there before, by field."""
    person = _as_they_are(case, subject.people[0].id)
    before = _change_profile(case, person, correction)
    if correction.old_number is not None and correction.new_number is not None:
        before["number"] = _change_number(case, person, correction.old_number, correction.new_number, row)
    return before


def _as_they_are(case: Case, contact_id: int) -> Record:
    """The person as they stand now, held: what an import or an erasure did meanwhile is not undone."""
    held = select(contacts).where(contacts.c.id == contact_id, contacts.c.erased_at.is_(None)).with_for_update()
    person = case.tx.execute(held).one_or_none()
    if person is None:
        raise UserError(f"Contact {contact_id} was erased meanwhile; there is nothing left to rectify.")
    return person


def _change_profile(case: Case, person: Record, correction: Correction) -> dict[str, Any]:
    profile: dict[str, Any] = case.keyring.open_json(person.profile_sealed, PROFILE)
    before: dict[str, Any] = {name: profile.get(name) for name in correction.profile}
    before.update({name: getattr(person, name) for name in correction.columns})
    profile.update(correction.profile)
    kept = {name: text for name, text in profile.items() if text}
    values = {"profile_sealed": case.keyring.seal_json(kept, PROFILE), "updated_at": case.now}
    columns = {name: text or None for name, text in correction.columns.items()}
    case.tx.execute(update(contacts).where(contacts.c.id == person.id).values(**values, **columns))
    return before


def _change_number(case: Case, person: Record, old: str, new: str, row: Record) -> str:
    old_key, new_key = case.keyring.number_key(old), case.keyring.number_key(new)
    here = (contact_points.c.contact_id == person.id) & (contact_points.c.number_key == old_key)
    point = case.tx.execute(select(contact_points).where(here)).one_or_none()
    if point is None:
        raise UserError(f"Contact {person.id} has no such number; `orchestrator rights access` shows those there are.")
    if case.tx.execute(select(contact_points.c.id).where(
        contact_points.c.contact_id == person.id, contact_points.c.number_key == new_key
    )).first() is not None:  # fmt: skip
        raise UserError(f"Contact {person.id} has that number already.")
    _carry_over_stops(case.tx, person.seller_id, old_key, new_key)
    holds.carry_over(case.tx, case.keyring, person.seller_id, old_key, new_key, case.by, case.now)
    removals.note(
        case.tx,
        relation=contact_points,
        rows=[point.id],
        how=How.DELETED,
        cause=Cause.ERASURE,
        reason=f"request {row.id}",
        at=case.now,
        seller_id=person.seller_id,
    )
    case.tx.execute(contact_points.delete().where(contact_points.c.id == point.id))
    country = phonenumbers.region_code_for_number(phonenumbers.parse(new)) or point.country
    values = {
        "seller_id": person.seller_id,
        "contact_id": person.id,
        "number_key": new_key,
        "number_sealed": case.keyring.seal(new, NUMBER),
        "country": country,
        "position": point.position,
        "label": point.label,
        "created_at": case.now,
    }
    case.tx.execute(insert(contact_points).values(values))
    stored.add_numbers(case.tx, row.id, {new_key: False})
    return old


def _carry_over_late(store: Store, correction: Correction, seller_id: str, now: datetime) -> None:
    """A no that was stored under the old number while it was still theirs, and could not be seen then."""
    if correction.old_number is None or correction.new_number is None:
        return
    old_key, new_key = map(store.keyring.number_key, (correction.old_number, correction.new_number))
    with store.write() as tx:
        late = _carry_over_stops(tx, seller_id, old_key, new_key)
    if late:
        take_back(store, [Stop(seller_id=seller_id, number_key=new_key, kind=late[0], source=CARRIED)], now)


def _carry_over_stops(tx: Connection, seller_id: str, old_key: bytes, new_key: bytes) -> list[SuppressionKind]:
    """A no was said by the person, not by the number; consents are not carried: they named the old one.

    Those that the new number has already are left out; which kinds of no were carried. A restriction keeps its source,
    by which the request that asked for it lifts it.
    """
    here = {_meaning(no) for no in _standing(tx, seller_id, new_key)}
    carried = [no for no in _standing(tx, seller_id, old_key) if _meaning(no) not in here]
    for no in carried:
        source = no.source if no.kind == SuppressionKind.RESTRICTION else CARRIED
        values = {name: getattr(no, name) for name in MEANING}
        row = {"seller_id": seller_id, "number_key": new_key, "source": source, **values}
        tx.execute(insert(suppressions_table).values(row))
    return [SuppressionKind(no.kind) for no in carried]


def _standing(tx: Connection, seller_id: str, number_key: bytes) -> Sequence[Record]:
    here = suppressions_table.c.seller_id == seller_id, suppressions_table.c.number_key == number_key
    query = select(suppressions_table).where(*here, suppressions_table.c.lifted_at.is_(None))
    return tx.execute(query.order_by(suppressions_table.c.id)).all()


def _meaning(no: Record) -> tuple[Any, ...]:
    return tuple(getattr(no, name) for name in MEANING)
