"""Whoever has said yes becomes a contact, and stands on the page's list, so that a campaign can reach them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from orchestrator.domain.decision import Cure
from orchestrator.domain.opt_in import OptInSource, OptInState
from orchestrator.log import log
from orchestrator.persistence import contacts, lists, opt_in_pages, opt_ins
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.enrollment_cures import reopen_holders
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import imports, list_rows
from orchestrator.persistence.tables.people import contact_points
from orchestrator.persistence.tables.people import contacts as contacts_table

AT_ONCE = 20


def run_once(store: Store, now: datetime, limit: int = AT_ONCE) -> int:
    """Carry out the opt-ins that were given, and make due whoever waited for such a consent; how many.

    Only then is one settled: a worker that is killed within leaves all of it to the next.
    """
    with store.read() as tx:
        given = [row for row in opt_ins.due(tx, now, limit) if row.state == OptInState.GIVEN]
    for opt_in in given:
        with store.write() as tx:
            _carry_out(tx, store.keyring, opt_in, now)
        reopen_holders(store, Cure.CONSENT, [bytes(opt_in.number_key)], now, opt_in.seller_id)
        with store.write() as tx:
            opt_ins.settle(tx, opt_in.id)
        log.info("opt_in.given", page=opt_in.page_id)
    return len(given)


def _carry_out(tx: Connection, keyring: Keyring, seen: Record, now: datetime) -> None:
    contacts.lock_seller(tx, seen.seller_id)
    opt_in = opt_ins.fetch_for_change(tx, seen.id)
    if opt_in is None or opt_in.due_at is None:
        return  # another worker was faster
    if opt_in.source == OptInSource.RENEWAL:
        return  # on record already, and on the lists that they are on
    known = contacts.find(tx, opt_in.seller_id, (), [bytes(opt_in.number_key)])
    contact_id = known[0].id if known else _add_contact(tx, keyring, opt_in, now)
    _put_on_list(tx, opt_in, contact_id, now)


def _add_contact(tx: Connection, keyring: Keyring, opt_in: Record, now: datetime) -> int:
    name = keyring.open_json(opt_in.details_sealed, opt_ins.DETAILS)["name"]
    row = {
        "seller_id": opt_in.seller_id,
        "profile_sealed": keyring.seal_json({"name": name} if name else {}, PROFILE),
        "country": opt_in.country,
        "language": opt_in.language,
        "created_at": now,
        "updated_at": now,
    }
    contact_id: int = tx.execute(insert(contacts_table).values(row).returning(contacts_table.c.id)).scalar_one()
    point = {
        "seller_id": opt_in.seller_id,
        "contact_id": contact_id,
        "number_key": opt_in.number_key,
        "number_sealed": keyring.seal(keyring.open(opt_in.number_sealed, opt_ins.NUMBER), NUMBER),
        "country": opt_in.country,
        "position": 0,
        "label": "mobile",
        "created_at": now,
    }
    tx.execute(insert(contact_points).values(point))
    return contact_id


def _put_on_list(tx: Connection, opt_in: Record, contact_id: int, now: datetime) -> None:
    """The page is to its list what a file is to an import, and each opt-in one of its lines."""
    page = opt_in_pages.version(tx, opt_in.page_id, opt_in.version)
    if page is None or page.list_name is None:
        return
    import_id, list_id = _import(tx, opt_in, page.list_name, now)
    listed = select(list_rows.c.line).where(list_rows.c.list_id == list_id, list_rows.c.contact_id == contact_id)
    if tx.execute(listed.limit(1)).first() is not None:
        return
    last = select(func.coalesce(func.max(list_rows.c.line), 0)).where(list_rows.c.import_id == import_id)
    line = tx.execute(last).scalar_one() + 1
    row: dict[str, Any] = {"import_id": import_id, "line": line, "list_id": list_id, "contact_id": contact_id}
    tx.execute(insert(list_rows).values(**row, verdict="accepted"))
    done = update(imports).where(imports.c.id == import_id)
    tx.execute(done.values(records_done=line, counts={"accepted": line}))


def _import(tx: Connection, opt_in: Record, list_name: str, now: datetime) -> tuple[int, int]:
    digest = f"opt-ins:{opt_in.page_id}"[:64]
    known = lists.find_import(tx, opt_in.seller_id, list_name, digest)
    if known is None:
        known = lists.begin_import(
            tx,
            seller_id=opt_in.seller_id,
            list_name=list_name,
            digest=digest,
            file_name=f"opt-in page {opt_in.page_id}",
            reading={},
            now=now,
        )
        lists.finish(tx, known, now)
    return known.id, known.list_id
