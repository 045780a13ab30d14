"""Consents that end for their age: told ahead, and written down once they have ended.

The gate asks the rules and needs no entry; the ledger says so for whoever reads it later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.compliance.consent_term import Term, term_of
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.consent_event import ConsentEvent, ConsentState
from orchestrator.domain.consent_standing import ended_by
from orchestrator.domain.contact_request import ConsentChannel, Purpose
from orchestrator.persistence import consent_ledger, consents, sellers
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.consents.holding import contact_in, facts_of, holder_of

YOUNGEST_END = timedelta(days=59)  # no rule ends a consent sooner: the shortest term is 60 days
BY = "step:consents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A consent that stands and when it ends, by a rule or by its own words; ``number`` is in clear."""

    entry: Record
    number: str
    term: Term


def ending(store: Store, rulebook: Rulebook, now: datetime, by: datetime, seller_id: str | None) -> Iterator[Ending]:
    """The consents that stand now and will have ended by then, in the order in which they were recorded."""
    for found in _ended(store, rulebook, now, by):
        if found.term.ends_at > now and seller_id in {None, found.entry.seller_id}:
            yield found


def run_once(store: Store, rulebook: Rulebook, now: datetime) -> int:
    """Write down every consent that has ended for its age and of which the ledger does not say so yet."""
    written = 0
    chunk: list[Ending] = []
    for found in _ended(store, rulebook, now, now):
        chunk.append(found)
        if len(chunk) == store.bulk_rows:
            written += _write(store, chunk, now)
            chunk = []
    return written + _write(store, chunk, now)


def _write(store: Store, chunk: list[Ending], now: datetime) -> int:
    if not chunk:
        return 0
    with store.write() as tx:
        for found in chunk:
            row = found.entry
            consents.record(tx, store.keyring, _expired(found), now, number_key=bytes(row.number_key))
    store.rest()
    return len(chunk)


def _expired(found: Ending) -> ConsentEvent:
    row = found.entry
    return ConsentEvent(
        seller_id=row.seller_id,
        contact_id=row.contact_id,
        number="",
        event=ConsentState.EXPIRED,
        channel=ConsentChannel(row.channel),
        purpose=Purpose(row.purpose) if row.purpose else None,
        happened_at=found.term.ends_at,
        evidence={"rule": found.term.by, "citation": found.term.citation},
        recorded_by=BY,
        record_id=row.record_id,
    )


def _ended(store: Store, rulebook: Rulebook, now: datetime, by: datetime) -> Iterator[Ending]:
    """Consents that nobody has taken back, whose time is over by then."""
    after = 0
    while True:
        with store.read() as tx:
            rows = consent_ledger.may_end(tx, by, by - YOUNGEST_END, after, store.bulk_rows)
            found = _Page(tx, store.keyring, rulebook, rows, now).endings()
        yield from (one for one in found if one.term.ends_at <= by)
        if not rows:
            return
        after = rows[-1].id


class _Page:
    """Some consents with all that was said about their numbers, and who holds them."""

    def __init__(
        self, tx: Connection, keyring: Keyring, rulebook: Rulebook, rows: Sequence[Record], now: datetime
    ) -> None:
        self.keyring, self.rulebook, self.rows, self.now = keyring, rulebook, rows, now
        keys, owners = {bytes(row.number_key) for row in rows}, {row.seller_id for row in rows}
        self.said = consent_ledger.entries_about(tx, owners, keys)
        self.held_by = consent_ledger.holders(tx, owners, keys)
        self.sellers = {owner: sellers.on_record(tx, owner) for owner in owners}

    def endings(self) -> list[Ending]:
        """When each of them ends that does, and that nobody has taken back."""
        return [found for row in self.rows if (found := self._ending(row)) is not None]

    def _ending(self, row: Record) -> Ending | None:
        whose = row.seller_id, bytes(row.number_key)
        if ended_by(row, self.said[whose]) is not None:
            return None
        who = contact_in(self.keyring, self.held_by.get(whose))
        holder = holder_of(row, self.sellers[row.seller_id], who)
        term = term_of(self.rulebook, holder, facts_of(row, None), self.now)
        return None if term is None else Ending(entry=row, number=who.number, term=term)
