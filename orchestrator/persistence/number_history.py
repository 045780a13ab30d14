"""Which rows speak of one number, for one seller, in a span of time: their keys alone."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from orchestrator.persistence.by_number import of_any_seller
from orchestrator.persistence.tables.attempts import attempts, cancellations
from orchestrator.persistence.tables.campaigns import campaigns, decisions, halts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import answers
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.desk import dispositions
from orchestrator.persistence.tables.law import emergencies, rulebook_acceptances
from orchestrator.persistence.tables.lists import imports, list_rows, registry_snapshots, scrubs
from orchestrator.persistence.tables.pacing import detection_tests
from orchestrator.persistence.tables.people import consents, contact_points, contacts, sellers, suppressions
from orchestrator.persistence.tables.proof import access_numbers, accesses
from orchestrator.persistence.tables.rights import holds, rights_numbers, rights_requests
from orchestrator.persistence.tables.seals import rejudgements


def sellers_who_know(tx: Connection, number_key: bytes) -> list[str]:
    """Every seller who holds the number, tried it, heard from it, or was asked about it."""
    tables = (contact_points, attempts, consents, suppressions, inbound_contacts, holds)
    queries = [select(t.c.seller_id).where(of_any_seller(t, [number_key])).distinct() for t in tables]
    asked = select(rights_numbers.c.request_id).where(rights_numbers.c.number_key == number_key)
    queries.append(select(rights_requests.c.seller_id).where(rights_requests.c.id.in_(asked)).distinct())
    return sorted({seller for query in queries for seller in tx.execute(query).scalars()})


def holders(tx: Connection, seller_id: str, number_key: bytes) -> Sequence[Record]:
    """The seller's people who have the number."""
    theirs = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == seller_id, contact_points.c.number_key == number_key
    )
    return tx.execute(select(contacts).where(contacts.c.id.in_(theirs)).order_by(contacts.c.id)).all()


class History:
    """One number's rows of one seller from ``begins`` to ``ends``; wishes are told whenever they were said."""

    def __init__(self, tx: Connection, seller_id: str, number_key: bytes, begins: datetime, ends: datetime) -> None:
        self._tx, self._seller, self._key, self._begins, self._ends = tx, seller_id, number_key, begins, ends

    def attempts(self) -> Sequence[Record]:
        """Every attempt at the number."""
        here = (attempts.c.seller_id == self._seller, attempts.c.number_key == self._key)
        taken_back = cancellations.c.reason.label("cancelled_for"), cancellations.c.filed_at.label("cancelled_at")
        query = (
            select(attempts, campaigns.c.name.label("campaign_name"), *taken_back, answers.c.written_by)
            .outerjoin(campaigns, campaigns.c.id == attempts.c.campaign_id)
            .outerjoin(cancellations, cancellations.c.attempt_id == attempts.c.id)
            .outerjoin(answers, answers.c.id == attempts.c.id)
            .where(*here, *self._within(attempts.c.planned_at))
        )
        return self._tx.execute(query.order_by(attempts.c.planned_at, attempts.c.id)).all()

    def decisions(self) -> Sequence[Record]:
        """Every question to the gate about it."""
        here = (decisions.c.seller_id == self._seller, decisions.c.number_key == self._key)
        query = (
            select(decisions, campaigns.c.name.label("campaign_name"))
            .outerjoin(campaigns, campaigns.c.id == decisions.c.campaign_id)
            .where(*here, *self._within(decisions.c.decided_at))
        )
        return self._tx.execute(query.order_by(decisions.c.decided_at, decisions.c.id)).all()

    def consents(self) -> Sequence[Record]:
        """Every consent given or withdrawn."""
        here = (consents.c.seller_id == self._seller, consents.c.number_key == self._key)
        return self._tx.execute(select(consents).where(*here).order_by(consents.c.happened_at, consents.c.id)).all()

    def suppressions(self) -> Sequence[Record]:
        """Every no."""
        here = (suppressions.c.seller_id == self._seller, suppressions.c.number_key == self._key)
        return self._tx.execute(select(suppressions).where(*here).order_by(suppressions.c.id)).all()

    def inbound(self) -> Sequence[Record]:
        """What came from it."""
        here = (inbound_contacts.c.seller_id == self._seller, inbound_contacts.c.number_key == self._key)
        query = select(inbound_contacts).where(*here, *self._within(inbound_contacts.c.at))
        return self._tx.execute(query.order_by(inbound_contacts.c.at, inbound_contacts.c.id)).all()

    def accesses(self) -> Sequence[Record]:
        """Who read what is held about it."""
        theirs = select(access_numbers.c.access_id).where(access_numbers.c.number_key == self._key)
        return self._tx.execute(select(accesses).where(accesses.c.id.in_(theirs)).order_by(accesses.c.id)).all()

    def of_attempts(self, ids: Collection[object]) -> tuple[Sequence[Record], Sequence[Record], Sequence[Record]]:
        """What was said of these attempts, how they were judged later, and what of them was taken back."""
        said = select(dispositions).where(dispositions.c.attempt_id.in_(ids)).order_by(dispositions.c.id)
        judged = select(rejudgements).where(rejudgements.c.attempt_id.in_(ids)).order_by(rejudgements.c.id)
        taken = select(cancellations).where(cancellations.c.attempt_id.in_(ids))
        return self._tx.execute(said).all(), self._tx.execute(judged).all(), self._tx.execute(taken).all()

    def campaigns(self, ids: Collection[int]) -> Sequence[Record]:
        """The campaigns of these numbers."""
        return self._tx.execute(select(campaigns).where(campaigns.c.id.in_(ids)).order_by(campaigns.c.id)).all()

    def imports(self, contact_ids: Collection[int]) -> Sequence[Record]:
        """The imports that these people came with."""
        theirs = select(list_rows.c.import_id).where(list_rows.c.contact_id.in_(contact_ids))
        return self._tx.execute(select(imports).where(imports.c.id.in_(theirs)).order_by(imports.c.id)).all()

    def scrubs(self, campaign_ids: Collection[int], list_ids: Collection[int]) -> Sequence[Record]:
        """The scrubs of these campaigns and lists."""
        of = or_(scrubs.c.campaign_id.in_(campaign_ids), scrubs.c.list_id.in_(list_ids))
        query = select(scrubs).where(scrubs.c.seller_id == self._seller, of, scrubs.c.started_at <= self._ends)
        return self._tx.execute(query.order_by(scrubs.c.id)).all()

    def snapshots(self, digests: Collection[str]) -> Sequence[Record]:
        """The registry versions of these digests."""
        query = select(registry_snapshots).where(registry_snapshots.c.digest.in_(digests))
        return self._tx.execute(query.order_by(registry_snapshots.c.registry, registry_snapshots.c.digest)).all()

    def detection_tests(self) -> Sequence[Record]:
        """The seller's tests of the detection, up to the end."""
        query = select(detection_tests).where(
            detection_tests.c.seller_id == self._seller, detection_tests.c.recorded_at <= self._ends
        )
        return self._tx.execute(query.order_by(detection_tests.c.id)).all()

    def law(self) -> dict[str, Sequence[Record]]:
        """What was accepted, halted and declared until the end, as far as it still held in the span."""
        held = or_(halts.c.lifted_at.is_(None), halts.c.lifted_at >= self._begins)
        open_ = or_(emergencies.c.ended_at.is_(None), emergencies.c.ended_at >= self._begins)
        queries = {
            "rulebook_acceptances.accepted/1": select(rulebook_acceptances).where(
                rulebook_acceptances.c.accepted_at <= self._ends
            ),
            "halts.declared/1": select(halts).where(halts.c.since <= self._ends, held),
            "emergencies.declared/1": select(emergencies).where(emergencies.c.since <= self._ends, open_),
        }
        return {form: self._tx.execute(query).all() for form, query in queries.items()}

    def seller(self) -> Record:
        """The seller."""
        return self._tx.execute(select(sellers).where(sellers.c.id == self._seller)).one()

    def _within(self, column: ColumnElement[datetime]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return column >= self._begins, column < self._ends
