"""An answer by hand as an order to the carrier: the person held, the gate asked, decision and attempt written first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from sqlalchemy import Connection, select

from orchestrator.clock import Clock
from orchestrator.compliance.gate import decide
from orchestrator.domain.campaign import Seller, SmsPlan
from orchestrator.domain.carrier import MessageOrder
from orchestrator.domain.contact_request import Channel, ContactRequest
from orchestrator.domain.decision import Answer, Verdict
from orchestrator.domain.errors import UserError
from orchestrator.domain.message_text import segments
from orchestrator.domain.sender import Sender
from orchestrator.persistence import answers, attempts, sellers, suppressions, threads
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points
from orchestrator.persistence.tables.people import contacts as contacts_table
from orchestrator.pipeline import conversation_campaign, halts, unenrolled
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.conversation_gate import question
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.planning import SHORTEST_VALIDITY_SECONDS, Planned
from orchestrator.pipeline.sender_pool import Held, SenderDesk, Sent
from orchestrator.pipeline.unenrolled import NOBODY, Addressee, Letter
from orchestrator.strategies.state import SENDER_RATE

NO_ANSWER = (
    "The person has said stop, so they get no answer: their own START opens texts again after a STOP by message, and "
    "nothing that they write opens what they said in another way."
)
VALID_FOR = timedelta(hours=1)  # a conversation's answer that comes later is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to answer. ``again``: they know that it was answered already."""

    thread_id: int
    text: str
    by: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The gate said no, or not now; that it was asked is on record."""

    because: str


def prepare(tx: Connection, engine: Engine, closings: Closings, draft: Draft, clock: Clock) -> Planned | Refused:
    """The answer with its attempt and decision written; raises UserError, and nothing is written, where none is due.

    Whoever answers in the same thread waits here, and then sees this answer.
    """
    thread = threads.require(tx, draft.thread_id)
    seller = sellers.require(tx, thread.seller_id)
    campaign_id = conversation_campaign.running(tx, engine, seller.id, clock.now())
    people = _hold_people(tx, thread)
    thread = threads.hold(tx, draft.thread_id)
    now = clock.now()  # before anything is read: a stop that is not seen here is never older than the plan
    _require_due(tx, thread, draft)
    to = _addressee(tx, engine, thread, seller, campaign_id, people)
    return _Desk(tx, engine, closings, thread, seller, to, draft, now).decide()


def _hold_people(tx: Connection, thread: Record) -> Sequence[int]:
    """Lock whoever has the number, as dispatch does; their ids."""
    theirs = select(contact_points.c.contact_id).where(
        contact_points.c.seller_id == thread.seller_id, contact_points.c.number_key == thread.number_key
    )
    people = select(contacts_table.c.id).where(contacts_table.c.id.in_(theirs)).order_by(contacts_table.c.id)
    return tx.execute(people.with_for_update()).scalars().all()


def _require_due(tx: Connection, thread: Record, draft: Draft) -> None:
    if not Sender.of(thread.sender).hears:
        raise UserError(f"{thread.sender} is a name, which nobody can be answered from.")
    before = answers.since(tx, thread.id, threads.last_word(thread))
    if before is not None and not draft.again:
        raise UserError(
            f"{before.written_by} has answered this already, at {before.written_at:%Y-%m-%d %H:%M:%S} UTC, so yours "
            f"was not sent. `orchestrator messages show {thread.id}` shows it; to send yours as well, add --again."
        )


def _addressee(
    tx: Connection, engine: Engine, thread: Record, seller: Seller, campaign_id: int, people: Sequence[int]
) -> Addressee:
    """Who wrote: one of several who have the number is nobody in particular, and what any of them said binds."""
    number = engine.store.keyring.open(thread.number_sealed, threads.NUMBER)
    if not number:
        raise UserError("Whoever wrote here was erased: there is no number left to answer to.")
    is_whole = number.startswith("+")
    country = phonenumbers.region_code_for_number(phonenumbers.parse(number)) if is_whole else None
    return Addressee(
        seller_id=seller.id,
        campaign_id=campaign_id,
        number=number,
        number_key=bytes(thread.number_key),
        person_keys=_keys(tx, thread, people),
        country=country if country and len(country) == 2 else seller.country,
        contact_id=people[0] if len(people) == 1 else NOBODY,
    )


def _keys(tx: Connection, thread: Record, people: Sequence[int]) -> tuple[bytes, ...]:
    found = tx.execute(select(contact_points.c.number_key).where(contact_points.c.contact_id.in_(people))).scalars()
    return tuple(sorted({bytes(thread.number_key), *map(bytes, found)}))


@dataclass(frozen=True, slots=True)
class _Desk:
    """One answer, being decided about."""

    tx: Connection
    engine: Engine
    closings: Closings
    thread: Record
    seller: Seller
    to: Addressee
    draft: Draft
    now: datetime

    def decide(self) -> Planned | Refused:
        """Ask the gate, and write what it said; with its leave the attempt too."""
        keys = self.to.person_keys
        stops = [stop for key in keys for stop in suppressions.standing(self.tx, self.seller.id, key)]
        asked = question(
            self.tx,
            self.seller,
            self.thread,
            self.to.number,
            campaign_id=self.to.campaign_id,
            person_keys=keys,
            stops=stops,
            text=self.draft.text,
            now=self.now,
        )
        if asked.suppressions:
            raise UserError(NO_ANSWER)
        by_hand = halts.in_force(self.tx, self.now)
        if by_hand.on_campaign(self.to.campaign_id, self.seller.id):
            raise UserError("Contact is halted by hand; `orchestrator halt` lifts it.")
        found = by_hand.apply(decide(asked, self.engine.rulebook), self.now)
        if found.verdict is not Verdict.ALLOW:
            unenrolled.note(self.tx, self.engine, self.to, asked, found, None, self.now)
            return Refused(_words(found))
        return self._plan(asked, found, frozenset(stop.id for stop in stops))

    def _plan(self, asked: ContactRequest, found: Answer, judged: frozenset[int]) -> Planned:
        until = min(self.closings.closes_at(asked, found), self.now + VALID_FOR)
        order = self._order(until)
        if not attempts.occupy(self.tx, self.to.number_key, Channel.SMS, order.reference, self.now):
            raise UserError(
                "Another message to this person is on its way, or nobody knows yet whether it was sent: write yours "
                "once that has ended. Nothing was sent."
            )
        letter, senders = self._letter(order, until, judged)
        planned = unenrolled.planned(self.to, letter)
        senders.count(self.tx, self.engine, [planned], self.now)
        decision_id = unenrolled.note(self.tx, self.engine, self.to, asked, found, order.reference, self.now)
        unenrolled.open_attempt(self.tx, self.engine, self.to, letter, decision_id, self.now)
        answers.keep(self.tx, order.reference, self.thread, self.draft.by, self.now)
        return planned

    def _order(self, until: datetime) -> MessageOrder:
        left = int((until - self.now).total_seconds())
        if left < SHORTEST_VALIDITY_SECONDS:
            raise UserError(f"The law's hours end at {until:%H:%M:%S} UTC, before it could arrive: nothing was sent.")
        return MessageOrder(
            reference=new_id(self.now),
            to=self.to.number,
            body=self.draft.text,
            validity_seconds=left,
            from_=self.thread.sender,
        )

    def _letter(self, order: MessageOrder, until: datetime, judged: frozenset[int]) -> tuple[Letter, SenderDesk]:
        """The slots of the one sender that the person wrote to."""
        desk, parts = SenderDesk(), segments(order.body)
        pool = desk.of(
            self.tx, self.engine, self.seller.id, SmsPlan(templates={}, senders=(self.thread.sender,)), self.now
        )
        chosen = pool.choose(self.to.number, self.to.number_key, parts, self.now)
        if not isinstance(chosen, Sent):
            raise UserError(_no_room(self.thread.sender, chosen))
        ordinal = len(answers.of_thread(self.tx, self.thread.id)) + 1
        letter = Letter(order=order, segments=parts, sender=chosen, until=until, judged=judged, ordinal=ordinal)
        return letter, desk


def _words(found: Answer) -> str:
    deciding = found.deciding
    assert deciding is not None, "a no that no rule said"  # noqa: S101 - the gate names its rule
    when = f" It may be sent from {found.next_allowed_at:%Y-%m-%d %H:%M} UTC." if found.next_allowed_at else ""
    said = "not now" if found.verdict is Verdict.HOLD else "no"
    return f"The law says {said}: {deciding.because} ({deciding.rule}){when}"


def _no_room(sender: str, held: object) -> str:
    if isinstance(held, Held) and held.held_by != SENDER_RATE:
        return f"{sender} sends nothing before {held.until:%Y-%m-%d %H:%M} UTC; `orchestrator senders list` says why."
    return f"{sender} is sending all that it can at this moment, and nothing was sent: write it again in a moment."
