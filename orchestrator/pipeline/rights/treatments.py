"""What an erasure does to each table, a batch of rows at a time; each batch is noted as removed by right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select, tuple_, update

from orchestrator.persistence import carrier_erasures, holds, reconciliations, removals
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.inbox import EVENT
from orchestrator.persistence.removals import Cause, How
from orchestrator.persistence.tables.account import carrier_alarms
from orchestrator.persistence.tables.attempts import attempts, inbound_contacts, inbox, offers
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.desk import callbacks, dispositions, transfers
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.people import contact_points, number_facts, reassigned_answers, suppressions
from orchestrator.persistence.tables.rights import carrier_erasures as carrier_erasures_table
from orchestrator.persistence.tables.rights import holds as holds_table
from orchestrator.pipeline.deciding import FACTS
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.rights import minimal

NOBODY = ""
OWN_WORDS = ("reply", "keypress", "keypress in an inbound call", "import", "console")  # a source that names nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """Whose rows go: contact ids, and the keys of numbers that nobody else of the seller has."""

    request_id: int
    seller_id: str
    contact_ids: tuple[int, ...]
    own_keys: frozenset[bytes]
    keyring: Keyring = field(repr=False)
    now: datetime

    @property
    def reason(self) -> str:
        """What the note of removal says."""
        return f"request {self.request_id}"


Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """One table: which rows are theirs, whether they go or what is written instead, and what follows from a batch.

    ``blank`` None deletes. ``fits`` looks into a row where SQL cannot, since what it is found by is sealed.
    """

    table: Table
    theirs: Callable[[Erased], ColumnElement[bool]]
    blank: Callable[[Erased, Record], Values] | None = None
    fits: Callable[[Erased, Record], bool] | None = None
    follows: Callable[[Connection, Erased, Sequence[Record]], None] | None = None

    def batch(self, tx: Connection, who: Erased, after: tuple[Any, ...] | None, limit: int) -> tuple[Any, ...] | None:
        """Treat the next rows behind ``after``; the key of the last one looked at, None where there was none."""
        key = tuple(self.table.primary_key.columns)
        query = select(self.table).where(self.theirs(who)).order_by(*key).limit(limit)
        if after is not None:
            query = query.where(tuple_(*key) > tuple_(*after) if len(key) > 1 else key[0] > after[0])
        looked_at = tx.execute(query).all()
        rows = [row for row in looked_at if self.fits is None or self.fits(who, row)]
        if rows:
            self._treat(tx, who, rows)
        return self._key_of(looked_at[-1]) if looked_at else None

    def _key_of(self, row: Record) -> tuple[Any, ...]:
        return tuple(row._mapping[column.name] for column in self.table.primary_key.columns)

    def _treat(self, tx: Connection, who: Erased, rows: Sequence[Record]) -> None:
        ids = [":".join(_plain(part) for part in self._key_of(row)) for row in rows]
        how = How.DELETED if self.blank is None else How.BLANKED
        removals.note(
            tx,
            relation=self.table,
            rows=ids,
            how=how,
            cause=Cause.ERASURE,
            reason=who.reason,
            at=who.now,
            seller_id=who.seller_id,
        )
        if self.follows is not None:
            self.follows(tx, who, rows)
        for row in rows:
            here = self._is(row)
            change = delete(self.table) if self.blank is None else update(self.table).values(self.blank(who, row))
            tx.execute(change.where(here))

    def _is(self, row: Record) -> ColumnElement[bool]:
        return and_(*(column == row._mapping[column.name] for column in self.table.primary_key.columns))


def _plain(part: object) -> str:
    return part.hex() if isinstance(part, bytes) else str(part)


def _attempts_of(who: Erased) -> ColumnElement[bool]:
    """To them, or to a number that is theirs alone."""
    to_number = and_(attempts.c.seller_id == who.seller_id, attempts.c.number_key.in_(who.own_keys))
    return or_(attempts.c.contact_id.in_(who.contact_ids), to_number)


def _in_their_attempts(column: ColumnElement[Any]) -> Callable[[Erased], ColumnElement[bool]]:
    return lambda who: column.in_(select(attempts.c.id).where(_attempts_of(who)))


def _in_their_enrollments(column: ColumnElement[Any]) -> Callable[[Erased], ColumnElement[bool]]:
    return lambda who: column.in_(select(enrollments.c.id).where(enrollments.c.contact_id.in_(who.contact_ids)))


def _theirs_alone(table: Table) -> Callable[[Erased], ColumnElement[bool]]:
    """Of this seller, under a number that nobody else of the seller has."""
    return lambda who: and_(table.c.seller_id == who.seller_id, table.c.number_key.in_(who.own_keys))


def _held_by_nobody(table: Table) -> Callable[[Erased], ColumnElement[bool]]:
    """Under a number that no contact of any seller has."""
    held = select(contact_points.c.id).where(contact_points.c.number_key == table.c.number_key)
    return lambda who: and_(table.c.number_key.in_(who.own_keys), ~held.exists())


def _blank_attempt(who: Erased, _: Record) -> Values:
    empty = who.keyring.seal(NOBODY, TO)
    return {"to_sealed": empty, "body_sealed": None, "erased_at": who.now, "rescue_at": None, "lease_until": None}


def _attempts_at_carrier(tx: Connection, who: Erased, rows: Sequence[Record]) -> None:
    asked = [{"channel": row.channel, "attempt_id": row.id, "sid": row.sid} for row in rows]
    carrier_erasures.file(tx, asked, seller_id=who.seller_id, request_id=who.request_id, now=who.now)


def _inbound_at_carrier(tx: Connection, who: Erased, rows: Sequence[Record]) -> None:
    asked = [{"channel": row.channel, "attempt_id": None, "sid": row.sid} for row in rows]
    carrier_erasures.file(tx, asked, seller_id=who.seller_id, request_id=who.request_id, now=who.now)


_HAS_BODY = inbound_contacts.c.body_sealed.is_not(None)
_NOT_FILED = inbound_contacts.c.sid.not_in(
    select(carrier_erasures_table.c.sid).where(carrier_erasures_table.c.sid.is_not(None))
)


def _is_from_them(who: Erased, row: Record) -> bool:
    """Whether a delivery without an attempt came from one of their numbers."""
    event = who.keyring.open_json(row.event_sealed, EVENT)
    return who.keyring.number_key(str(event.get("from_", NOBODY))) in who.own_keys


def _rings_them(who: Erased, row: Record) -> bool:
    ends = who.keyring.open_json(row.ends_sealed, reconciliations.ENDS)
    if row.attempt_id is not None:
        return any(ends.values())
    return any(end and who.keyring.number_key(end) in who.own_keys for end in (ends.get("to"), ends.get("from")))


def _blank_alarm(who: Erased, _: Record) -> Values:
    empty = {"to": NOBODY, "from": NOBODY}
    return {"ends_sealed": who.keyring.seal_json(empty, reconciliations.ENDS), "note": None}


def _names_nobody(source: str) -> bool:
    return source in OWN_WORDS or source.startswith(("request ", "carrier error "))


TREATMENTS: tuple[Treatment, ...] = (
    Treatment(
        table=list_rows,
        theirs=lambda who: list_rows.c.contact_id.in_(who.contact_ids),
        blank=lambda *_: {"contact_id": None, "reason": None},
    ),
    Treatment(table=callbacks, theirs=_in_their_enrollments(callbacks.c.enrollment_id)),
    Treatment(
        table=offers, theirs=_in_their_enrollments(offers.c.enrollment_id), blank=lambda *_: {"number_key": None}
    ),
    Treatment(
        table=dispositions,
        theirs=lambda who: and_(
            dispositions.c.note_sealed.is_not(None),
            _in_their_attempts(dispositions.c.attempt_id)(who),
        ),
        blank=lambda *_: {"note_sealed": None},
    ),
    Treatment(
        table=transfers,
        theirs=lambda who: and_(transfers.c.to_sealed.is_not(None), _in_their_attempts(transfers.c.attempt_id)(who)),
        blank=lambda *_: {"to_sealed": None},
    ),
    Treatment(
        table=decisions,
        theirs=lambda who: decisions.c.contact_id.in_(who.contact_ids),
        fits=lambda who, row: minimal.names_somebody(who.keyring, row.facts_sealed, FACTS),
        blank=lambda who, row: {"facts_sealed": minimal.facts(who.keyring, row.facts_sealed)},
    ),
    Treatment(table=inbox, theirs=_in_their_attempts(inbox.c.attempt_id)),
    Treatment(table=inbox, theirs=lambda _: inbox.c.attempt_id.is_(None), fits=_is_from_them),
    Treatment(
        table=inbound_contacts,
        theirs=lambda who: and_(_theirs_alone(inbound_contacts)(who), or_(_HAS_BODY, _NOT_FILED)),
        blank=lambda *_: {"body_sealed": None},
        follows=_inbound_at_carrier,
    ),
    Treatment(
        table=carrier_alarms,
        theirs=lambda who: or_(
            carrier_alarms.c.attempt_id.is_(None), _in_their_attempts(carrier_alarms.c.attempt_id)(who)
        ),
        blank=_blank_alarm,
        fits=_rings_them,
    ),
    Treatment(
        table=suppressions,
        theirs=_theirs_alone(suppressions),
        fits=lambda _, row: not _names_nobody(row.source),
        blank=lambda *_: {"source": "words removed by an erasure"},
    ),
    Treatment(
        table=holds_table,
        theirs=_theirs_alone(holds_table),
        blank=lambda who, _: {"reason_sealed": who.keyring.seal(NOBODY, holds.REASON)},
    ),
    Treatment(table=number_facts, theirs=_held_by_nobody(number_facts)),
    Treatment(table=reassigned_answers, theirs=_held_by_nobody(reassigned_answers)),
    # Last, since the tables above are found through it.
    Treatment(
        table=attempts,
        theirs=lambda who: and_(attempts.c.erased_at.is_(None), _attempts_of(who)),
        blank=_blank_attempt,
        follows=_attempts_at_carrier,
    ),
)
