"""Which papers were on file in a span of time, and what was said by then of where lists came from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from orchestrator.domain.paper import OF_A_LIST, PaperKind
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.documents import documents, list_provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperHistory:
    """One seller's papers from ``begins`` to ``ends``: about all, these lists or their vendors, these agents."""

    tx: Connection
    seller_id: str
    begins: datetime
    ends: datetime
    list_ids: Collection[int]
    agent_ids: Collection[str]

    def papers(self, kinds: Collection[PaperKind]) -> Sequence[Record]:
        """What was in force on a day of the span, by kind and age."""
        here = documents.c
        meant = (
            here.seller_id == self.seller_id,
            here.kind.in_([kind.value for kind in kinds]),
            or_(here.list_id.in_(self.list_ids), here.list_id.is_(None) & self._is_of_them()),
            or_(here.agent_id.is_(None), here.agent_id.in_(self.agent_ids)),
        )
        stood = (
            here.added_at < self.ends,
            here.valid_from <= self.ends.date(),
            or_(here.valid_until.is_(None), here.valid_until >= self.begins.date()),
            or_(here.retired_at.is_(None), here.retired_at >= self.begins),
        )
        return self.tx.execute(select(documents).where(*meant, *stood).order_by(here.kind, here.id)).all()

    def _is_of_them(self) -> ColumnElement[bool]:
        """A vendor's paper that names no list is about all of that vendor's, and says nothing of other vendors'."""
        here = documents.c
        vendors = {row.vendor for row in self.origins() if row.vendor}
        return here.kind.not_in([kind.value for kind in OF_A_LIST]) | here.party.in_(vendors)

    def origins(self) -> Sequence[Record]:
        """All that was said of where the lists came from, until the end."""
        here = list_provenance.c
        query = select(list_provenance).where(here.list_id.in_(self.list_ids), here.recorded_at < self.ends)
        return self.tx.execute(query.order_by(here.list_id, here.id)).all()
