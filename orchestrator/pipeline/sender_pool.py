"""The senders of a campaign's texts at one moment: whose person it is, what each may still send, and its slots."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.domain.campaign import SmsPlan
from orchestrator.domain.carrier import MessageOrder
from orchestrator.domain.contact_request import ContactFacts
from orchestrator.domain.text_sender import SenderType, TextSender, type_of
from orchestrator.persistence import send_slots, text_senders
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.planning import Planned
from orchestrator.strategies.nearness import nearest
from orchestrator.strategies.sender_choice import in_order
from orchestrator.strategies.state import SENDER_RATE, SENDERS_REST, SENDERS_SPENT

SLOT_BURST_SECONDS = 2.0  # of the world: a batch is what the slots let out in two seconds
LOOK_AGAIN = timedelta(hours=1)  # where no moment is known at which a sender may be used again


@dataclass(frozen=True, slots=True)
class Sent:
    """The sender of this text, whose slots are taken at so many segments a second."""

    address: str
    rate: float


@dataclass(frozen=True, slots=True)
class Held:
    """No text to this person before then."""

    until: datetime
    held_by: str


@dataclass(frozen=True, slots=True)
class Full:
    """No sender of the pool may send anything more at this moment."""


def slot_of(address: str) -> str:
    """The name of a sender's segments per second."""
    return f"segments:{address}"


def addresses_of(sms: SmsPlan) -> tuple[str, ...]:
    """What the campaign's texts are sent from."""
    return (sms.messaging_service,) if sms.messaging_service else sms.senders


def sender_day(address: str) -> str:
    """The key of a sender's day."""
    return f"sender:{address}"


def brand_day(sender: TextSender) -> str | None:
    """The key of the day of the sender's brand, None where it has none."""
    return f"brand:{sender.seller_id}/{sender.brand}" if sender.brand is not None else None


def rate_of(tx: Connection, engine: Engine, sender: TextSender, now: datetime) -> float:
    """Segments a second; of a messaging service of which no rate was set, the sum over those that are known in it."""
    inside = [] if sender.segments_per_second is not None else text_senders.members(tx, sender.address, now)
    every = [member for member in inside if member.rest is None] if inside else [sender]
    return sum(engine.senders.rate_of(one, engine.segments_per_second) for one in every)


@dataclass
class SenderPool:
    """The senders of one campaign's batch; ``left`` are segments of the day by key, less what this batch has taken."""

    tx: Connection
    engine: Engine
    seller_id: str
    senders: Mapping[str, TextSender]
    rates: Mapping[str, float]
    left: dict[str, int]
    full: set[str] = field(default_factory=set)  # whose slots this batch has found taken
    waiting: Counter[str] = field(default_factory=Counter)  # segments of those who were told to wait for a sender

    def choose(self, to: str, number_key: bytes, segments: int, now: datetime) -> Sent | Held | Full:
        """The sender that texted them last as long as it is in use, else the next with a slot, theirs from now on."""
        in_use = [address for address, sender in self.senders.items() if sender.rest is None]
        if not in_use:
            return self._resting(now)
        theirs = self._bonded(in_use, number_key)
        able = [address for address in in_use if self._may_send(address, segments)]
        if not able or (theirs is not None and theirs not in able):
            return Held(self.engine.senders.day.ends(now), SENDERS_SPENT)
        wanted = [theirs] if theirs else self._by_nearness_and_share(to, able, number_key)
        for address in wanted:
            if self._take(address, segments, now):
                self._bond(address, theirs, number_key, now)
                return Sent(address, self.rates[address])
        return Full() if self.full.issuperset(able) else self._wait(wanted[0], segments, now)

    def _bonded(self, in_use: Sequence[str], number_key: bytes) -> str | None:
        """A service remembers by itself."""
        if type_of(in_use[0]) is SenderType.SERVICE:
            return in_use[0]
        return text_senders.bonded(self.tx, self.seller_id, number_key, in_use)

    def _bond(self, address: str, theirs: str | None, number_key: bytes, now: datetime) -> None:
        if theirs is None:
            text_senders.bond(self.tx, self.seller_id, number_key, address, now)

    def _by_nearness_and_share(self, to: str, able: Sequence[str], number_key: bytes) -> list[str]:
        by_share = in_order({address: self.rates[address] for address in able}, number_key)
        return nearest(to, by_share, self._region) if len(by_share) > 1 else by_share

    def _region(self, number: str) -> str | None:
        """The one region that the number's area code belongs to; a short code or a name belongs to none."""
        if not number.startswith("+"):
            return None
        found = self.engine.rulebook.places.find(ContactFacts(number=number)).jurisdictions
        regions = [place for place in found if "-" in place]
        return regions[0] if len(regions) == 1 else None

    def _days(self, address: str) -> list[str]:
        keys = (sender_day(address), brand_day(self.senders[address]))
        return [key for key in keys if key is not None and key in self.left]

    def _may_send(self, address: str, segments: int) -> bool:
        return all(self.left[key] >= segments for key in self._days(address))

    def _take(self, address: str, segments: int, now: datetime) -> bool:
        if address in self.full:
            return False
        rate = self.rates[address] / segments
        if not send_slots.take(self.tx, slot_of(address), rate, SLOT_BURST_SECONDS, 1, now):
            self.full.add(address)
            return False
        for key in self._days(address):
            self.left[key] -= segments
        return True

    def _wait(self, address: str, segments: int, now: datetime) -> Held:
        """One after the other, so that those who wait for one sender are not all asked about again at once."""
        opens = send_slots.opens_at(self.tx, slot_of(address), SLOT_BURST_SECONDS, now)
        self.waiting[address] += segments
        return Held(opens + timedelta(seconds=self.waiting[address] / self.rates[address]), SENDER_RATE)

    def _resting(self, now: datetime) -> Held:
        ends = [sender.rest.until or now + LOOK_AGAIN for sender in self.senders.values() if sender.rest is not None]
        return Held(min(ends, default=now + LOOK_AGAIN), SENDERS_REST)


class SenderDesk:
    """Opens the pool when the first text of a batch wants it, and counts what was planned at its end."""

    def __init__(self) -> None:
        self._pool: SenderPool | None = None

    def of(self, tx: Connection, engine: Engine, seller_id: str, sms: SmsPlan, now: datetime) -> SenderPool:
        """The pool, whose days this transaction holds from here on."""
        if self._pool is None:
            self._pool = _opened(tx, engine, seller_id, sms, now)
        return self._pool

    def count(self, tx: Connection, engine: Engine, planned: Iterable[Planned], now: datetime) -> None:
        """Count the segments that were planned on the day of their sender, and of its brand."""
        if self._pool is None:
            return
        used: Counter[str] = Counter()
        for one in planned:
            if isinstance(one.order, MessageOrder):
                address = one.order.from_ or one.order.messaging_service or ""
                used.update(dict.fromkeys(_keys(self._pool.senders[address]), one.slots))
        text_senders.count_planned(tx, used, engine.senders.day.of(now))


def _keys(sender: TextSender) -> list[str]:
    brand = brand_day(sender)
    return [sender_day(sender.address), *([brand] if brand else [])]


def _opened(tx: Connection, engine: Engine, seller_id: str, sms: SmsPlan, now: datetime) -> SenderPool:
    senders = text_senders.standing(tx, addresses_of(sms), now)
    planned = text_senders.hold_days(
        tx, {key for sender in senders.values() for key in _keys(sender)}, engine.senders.day.of(now)
    )
    caps = {sender_day(one.address): one.daily_segments for one in senders.values()}
    of_brand = text_senders.brand_caps(tx, seller_id)
    caps |= {str(brand_day(one)): of_brand[one.brand] for one in senders.values() if one.brand in of_brand}
    return SenderPool(
        tx=tx,
        engine=engine,
        seller_id=seller_id,
        senders=senders,
        rates={address: rate_of(tx, engine, sender, now) for address, sender in senders.items()},
        left={key: cap - planned[key] for key, cap in caps.items() if cap is not None},
    )


def capacity(tx: Connection, engine: Engine, sms: SmsPlan, now: datetime) -> float:
    """Segments a second over all senders of the pool that are in use."""
    senders = text_senders.standing(tx, addresses_of(sms), now).values()
    return sum(rate_of(tx, engine, sender, now) for sender in senders if sender.rest is None)
