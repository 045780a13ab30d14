"""Which rows of a holding are over by a moment, in SQL: asked by the preview, by the run, and again before rows go."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from orchestrator.compliance.retention_law import RetentionLaw, RetentionRule, Terms
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.retention.holding import HELD, Holding
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.rights import holds

GOES = ""  # what keeps a row that nothing keeps
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Due:
    """One holding under the law as it stood at ``now``; ``seller_id`` looks at that seller's rows alone."""

    holding: Holding
    law: RetentionLaw
    now: datetime
    seller_id: str | None = None
    known: dict[str | None, Terms] = field(default_factory=dict, repr=False, compare=False)  # asked for each row

    def rule_of(self, row: Record) -> RetentionRule:
        """The entry that the row goes or stays by."""
        return self._terms(row.owner if row.owner in self.law.sellers else None).of(row.place)

    def tally(self, tx: Connection) -> Sequence[Record]:
        """Rows that are over: owner, place, why (GOES, or what keeps them), many, oldest, newest."""
        reasons = ((self.holding.held, HELD), *((kept, why) for why, kept in self.holding.stays.items()))
        why = case(*((condition, literal(word)) for condition, word in reasons), else_=literal(GOES)).label("why")
        rows = self._rows(why).where(self._is_over).subquery()
        groups = (rows.c.owner, rows.c.place, rows.c.why)
        counted = (func.count().label("many"), func.min(rows.c.began).label("oldest"), func.max(rows.c.began))
        return tx.execute(select(*groups, *counted[:2], counted[2].label("newest")).group_by(*groups)).all()

    def tally_between(self, tx: Connection, first: Any, last: Any) -> Sequence[Record]:
        """The same of all rows with a key from ``first`` up to ``last``, without asking what keeps them."""
        key = self.holding.key[0]
        rows = self._rows().where(key >= first, key < last).subquery()
        groups = (rows.c.owner, rows.c.place)
        oldest, newest = func.min(rows.c.began).label("oldest"), func.max(rows.c.began).label("newest")
        return tx.execute(select(*groups, func.count().label("many"), oldest, newest).group_by(*groups)).all()

    def page(self, tx: Connection, after: Key | None, limit: int) -> Sequence[Record]:
        """The next rows that go, by their key: key columns, owner (a seller), place (a country), began."""
        query = self._rows().where(self._is_over, ~self.holding.is_kept).order_by(*self.holding.key).limit(limit)
        return tx.execute(query if after is None else query.where(self._behind(after))).all()

    def again(self, tx: Connection, keys: Sequence[Key]) -> Sequence[Record]:
        """Those of these rows that still go, each locked by this transaction."""
        here = self._among(keys)
        if tx.dialect.name != "sqlite":  # locked first, and then judged by what is committed by now
            tx.execute(select(*self.holding.key).where(here).order_by(*self.holding.key).with_for_update())
        return tx.execute(self._rows().where(here, self._is_over, ~self.holding.is_kept)).all()

    def stays_between(self, tx: Connection, first: Any, last: Any) -> bool:
        """Whether any row with a key from ``first`` up to ``last`` must stay."""
        goes = func.coalesce(and_(self._is_over, ~self.holding.is_kept), false())
        key = self.holding.key[0]
        query = select(literal(1)).where(key >= first, key < last, ~goes).limit(1)
        return tx.execute(query).first() is not None

    def spared(self, keyring: Keyring, rows: Sequence[Record], held: Collection[bytes]) -> set[Key]:
        """Keys of rows in whose sealed content a held number is named."""
        sealed = self.holding.sealed_numbers
        if sealed is None or not held:
            return set()
        opened = ((self.key_of(row), keyring.open_json(row.sealed, sealed.context)) for row in rows)
        named = ((key, (said.get(name) for name in sealed.fields)) for key, said in opened)
        return {key for key, ends in named if any(end and keyring.number_key(end) in held for end in ends)}

    def key_of(self, row: Record) -> Key:
        """The row's primary key."""
        return tuple(row._mapping[column.name] for column in self.holding.key)

    def _rows(self, *more: ColumnElement[Any]) -> Select[Any]:
        holding = self.holding
        sealed = () if holding.sealed_numbers is None else (holding.sealed_numbers.column.label("sealed"),)
        named = (
            (null() if holding.seller is None else holding.seller).label("owner"),
            (literal("*") if holding.country is None else holding.country).label("place"),
            holding.clocks[self._terms(None).elsewhere.clock].label("began"),
        )
        query = select(*holding.key, *named, *sealed, *more).select_from(holding.table)
        return query if self.seller_id is None else query.where(self._seller == self.seller_id)

    @property
    def _seller(self) -> ColumnElement[Any]:
        return null() if self.holding.seller is None else self.holding.seller

    @cached_property
    def _is_over(self) -> ColumnElement[bool]:
        own = [seller for seller in sorted(self.law.sellers) if self.holding.seller is not None]
        theirs = [and_(self._seller == seller, self._over(self._terms(seller))) for seller in own]
        others = or_(self._seller.is_(None), self._seller.not_in(own)) if own else literal(True)
        return and_(self.holding.is_due, or_(*theirs, and_(others, self._over(self._terms(None)))))

    def _over(self, terms: Terms) -> ColumnElement[bool]:
        country = self.holding.country
        if country is None:
            return self._past(terms.elsewhere)
        named = [and_(country.in_(places), self._past(terms.of(places[0]))) for places in _grouped(terms)]
        elsewhere = and_(country.not_in(list(terms.here)), self._past(terms.elsewhere))
        return or_(*named, elsewhere, and_(country.is_(None), self._past(terms.longest)))

    def _past(self, rule: RetentionRule) -> ColumnElement[bool]:
        if rule.keep is None:
            return false()
        until = rule.keep.last_start(self.now)
        return and_(self.holding.since <= until, self.holding.clocks[rule.clock] <= until)

    def _terms(self, seller_id: str | None) -> Terms:
        if seller_id not in self.known:
            self.known[seller_id] = self.law.terms(self.holding.data_class, self.now.date(), seller_id)
        return self.known[seller_id]

    def _behind(self, after: Key) -> ColumnElement[bool]:
        if len(after) == 1:
            return self.holding.key[0] > literal(after[0], self.holding.key[0].type)
        behind: ColumnElement[bool] = tuple_(*self.holding.key) > tuple_(*map(_bound, self.holding.key, after))
        return behind

    def _among(self, keys: Sequence[Key]) -> ColumnElement[bool]:
        if len(self.holding.key) == 1:
            return self.holding.key[0].in_([key[0] for key in keys])
        return tuple_(*self.holding.key).in_(keys)


def held_numbers(tx: Connection) -> set[bytes]:
    """Every number on which a hold stands."""
    return {bytes(key) for key in tx.execute(select(holds.c.number_key).where(holds.c.released_at.is_(None))).scalars()}


def _bound(column: Column[Any], value: Any) -> ColumnElement[Any]:
    return literal(value, column.type)


def _grouped(terms: Terms) -> Iterator[list[str]]:
    """Places that go by the same entry and the same time, together."""
    found: dict[tuple[str, str], list[str]] = {}
    for place, rule in sorted(terms.here.items()):
        found.setdefault((rule.id, str(rule.keep)), []).append(place)
    yield from found.values()
