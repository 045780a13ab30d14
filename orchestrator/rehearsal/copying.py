"""What a rehearsal takes along: whoever is due in the campaign, with what the gate asks about them, and nothing more.

Read in one transaction, and nothing is written. Names and addresses stay behind; numbers are sealed under the
rehearsal's own keys, and every row is joined on the number keys that these make.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, or_, select
from sqlalchemy.dialects import sqlite

from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns, enrollments, halts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.documents import documents, list_provenance
from orchestrator.persistence.tables.law import emergencies
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.people import (
    consents,
    contact_points,
    contacts,
    number_facts,
    reassigned_answers,
    sellers,
    senders,
    suppressions,
)
from orchestrator.persistence.tables.texting import sender_rests, text_brands, text_senders
from orchestrator.rehearsal.masking import masked
from orchestrator.rehearsal.memory import MemoryStore

PAGE = 400  # people; a database binds a few thousand values at most, and each person has several numbers


@dataclass(frozen=True, kw_only=True)
class Copying:
    """From where to where, for which campaign, opened at ``start``; history reaches back to ``since``."""

    live: Store
    memory: MemoryStore
    campaign: Campaign
    start: datetime
    since: datetime
    _keys: dict[bytes, bytes] = field(default_factory=dict)  # of a live number key, ours

    def surroundings(self, tx: Connection, to: Connection) -> None:
        """The seller with its senders and campaigns, and what was declared by hand; only our campaign is open."""
        seller_id = self.campaign.seller_id
        self._put(to, sellers, tx.execute(select(sellers).where(sellers.c.id == seller_id)))
        self._put(to, senders, tx.execute(select(senders).where(senders.c.seller_id == seller_id)))
        of_seller = text_senders.c.address.in_(select(senders.c.address).where(senders.c.seller_id == seller_id))
        self._put(to, text_senders, tx.execute(select(text_senders).where(of_seller)))
        self._put(to, text_brands, tx.execute(select(text_brands).where(text_brands.c.seller_id == seller_id)))
        self._put(to, sender_rests, tx.execute(select(sender_rests)))
        for row in tx.execute(select(campaigns).where(campaigns.c.seller_id == seller_id)):
            state = CampaignState.RUNNING if row.id == self.campaign.id else CampaignState.ARCHIVED
            launched_at = row.launched_at or self.start
            to.execute(insert(campaigns).values({**row._mapping, "state": state, "launched_at": launched_at}))
        self._put(to, halts, tx.execute(select(halts)))
        self._lists(tx, to)
        self._put(to, emergencies, tx.execute(select(emergencies)))

    def people(self, tx: Connection, to: Connection, contact_ids: Sequence[int]) -> None:
        """These people with their numbers and all that was agreed, refused and tried."""
        rows = tx.execute(select(contacts).where(contacts.c.id.in_(contact_ids))).all()
        self._put(to, contacts, rows, lambda row: {"profile_sealed": self._profile(row), "external_key": None})
        own = select(lists.c.id).where(lists.c.seller_id == self.campaign.seller_id)
        on = select(list_rows).where(list_rows.c.list_id.in_(own), list_rows.c.contact_id.in_(contact_ids))
        self._put(to, list_rows, tx.execute(on), lambda _: {"reason": None})
        points = tx.execute(select(contact_points).where(contact_points.c.contact_id.in_(contact_ids))).all()
        self._put(to, contact_points, points, self._number)
        keys = [bytes(row.number_key) for row in points]
        self._facts_of_numbers(tx, to, keys)
        theirs = or_(attempts.c.contact_id.in_(contact_ids), attempts.c.number_key.in_(keys))
        self._past(tx, to, theirs)

    def _lists(self, tx: Connection, to: Connection) -> None:
        """The seller's lists with where they came from: people from bought ones want a contract and proof."""
        seller_id = self.campaign.seller_id
        theirs = select(lists.c.id).where(lists.c.seller_id == seller_id)
        self._put(to, lists, tx.execute(select(lists).where(lists.c.seller_id == seller_id)))
        brought = tx.execute(select(imports).where(imports.c.list_id.in_(theirs)))
        self._put(to, imports, brought, lambda _: {"reading": {}, "file_name": ""})
        self._put(to, list_provenance, tx.execute(select(list_provenance).where(list_provenance.c.list_id.in_(theirs))))
        papers = tx.execute(select(documents).where(documents.c.seller_id == seller_id))
        self._put(to, documents, papers, lambda _: {"content_sealed": None, "agent_id": None})

    def enrolled(self, tx: Connection, to: Connection, ids: Sequence[int]) -> None:
        """These enrollments, all due as they stand, and the people behind them."""
        rows = tx.execute(select(enrollments).where(enrollments.c.id.in_(ids))).all()
        self.people(tx, to, [row.contact_id for row in rows])
        free = {"stage": EnrollmentStage.DUE, "lease_holder": None, "lease_until": None}
        self._put(to, enrollments, rows, lambda _: free)

    def earlier_calls(self, tx: Connection, to: Connection) -> None:
        """The campaign's other attempts, which count in its budget of abandoned calls."""
        self._past(tx, to, attempts.c.campaign_id == self.campaign.id)

    def _facts_of_numbers(self, tx: Connection, to: Connection, keys: Sequence[bytes]) -> None:
        self._put(to, number_facts, _of(tx, number_facts, keys), self._rekeyed)
        self._put(to, consents, _of(tx, consents, keys), lambda row: {**self._rekeyed(row), **self._evidence(row)})
        self._put(to, suppressions, _of(tx, suppressions, keys), self._rekeyed)
        self._put(to, reassigned_answers, _of(tx, reassigned_answers, keys), self._rekeyed)
        unread = {"body_sealed": None, "sender": ""}
        self._put(to, inbound_contacts, _of(tx, inbound_contacts, keys), lambda row: {**self._rekeyed(row), **unread})

    def _past(self, tx: Connection, to: Connection, which: Any) -> None:
        """Attempts on record; one that is under way has ended by then, and nobody knows how."""
        query = select(attempts).where(
            which, attempts.c.seller_id == self.campaign.seller_id, attempts.c.planned_at >= self.since
        )
        self._put(to, attempts, tx.execute(query), self._attempt)

    def _attempt(self, row: Record) -> Mapping[str, Any]:
        kept = {"to_sealed": b"", "body_sealed": None, "sid": None, "rescue_at": None, "followed_up": True}
        unknown = {"stage": Stage.ENDED, "outcome": Outcome.LOST, "ended_at": self.start, "lease_until": None}
        return {**self._rekeyed(row), **kept, **({} if row.stage == Stage.ENDED else unknown)}

    def _number(self, row: Record) -> Mapping[str, Any]:
        number = self.live.keyring.open(row.number_sealed, NUMBER)
        keyring = self.memory.keyring
        self._keys[bytes(row.number_key)] = keyring.number_key(number)
        return {**self._rekeyed(row), "number_sealed": keyring.seal(number, NUMBER)}

    def _profile(self, row: Record) -> bytes:
        known = self.live.keyring.open_json(row.profile_sealed, PROFILE)
        return self.memory.keyring.seal_json(masked(known, self.campaign.plan), PROFILE)

    def _evidence(self, row: Record) -> Mapping[str, Any]:
        """That there is evidence counts; what it says does not."""
        there = None if row.evidence_sealed is None else self.memory.keyring.seal("", "consents.evidence")
        return {"contact_id": None, "evidence_sealed": there}

    def _rekeyed(self, row: Record) -> Mapping[str, Any]:
        live_key = bytes(row.number_key)
        if live_key not in self._keys:  # a number that nobody in the copy has
            self._keys[live_key] = self.memory.keyring.number_key(live_key.hex())
        return {"number_key": self._keys[live_key]}

    def _put(self, to: Connection, table: Table, rows: Any, change: Any = None) -> None:
        """Insert what is not there yet: two people may share a number, and an attempt."""
        values = [{**row._mapping, **(change(row) if change else {})} for row in rows]
        if values:
            to.execute(sqlite.insert(table).on_conflict_do_nothing(), values)


def _of(tx: Connection, table: Table, keys: Sequence[bytes]) -> Sequence[Record]:
    return tx.execute(select(table).where(table.c.number_key.in_(keys))).all()


def pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Some at a time."""
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
