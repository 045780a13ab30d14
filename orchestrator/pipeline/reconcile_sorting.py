"""What each call and message of the carrier was, by our own books."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.domain.attempt import Stage
from orchestrator.domain.carrier import CarrierRecord
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.reconciling import ANSWERS_ONLY, AlarmKind, Sort
from orchestrator.persistence import carrier_books
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record

CHILDREN = frozenset({"outbound-dial"})
REPLIES = frozenset({"outbound-reply"})
SKEW = timedelta(seconds=60)  # between the carrier's clock and ours
LONGEST_POST = timedelta(minutes=10)  # from the plan to the carrier's own stamp
REPLY_WITHIN = timedelta(days=1)
IsAgents = Callable[[str], bool]  # whether a call of this name holds one of our agents


@dataclass(frozen=True, slots=True)
class Sorted:
    """A record, what it was, and the attempt that it seems to be where that does not bear its name."""

    record: CarrierRecord
    sort: Sort | AlarmKind
    attempt_id: UUID | None = None


@dataclass
class Books:
    """Our side of one day. An attempt that bears no name can stand behind one record only: it is used up."""

    store: Store
    addresses: frozenset[str]
    legs: frozenset[str]
    used: set[UUID] = field(default_factory=set)

    def sort(self, page: Sequence[CarrierRecord], is_agents: IsAgents) -> list[Sorted]:
        """Sort one page. ``is_agents`` asks the carrier: it is asked while no transaction is open."""
        sids = {record.sid for record in page} | {record.parent_sid for record in page if record.parent_sid}
        with self.store.read() as tx:
            named = carrier_books.attempts_named(tx, sids)
            ours = named | carrier_books.inbound_named(tx, sids)
        plain = {record.sid: self._plain(record, named, ours) for record in page}
        unknown = [record for record in page if plain[record.sid] is None]
        adopted = {one.sid for one in unknown if one.parent_sid is not None and is_agents(one.parent_sid)}
        rest = [record for record in unknown if record.sid not in adopted]
        found = self._by_number(rest)
        return [self._sorted(record, plain[record.sid], record.sid in adopted, found) for record in page]

    def _plain(self, record: CarrierRecord, named: frozenset[str], ours: frozenset[str]) -> Sort | None:
        """What its names say; None where they say nothing."""
        if record.sid in named:
            return Sort.ATTEMPT
        if record.direction in ANSWERS_ONLY:
            return Sort.INBOUND
        if record.sid in self.legs or record.to in self.addresses:
            return Sort.AGENT
        if record.direction in CHILDREN and record.parent_sid is not None and record.parent_sid in ours | self.legs:
            return Sort.CHILD
        return None

    def _sorted(self, record: CarrierRecord, plain: Sort | None, adopted: bool, found: dict[str, "Sorted"]) -> "Sorted":
        if plain is not None:
            return Sorted(record, plain)
        return Sorted(record, Sort.CHILD) if adopted else found[record.sid]

    def _by_number(self, records: Sequence[CarrierRecord]) -> dict[str, Sorted]:
        """What the numbers say of records whose names say nothing."""
        if not records:
            return {}
        keys = {record.sid: self.store.keyring.number_key(record.to) for record in records}
        with self.store.read() as tx:
            waiting = self._waiting(tx, records, set(keys.values()))
            writers = self._writers(tx, records, keys)
        return {one.sid: self._one(one, waiting[keys[one.sid]], keys[one.sid] in writers) for one in records}

    def _waiting(self, tx: Connection, records: Sequence[CarrierRecord], keys: set[bytes]) -> dict[bytes, list[Record]]:
        moments = [record.created_at for record in records if record.created_at is not None]
        waiting: dict[bytes, list[Record]] = defaultdict(list)
        if moments:
            since, until = min(moments) - LONGEST_POST, max(moments) + SKEW
            for row in carrier_books.unnamed_attempts(tx, keys, records[0].channel.value, since, until):
                waiting[bytes(row.number_key)].append(row)
        return waiting

    @staticmethod
    def _writers(tx: Connection, records: Sequence[CarrierRecord], keys: dict[str, bytes]) -> frozenset[bytes]:
        replies = [one for one in records if one.direction in REPLIES and one.created_at is not None]
        moments = [one.created_at for one in replies if one.created_at is not None]
        if not moments:
            return frozenset()
        return carrier_books.wrote_to_us(tx, {keys[one.sid] for one in replies}, min(moments) - REPLY_WITHIN)

    def _one(self, record: CarrierRecord, waiting: Sequence[Record], wrote_to_us: bool) -> Sorted:
        if record.direction in REPLIES and wrote_to_us:
            return Sorted(record, Sort.REPLY)
        for row in waiting:
            if row.id not in self.used and _may_be(row, record):
                self.used.add(row.id)
                sort = Sort.UNSETTLED if row.stage != Stage.ENDED else AlarmKind.UNRECORDED
                return Sorted(record, sort, row.id)
        return Sorted(record, AlarmKind.UNDECIDED)


def open_books(store: Store) -> Books:
    """The books as they are now."""
    with store.read() as tx:
        return Books(store, carrier_books.agents_addresses(tx, store.keyring), carrier_books.agents_legs(tx))


def _may_be(row: Record, record: CarrierRecord) -> bool:
    """Whether the attempt may be what the carrier shows: planned just before, and a call from the same number."""
    if record.created_at is None or record.direction in CHILDREN | REPLIES:
        return False
    if record.channel is Channel.VOICE and row.from_address != record.from_:
        return False
    return bool(row.planned_at - SKEW <= record.created_at <= row.planned_at + LONGEST_POST)
