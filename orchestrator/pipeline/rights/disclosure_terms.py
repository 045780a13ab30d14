"""Of an answer: where a person's data came from (GDPR art. 15(1)(g)), and how long each kind stays (15(1)(d))."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.paper import Origin
from orchestrator.domain.rights import KeptClass
from orchestrator.persistence import provenance
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.pipeline.rights.disclosure_words import HELD, PERIOD
from orchestrator.pipeline.rights.subjects import Subject

FOR_GOOD = "for good"


def periods(law: RightsLaw, held: RetentionLaw, subject: Subject, on: date) -> list[dict[str, Any]]:
    """What stays for how long: first what is held of everybody, then what outlives an erasure."""
    country = subject.jurisdiction.partition("-")[0]
    return [*_of_classes(held, country, on, subject.seller_id), *_beyond_erasure(law, subject.jurisdiction, on)]


def _of_classes(held: RetentionLaw, country: str, on: date, seller_id: str) -> Iterator[dict[str, Any]]:
    for data_class, what in HELD.items():
        rule = held.terms(data_class, on, seller_id).of(country)
        stays = str(rule.keep) if rule.keep is not None else FOR_GOOD
        yield {"what": what, "how long": stays, "why": rule.why, "law": rule.citation}


def _beyond_erasure(law: RightsLaw, place: str, on: date) -> Iterator[dict[str, Any]]:
    for kept in KeptClass:
        rule = law.kept_rule(kept, place, on)
        stays = FOR_GOOD if rule.years is None else f"{rule.years} year{'s' if rule.years != 1 else ''}"
        what = f"{PERIOD[kept]}, also after an erasure"
        yield {"what": what, "how long": stays, "why": rule.why, "law": rule.ground.citation}


def sources(tx: Connection, subject: Subject) -> list[dict[str, Any]]:
    """Each list and file, and of a list that was somebody else's from whom, when, and where they had it from."""
    query = (
        select(lists.c.id, lists.c.name, imports.c.file_name, imports.c.started_at, list_rows.c.line)
        .join(imports, imports.c.id == list_rows.c.import_id)
        .join(lists, lists.c.id == list_rows.c.list_id)
        .where(list_rows.c.contact_id.in_(subject.contact_ids))
        .order_by(imports.c.started_at, list_rows.c.line)
    )
    return [
        {"list": row.name, "file": row.file_name, "at": row.started_at.isoformat(), "line": row.line}
        | _origin(provenance.of_list(tx, row.id))
        for row in tx.execute(query).all()
    ]


def _origin(said: Sequence[Record]) -> dict[str, Any]:
    """The newest word on the list; nothing where it is the seller's own."""
    if not said or said[-1].kind == Origin.OWN.value:
        return {}
    told = said[-1]
    day = told.obtained_on.isoformat() if told.obtained_on else None
    return {"origin": told.kind, "from": told.vendor, "obtained on": day, "who had them from": told.source}
