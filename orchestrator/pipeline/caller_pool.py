"""The caller ids of a campaign at one moment: which may be shown, held so that no cap is passed, and counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from orchestrator.compliance.jurisdiction import PlaceFinder
from orchestrator.compliance.zone import midnight, zone
from orchestrator.domain.caller_id import CallerStanding
from orchestrator.domain.campaign import VoicePlan
from orchestrator.domain.carrier import CallOrder
from orchestrator.domain.contact_request import ContactFacts
from orchestrator.persistence import callers
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.planning import Planned
from orchestrator.strategies.caller_id import choose_caller_id
from orchestrator.strategies.state import CALLERS_REST, CALLERS_SPENT

LOOK_AGAIN = timedelta(hours=1)  # where no moment is known at which a number may be shown again


@dataclass(frozen=True, slots=True)
class Caller:
    """One number: its zone, how it stands, and what it may still place on that zone's day. None: as much as is due."""

    standing: CallerStanding
    where: ZoneInfo
    left: int | None

    def opens_at(self, now: datetime) -> datetime:
        """When it may be shown again, where it may not now."""
        rest = self.standing.rest
        if rest is not None:
            return rest.until or now + LOOK_AGAIN
        return midnight(now.astimezone(self.where).date() + timedelta(days=1), self.where)


@dataclass
class CallerPool:
    """The numbers of one campaign's batch. ``shown`` are those of this batch, which the caps count too."""

    voice: VoicePlan
    numbers: Mapping[str, Caller]
    places: PlaceFinder
    shown: Counter[str] = field(default_factory=Counter)

    def choose(self, to: str, contact_id: int) -> str | None:
        """The number for this call, counted from now on; None where all rest or have placed their share."""
        closed = {address for address, caller in self.numbers.items() if not self._may_show(address, caller)}
        chosen = choose_caller_id(self.voice, to, contact_id, resting=closed, region_of=self._region)
        if chosen is not None:
            self.shown[chosen] += 1
        return chosen

    @property
    def may_show_any(self) -> bool:
        """Whether a number is left that may be shown."""
        return any(self._may_show(address, caller) for address, caller in self.numbers.items())

    def opens(self, now: datetime) -> tuple[datetime, str]:
        """When the first number may be shown again, and what holds until then."""
        spent = any(caller.standing.rest is None for caller in self.numbers.values())
        first = min(caller.opens_at(now) for caller in self.numbers.values())
        return first, CALLERS_SPENT if spent else CALLERS_REST

    def _may_show(self, address: str, caller: Caller) -> bool:
        return caller.standing.rest is None and (caller.left is None or self.shown[address] < caller.left)

    def _region(self, number: str) -> str | None:
        """The one region that the number's area code belongs to."""
        regions = [place for place in self.places.find(ContactFacts(number=number)).jurisdictions if "-" in place]
        return regions[0] if len(regions) == 1 else None


class CallerDesk:
    """Opens the pool when the first call of a batch wants it, and counts what was planned at its end."""

    def __init__(self) -> None:
        self._pool: CallerPool | None = None
        self._days: dict[str, date] = {}

    def of(self, tx: Connection, engine: Engine, voice: VoicePlan, now: datetime) -> CallerPool:
        """The pool, whose days this transaction holds from here on."""
        if self._pool is None:
            self._pool = self._opened(tx, engine, voice, now)
        return self._pool

    def count(self, tx: Connection, planned: Iterable[Planned]) -> None:
        """Count the calls that were planned, by the number that they show."""
        shown = Counter(one.order.from_ for one in planned if isinstance(one.order, CallOrder))
        callers.count_placed(tx, {(address, self._days[address]): calls for address, calls in shown.items()})

    def _opened(self, tx: Connection, engine: Engine, voice: VoicePlan, now: datetime) -> CallerPool:
        zones = {address: zone_of(engine.rulebook.places, address) for address in voice.caller_ids}
        self._days = {address: now.astimezone(where).date() for address, where in zones.items()}
        placed = callers.hold_days(tx, self._days.items())
        standing = callers.standing(tx, voice.caller_ids, now)
        numbers = {
            address: Caller(standing[address], where, _left(standing[address], engine, placed[address, day]))
            for (address, where), day in zip(zones.items(), self._days.values(), strict=True)
        }
        return CallerPool(voice, numbers, engine.rulebook.places)


def _left(standing: CallerStanding, engine: Engine, placed: int) -> int | None:
    cap = standing.daily_cap or engine.callers.daily_cap
    return None if cap is None else cap - placed


def zone_of(places: PlaceFinder, address: str) -> ZoneInfo:
    """The zone by whose days a number's calls are counted: the first by name where its area code has several."""
    names = sorted(places.find(ContactFacts(number=address)).zone_names)
    return zone(names[0] if names else "UTC")
