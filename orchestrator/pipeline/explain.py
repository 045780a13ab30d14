"""Everything that was decided and done about one person, in order, for a lawyer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.compliance.answer_form import moment_form
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import ContactFacts
from orchestrator.domain.errors import UserError
from orchestrator.persistence import campaigns, evidence_queries, sellers
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import explain_desk
from orchestrator.pipeline import explain_form as form
from orchestrator.pipeline import explain_words as words
from orchestrator.pipeline.explain_recompute import Recomputed, Recomputer
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.reception.receiving import BODY

UNKNOWN_NUMBER = "a number that was erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that happened: a sentence, what stands below it, and the same as plain JSON."""

    at: datetime
    kind: str  # decision | attempt | consent | suppression | inbound | disposition | callback | transfer
    sentence: str
    details: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One person's story. ``zones`` are all that the person may be in; ``standing`` one sentence a campaign."""

    contact_id: int
    seller_id: str
    external_id: str | None
    numbers: tuple[str, ...]
    zones: tuple[str, ...]
    erased_at: datetime | None
    events: tuple[Told, ...]
    standing: tuple[str, ...]
    enrollments: tuple[Mapping[str, Any], ...]


def explain(
    store: Store,
    rulebook: Rulebook,
    named: str,
    now: datetime,
    campaign: str | None = None,
    seller_id: str | None = None,
) -> list[Explanation]:
    """The stories of everybody whom ``named`` (contact id, E.164 or external id) means; raises UserError for nobody."""
    with store.read() as tx:
        if seller_id is not None:
            sellers.on_record(tx, seller_id)
        found = campaigns.find(tx, campaign) if campaign is not None else None
        campaign_id = found.id if found is not None else None
        rows = evidence_queries.find_contacts(tx, store.keyring, named.strip(), seller_id)
        if not rows:
            whose = f" of seller '{seller_id}'" if seller_id else ""
            raise UserError(
                f"Nobody{whose} is on record under '{named}'; name a contact id, a number as in +12125550100, or the "
                "list's own id."
            )
        recomputer = Recomputer(store.keyring, rulebook)
        return [_Story(tx, store, rulebook, row, campaign_id, recomputer).tell(now) for row in rows]


class _Story:
    """What is on record about one person, being put in order."""

    def __init__(
        self,
        tx: Connection,
        store: Store,
        rulebook: Rulebook,
        contact: Record,
        campaign_id: int | None,
        recomputer: Recomputer,
    ) -> None:
        self.tx, self.keyring, self.contact, self.campaign_id = tx, store.keyring, contact, campaign_id
        self.recomputer = recomputer
        self.profile = {} if contact.erased_at else self.keyring.open_json(contact.profile_sealed, PROFILE)
        points = evidence_queries.points_of(tx, contact.id)
        self.numbers = {bytes(row.number_key): self.keyring.open(row.number_sealed, NUMBER) for row in points}
        self.zones = self._zones(rulebook)

    def tell(self, now: datetime) -> Explanation:
        """The whole story."""
        attempts = evidence_queries.attempts_of(
            self.tx, self.contact.id, self.contact.seller_id, self.numbers, self.campaign_id
        )
        for row in attempts:  # a number that they have no more is known from what was dialled
            self.numbers.setdefault(bytes(row.number_key), self.keyring.open(row.to_sealed, TO) or UNKNOWN_NUMBER)
        enrollments = evidence_queries.enrollments_of(self.tx, self.contact.id, self.campaign_id)
        events = [*self._decisions(), *map(self._attempt, attempts), *self._wishes(), *self._inbound()]
        events += self._desk([row.id for row in attempts])
        return Explanation(
            contact_id=self.contact.id,
            seller_id=self.contact.seller_id,
            external_id=self.profile.get("external_id"),
            numbers=tuple(self.numbers.values()),
            zones=self.zones,
            erased_at=self.contact.erased_at,
            events=tuple(sorted(events, key=lambda event: event.at)),
            standing=tuple(words.stands(row, self.zones, now) for row in enrollments),
            enrollments=tuple(map(form.enrollment_form, enrollments)),
        )

    def _zones(self, rulebook: Rulebook) -> tuple[str, ...]:
        contact = self.contact
        places = [
            rulebook.places.find(
                ContactFacts(
                    number=number,
                    country=contact.country,
                    region=contact.region,
                    postal_code=self.profile.get("postal_code"),
                    time_zone=contact.time_zone,
                )
            )
            for number in self.numbers.values()
        ]
        return tuple(sorted({name for place in places for name in place.zone_names}))

    def _number(self, key: bytes) -> str:
        return self.numbers.get(bytes(key), UNKNOWN_NUMBER)

    def _decisions(self) -> Iterator[Told]:
        for row in evidence_queries.decisions_of(self.tx, self.contact.id, self.campaign_id):
            again = self.recomputer.ask_again(self.tx, row)
            number = again.question.contact.number if again.question else self._number(row.number_key)
            zones = again.answer.time_zones if again.answer else self.zones
            yield Told(
                at=row.decided_at,
                kind="decision",
                sentence=words.decided(row, number, zones),
                details=tuple(_details(row, again)),
                facts=form.decision_form(row, again, number),
            )

    def _attempt(self, row: Record) -> Told:
        number = self._number(row.number_key)
        other = row.contact_id != self.contact.id
        details = (f"It was made to contact {row.contact_id}, who has the same number; it counts here too.",)
        return Told(
            at=row.planned_at,
            kind="attempt",
            sentence=words.attempted(row, number, self.zones),
            details=details if other else (),
            facts=form.attempt_form(row, number),
        )

    def _desk(self, attempt_ids: Sequence[UUID]) -> Iterator[Told]:
        for at, kind, sentence, facts in explain_desk.happened(self.tx, self.keyring, attempt_ids):
            yield Told(at=at, kind=kind, sentence=sentence, facts=facts)

    def _wishes(self) -> Iterator[Told]:
        seller_id = self.contact.seller_id
        for row in evidence_queries.consents_of(self.tx, seller_id, self.numbers):
            number = self._number(row.number_key)
            facts = {"number": number, "event": row.event, "channel": row.channel, "level": row.level}
            sentence = words.consented(row, number)
            yield Told(at=row.happened_at, kind="consent", sentence=sentence, facts=facts)
        for row in evidence_queries.suppressions_of(self.tx, seller_id, self.numbers):
            number = self._number(row.number_key)
            facts = {"number": number, "suppression": row.kind, "channel": row.channel, "scope": row.scope}
            sentence = words.stopped(row, number)
            yield Told(at=row.at, kind="suppression", sentence=sentence, facts={**facts, "event": "said"})
            if row.texts_again_at is not None:
                again = f"The person wrote START: texts may come again, calls may not, after: {sentence}"
                texts = {**facts, "event": "texts again"}
                yield Told(at=row.texts_again_at, kind="suppression", sentence=again, facts=texts)
            if row.lifted_at is not None:
                lifted = f"The person opted in again, which lifts: {sentence}"
                yield Told(at=row.lifted_at, kind="suppression", sentence=lifted, facts={**facts, "event": "lifted"})

    def _inbound(self) -> Iterator[Told]:
        for row in evidence_queries.inbound_of(self.tx, self.contact.seller_id, self.numbers):
            number = self._number(row.number_key)
            body = self.keyring.open(row.body_sealed, BODY) if row.body_sealed is not None else None
            facts = {"number": number, "channel": row.channel, "to": row.sender, "sid": row.sid}
            yield Told(at=row.at, kind="inbound", sentence=words.heard(row, number, body), facts=facts)


def _details(row: Record, again: Recomputed) -> list[str]:
    """The rules in their own words; where they cannot be asked again, or answer otherwise, what was stored."""
    stored = f"Written down then: {row.verdict} by {', '.join(row.rules) or 'no rule'}."
    notes = [again.note] if again.note else []
    if again.answer is None:
        return [*notes, stored]
    if again.agrees:
        return [*words.rules(again.answer), *notes]
    warning = f"ASKED AGAIN, THE GATE ANSWERS OTHERWISE ({again.answer.verdict.value}), which must not be."
    return [warning, stored, *words.rules(again.answer), *notes]


def explanation_form(story: Explanation) -> dict[str, Any]:
    """The story as plain JSON."""
    return {
        "contact_id": story.contact_id,
        "seller": story.seller_id,
        "external_id": story.external_id,
        "numbers": list(story.numbers),
        "time_zones": list(story.zones),
        "erased_at": moment_form(story.erased_at),
        "events": [event_form(event) for event in story.events],
        "standing": list(story.standing),
        "enrollments": [dict(row) for row in story.enrollments],
    }


def event_form(event: Told) -> dict[str, Any]:
    """One event as plain JSON."""
    head = {"at": moment_form(event.at), "kind": event.kind, "sentence": event.sentence}
    return {**head, "details": list(event.details), **event.facts}


def count_disagreements(stories: Sequence[Explanation]) -> int:
    """How many stored verdicts the gate would not give again; anything but none is a fault."""
    return sum(event.facts.get("agrees") is False for story in stories for event in story.events)
