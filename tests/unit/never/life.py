"""A person with two numbers in a world of one seller, who may be called and texted about sales and about service."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Select, insert, select

from orchestrator.carrier.in_process import InProcessCarrier, Order
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import AgentCallOrder, CallOrder
from orchestrator.domain.contact_request import Channel, LineType, Purpose
from orchestrator.persistence import senders
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import answers
from orchestrator.persistence.tables.opting_in import opt_ins
from orchestrator.persistence.tables.people import contact_points, contacts, number_facts
from orchestrator.pipeline import control, settlement
from orchestrator.pipeline.unenrolled import NOBODY
from tests.integration.opt_ins.pages import a_page, open_page
from tests.unit.never.last_words import Kind, LastWords, kind_of
from tests.world import CALLER_ID, SENDER, World, numbers

MOBILE, LANDLINE = numbers(2, start=60)


@dataclass(frozen=True)
class Reach:
    """One order that the carrier was given: the numbers of whom it reaches, and what kind of contact it is."""

    numbers: list[str]
    kind: Kind
    asks: bool  # it is the question of an opt-in that they began: it sells nothing, and comes once


@dataclass
class Life:
    """The world, what was said, and where files are written."""

    world: World
    folder: Path
    words: LastWords = field(default_factory=LastWords)
    serials: Iterator[int] = field(default_factory=count)
    seen: int = 0

    def __post_init__(self) -> None:
        self.world.a_seller()
        self.world.an_agent("kim")
        lines = {MOBILE: LineType.MOBILE, LANDLINE: LineType.LANDLINE}
        rows = [{"number_key": self.key(n), "line_type": t, "line_type_at": self.world.now} for n, t in lines.items()]
        self.page = open_page(self.world.store, a_page(), self.world.now)
        with self.world.store.write() as tx:
            senders.register(tx, "acme", SENDER, None, self.world.now)
            senders.register(tx, "acme", CALLER_ID, None, self.world.now)
            tx.execute(insert(number_facts), rows)

    @property
    def carrier(self) -> InProcessCarrier:
        assert isinstance(self.world.carrier, InProcessCarrier)
        return self.world.carrier

    def key(self, number: str) -> bytes:
        return self.world.store.keyring.number_key(number)

    def holders(self, number: str) -> list[int]:
        """The contacts that have this number."""
        return self._ids(select(contact_points.c.contact_id).where(contact_points.c.number_key == self.key(number)))

    def person_of(self, number: str) -> list[str]:
        """All numbers of whoever has this one."""
        return sorted({number, *self._numbers_of(self.holders(number))})

    def everybody(self) -> list[int]:
        return self._ids(select(contacts.c.id).where(contacts.c.erased_at.is_(None)))

    def live(self) -> list[Record]:
        """What the carrier has and has not said the end of, newest last."""
        return [one for one in self.world.attempts() if one.stage != "ended" and one.sid]

    def campaigns(self) -> list[int]:
        """Those of this life that run."""
        running = select(campaigns.c.id).where(campaigns.c.state == CampaignState.RUNNING)
        return self._ids(running.order_by(campaigns.c.id))

    def seen_orders(self) -> int:
        """How many orders the carrier was given so far."""
        return len(self.carrier.orders)

    def settle_cancellations(self) -> None:
        """The worker takes back what was filed."""
        control.run_once(self.world.store, self.carrier, self.world.now)
        settlement.run_once(self.world.store, self.world.now)

    def still_on_their_way(self) -> list[Reach]:
        """What the carrier has not handed over: a call that is answered, or a text that is sent, cannot be unsaid."""
        waiting = [
            sid for sid, record in self.carrier.records.items() if record.status in {"queued", "accepted", "ringing"}
        ]
        return [
            self.reach(order) for sid in waiting if not isinstance(order := self.carrier.orders[sid], AgentCallOrder)
        ]

    def new_orders(self) -> list[Reach]:
        """Whom the carrier was asked to reach since it was asked last."""
        orders = list(self.carrier.orders.values())
        fresh, self.seen = orders[self.seen :], len(orders)
        return [self.reach(order) for order in fresh if not isinstance(order, AgentCallOrder)]

    def reach(self, order: Order) -> Reach:
        assert not isinstance(order, AgentCallOrder)
        channel = Channel.VOICE if isinstance(order, CallOrder) else Channel.SMS
        attempt = next((one for one in self.world.attempts() if one.id == order.reference), None)
        assert attempt is not None, "an order without an attempt"
        with self.world.store.read() as tx:
            by_staff = tx.execute(select(answers.c.id).where(answers.c.id == attempt.id)).first()
            if by_staff is not None:  # to whoever wrote
                return Reach(self.person_of(order.to), Kind(sells=False, channel=channel), asks=False)
            renews = select(opt_ins.c.id).where(opt_ins.c.attempt_id == attempt.id, opt_ins.c.source == "renewal")
            if tx.execute(renews).first() is not None:  # we ask, and nobody asked us: as an offer
                whose = sorted({order.to, *self._numbers_of([attempt.contact_id])})
                return Reach(whose, Kind(sells=True, channel=channel), asks=False)
            purpose = tx.execute(select(campaigns.c.purpose).where(campaigns.c.id == attempt.campaign_id)).scalar_one()
        whose = sorted({order.to, *self._numbers_of([attempt.contact_id])})
        return Reach(whose, kind_of(Purpose(purpose), channel), asks=attempt.enrollment_id == NOBODY)

    def _numbers_of(self, contact_ids: list[int]) -> list[str]:
        with self.world.store.read() as tx:
            held = select(contact_points.c.number_key).where(contact_points.c.contact_id.in_(contact_ids))
            keys = {bytes(key) for key in tx.execute(held).scalars()}
        return [number for number in (MOBILE, LANDLINE) if self.key(number) in keys]

    def _ids(self, query: Select[Any]) -> list[int]:
        with self.world.store.read() as tx:
            return list(tx.execute(query).scalars())
