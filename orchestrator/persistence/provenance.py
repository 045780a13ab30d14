"""Where lists came from, and who is here from bought lists alone."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from orchestrator.domain.paper import Bought, Contract, Origin, PaperKind, Provenance
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.documents import documents, list_provenance
from orchestrator.persistence.tables.lists import list_rows, lists

_NEWEST = select(func.max(list_provenance.c.id)).group_by(list_provenance.c.list_id)
BOUGHT = (  # built once: each batch of people asks, and most sellers have none
    select(list_provenance, lists.c.name, lists.c.seller_id)
    .join(lists, lists.c.id == list_provenance.c.list_id)
    .where(lists.c.seller_id.in_(bindparam("b_sellers", expanding=True)), list_provenance.c.id.in_(_NEWEST))
    .where(list_provenance.c.kind != Origin.OWN.value)
)


def declare(tx: Connection, list_id: int, said: Provenance, by: str, now: datetime) -> None:
    """Say where the list came from; an earlier word stays on record."""
    row = {
        "list_id": list_id,
        "kind": said.origin.value,
        "vendor": said.vendor,
        "obtained_on": said.obtained_on,
        "source": said.source,
        "chain": said.chain,
        "recorded_at": now,
        "recorded_by": by,
    }
    tx.execute(insert(list_provenance).values(row))


def of_list(tx: Connection, list_id: int) -> Sequence[Record]:
    """All that was ever said of the list, the newest word last."""
    query = select(list_provenance).where(list_provenance.c.list_id == list_id)
    return tx.execute(query.order_by(list_provenance.c.id)).all()


def bought_lists(tx: Connection, seller_ids: Collection[str]) -> Mapping[int, Bought]:
    """These sellers' lists that were somebody else's, by id; nothing for most sellers."""
    rows = tx.execute(BOUGHT, {"b_sellers": list(seller_ids)}).all()
    contracts = _contracts(tx, {row.seller_id for row in rows}) if rows else {}
    return {row.list_id: _bought(row, contracts.get(row.seller_id, ())) for row in rows}


def from_bought_alone(
    tx: Connection, seller_ids: Collection[str], contact_ids: Sequence[int]
) -> Mapping[int, Sequence[Bought]]:
    """Those of the people who are on no list of the seller's own, with the bought lists that they are on."""
    bought = bought_lists(tx, seller_ids)
    if not bought:
        return {}
    theirs = select(lists.c.id).where(lists.c.seller_id.in_(seller_ids))  # so that the index on (list, contact) serves
    query = select(list_rows.c.contact_id, list_rows.c.list_id).where(
        list_rows.c.list_id.in_(theirs), list_rows.c.contact_id.in_(contact_ids)
    )
    on: dict[int, set[int]] = defaultdict(set)
    for row in tx.execute(query.distinct()):
        on[row.contact_id].add(row.list_id)
    alone = {contact_id: list_ids for contact_id, list_ids in on.items() if list_ids <= bought.keys()}
    return {contact_id: [bought[one] for one in sorted(list_ids)] for contact_id, list_ids in alone.items()}


def _contracts(tx: Connection, seller_ids: Collection[str]) -> Mapping[str, Sequence[Contract]]:
    query = select(
        documents.c.seller_id,
        documents.c.list_id,
        documents.c.party,
        documents.c.valid_from,
        documents.c.valid_until,
    ).where(
        documents.c.seller_id.in_(seller_ids),
        documents.c.kind == PaperKind.VENDOR_CONTRACT.value,
        documents.c.retired_at.is_(None),
    )
    found: dict[str, list[Contract]] = defaultdict(list)
    for row in tx.execute(query):
        found[row.seller_id].append(Contract(row.list_id, row.party, row.valid_from, row.valid_until))
    return found


def _bought(row: Record, contracts: Sequence[Contract]) -> Bought:
    return Bought(
        list_id=row.list_id,
        name=row.name,
        origin=Origin(row.kind),
        vendor=row.vendor,
        obtained_on=row.obtained_on,
        source=row.source,
        contracts=contracts,
    )
