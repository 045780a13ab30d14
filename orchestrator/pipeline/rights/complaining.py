"""A complaint is a case: with its regulator and deadline, and a hold that keeps every row until it is over."""

from dataclasses import dataclass
from datetime import date, datetime

from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Asked, RequestState
from orchestrator.persistence import holds
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.rights import subjects
from orchestrator.pipeline.rights.requests import Case, require_open, take_down


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is complained of, to whom, and by when they want an answer (None: as the law of the place has it)."""

    about: str
    regulator: str | None = None
    reference: str | None = None
    due_on: date | None = None


def open_case(
    store: Store, law: RightsLaw, asked: Asked, complaint: Complaint, seller_id: str, now: datetime
) -> Record:
    """Open the case, and hold every number of the person; UserError without words, or for a deadline that is over."""
    if not complaint.about.strip():
        raise UserError("Say with --about what is complained of.")
    if complaint.due_on is not None and complaint.due_on < asked.received_at.date():
        raise UserError("--due lies before the complaint was received.")
    with store.write() as tx:
        case = Case(tx, store.keyring, law, asked.by, now)
        subject = subjects.find(tx, store.keyring, asked.named, seller_id)
        details = {
            "about": complaint.about,
            "regulator": complaint.regulator,
            "reference": complaint.reference,
        }
        said = {name: value for name, value in details.items() if value}
        row = take_down(case, subject, asked, said)
        case.log(row.id, "complaint", said)
        if complaint.due_on is not None:
            stored.change(tx, row.id, due_on=complaint.due_on)
            case.log(row.id, "deadline set", {"due_on": complaint.due_on.isoformat()})
        _hold(case, row, complaint)
        return stored.fetch(tx, row.id)


def _hold(case: Case, row: Record, complaint: Complaint) -> None:
    keys = list(stored.numbers_of(case.tx, row.id))
    standing = holds.standing(case.tx, row.seller_id, keys)
    held = {bytes(hold.number_key) for hold in standing if hold.request_id == row.id}
    reason = " ".join(filter(None, (complaint.regulator, complaint.reference, complaint.about)))
    for key in keys:
        if key not in held:
            holds.place(
                case.tx,
                case.keyring,
                seller_id=row.seller_id,
                number_key=key,
                reason=reason,
                by=case.by,
                now=case.now,
                request_id=row.id,
            )
    case.log(row.id, "held", {"numbers": len(keys)})


def close_case(store: Store, law: RightsLaw, request_id: int, note: str, by: str, now: datetime) -> Record:
    """The complaint is over: its holds are released, and erasures that waited for them go on."""
    with store.write() as tx:
        case = Case(tx, store.keyring, law, by, now)
        row = require_open(case, request_id)
        released = holds.release_of(tx, row.id, by, now)
        case.log(row.id, "closed", {"note": note, "holds released": released})
        stored.end(tx, row.id, RequestState.CLOSED, now, {"holds released": released})
        return stored.fetch(tx, request_id)
