"""Consent receipts: one record of the ledger as JSON, in the fields of ISO/IEC TS 27560 and of Kantara's receipt."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from orchestrator.compliance.answer_form import moment_form
from orchestrator.compliance.consent_term import term_of
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import Seller
from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.consent_standing import ended_by
from orchestrator.domain.errors import UserError
from orchestrator.persistence import accesses, consent_ledger, papers, sellers
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.consents.holding import contact_of, evidence_of, facts_of, holder_of

SCHEMA = "ISO/IEC TS 27560:2023"
RECEIPT_VERSION = "1"  # of our form: config/schemas/consent_receipt.schema.json
EXPLICIT = frozenset({"oral", "express", "express_written"})
OPENING = frozenset({ConsentState.REQUESTED, ConsentState.GIVEN})
RIGHTS = ("access", "rectification", "erasure", "restriction", "portability", "objection", "complaint")


def receipt(store: Store, rulebook: Rulebook, entry_id: int, actor: str, now: datetime) -> dict[str, Any]:
    """The receipt of the record that the entry belongs to, noted as a reading; UserError where there is no entry."""
    with store.write() as tx:
        row = consent_ledger.find(tx, entry_id)
        if row is None:
            raise UserError(
                f"There is no entry {entry_id} in the ledger; `orchestrator consents show NUMBER` has them."
            )
        keys = {"number_keys": [bytes(row.number_key)], "seller_id": row.seller_id}
        accesses.record(tx, actor=actor, action="receipt", reason=f"consent entry {entry_id}", at=now, **keys)
        return _form(tx, store.keyring, rulebook, _opening(tx, row), now)


def canonical(form: Mapping[str, Any]) -> str:
    """The one way to write a receipt: keys sorted, nothing between them, so that its hash can be compared."""
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _opening(tx: Connection, row: Record) -> Record:
    """The entry that gave the consent, or asked for it, where this one tells of its end."""
    same = consent_ledger.of_record(tx, row.record_id) if row.record_id is not None else [row]
    return next((one for one in reversed(same) if one.event in OPENING), row)


def _form(tx: Connection, keyring: Keyring, rulebook: Rulebook, row: Record, now: datetime) -> dict[str, Any]:
    seller, terms = sellers.on_record(tx, row.seller_id), consent_ledger.terms(tx, row.terms_id)
    evidence = evidence_of(keyring, row) or {}
    who = contact_of(tx, keyring, row.seller_id, bytes(row.number_key))
    recipients = papers.recipients(tx, row.seller_id, row.recorded_at)
    term = term_of(rulebook, holder_of(row, seller, who), facts_of(row, None), now) if row.level else None
    form: dict[str, Any] = _without_gaps(
        {
            "schema_version": SCHEMA,
            "receipt_version": RECEIPT_VERSION,
            "receipt_id": f"{row.record_id}:{row.id}",
            "record_id": str(row.record_id) if row.record_id is not None else None,
            "pii_principal": who.number or evidence.get("number"),
            "processing": _processing(row, terms, recipients),
            "parties": _parties(seller, terms, recipients),
            "events": [_event(one, term.ends_at if term else None) for one in _history(tx, row)],
            "evidence": dict(evidence) or None,
            "proven": row.evidence_sealed is not None,
        }
    )
    return form


def _processing(row: Record, terms: Mapping[str, Any], recipients: Sequence[str]) -> dict[str, Any]:
    return {
        "privacy_notice": row.notice or terms.get("privacy_notice"),
        "notice_version": row.notice_version or terms.get("notice_version"),
        "language": row.language,
        "purpose": row.purpose or "not stated",
        "service": f"{'calls and messages' if row.channel == 'any' else row.channel} by {row.seller_id}",
        "lawful_basis": "consent",
        "consent_type": None if row.level is None else "EXPLICIT" if row.level in EXPLICIT else "IMPLICIT",
        "level": row.level,
        "channel": row.channel,
        "automated": row.automated,
        "pii": [{"type": "telephone number", "sensitive": False}, {"type": "name", "optional": True}],
        "controllers": [row.seller_id],
        "collection_method": row.collection or row.source,
        "storage_locations": terms.get("storage"),
        "retention_period": terms.get("retention"),
        "jurisdiction": row.jurisdiction,
        "recipients": sorted({*recipients, *terms.get("recipients", ())}) or None,
        "withdrawal_method": terms.get("withdrawal"),
        "privacy_rights": list(RIGHTS),
        "authority": terms.get("authority"),
    }


def _parties(seller: Seller, terms: Mapping[str, Any], recipients: Sequence[str]) -> list[dict[str, Any]]:
    controller = {
        "id": seller.id,
        "name": seller.name,
        "role": "controller",
        "type": seller.kind.value,
        "address": terms.get("address"),
        "contact": terms.get("contact") or seller.callback_number,
        "country": seller.country,
        "url": terms.get("url"),
    }
    return [controller, *({"id": name, "name": name, "role": "recipient"} for name in recipients)]


def _history(tx: Connection, row: Record) -> list[Record]:
    """The record's own entries, and the word that ended it where that was said of more than this one."""
    every = consent_ledger.entries(tx, row.seller_id, bytes(row.number_key))
    own = [one for one in every if one.record_id == row.record_id]
    end = ended_by(row, every) if row.event == ConsentState.GIVEN else None
    return [*own, *([end] if end is not None and end not in own else [])]


def _event(row: Record, ends_at: datetime | None) -> dict[str, Any]:
    valid_until = ends_at if row.event == ConsentState.GIVEN else None
    return {
        "state": row.event,
        "type": row.level or "explicit",
        "time": moment_form(row.happened_at),
        "recorded_at": moment_form(row.recorded_at),
        "valid_until": moment_form(valid_until) if valid_until else None,
        "entity": row.recorded_by,
        "entry": row.id,
    }


def _without_gaps(form: Any) -> Any:
    """What nobody knows is left out, rather than said to be nothing."""
    if isinstance(form, dict):
        return {key: _without_gaps(value) for key, value in form.items() if value is not None}
    return [_without_gaps(value) for value in form] if isinstance(form, list) else form
