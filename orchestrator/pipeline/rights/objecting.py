"""An objection and a restriction act at once, through the one call for every no; a restriction may be lifted again."""

from dataclasses import dataclass
from datetime import date, datetime

from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Asked, RequestState, Right
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence import suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.reception.stops import Stop, suppress, take_back
from orchestrator.pipeline.rights import subjects
from orchestrator.pipeline.rights.requests import Case, require_open, take_down
from orchestrator.pipeline.rights.subjects import Subject

# An objection alone is one to being sold to, in law: who objects to the seller hears no service either.
KINDS = {
    Right.OBJECT: (SuppressionKind.OBJECTION, SuppressionKind.DO_NOT_CALL),
    Right.RESTRICT: (SuppressionKind.RESTRICTION,),
}


@dataclass(frozen=True, slots=True)
class Stopped:
    """The request, and on how many numbers it acts."""

    request: Record
    numbers: int


def stop(store: Store, law: RightsLaw, asked: Asked, seller_id: str, now: datetime, why: str = "") -> Stopped:
    """Object, or restrict: every number of the person, all campaigns and channels of the seller, queued ones included.

    It waits for no proof of who asks: who is wrongly left alone loses nothing.
    """
    with store.write() as tx:
        case = Case(tx, store.keyring, law, asked.by, now)
        subject = subjects.find(tx, store.keyring, asked.named, seller_id)
        row = take_down(case, subject, asked)
        stops = [one for kind in KINDS[asked.right] for one in stops_for(subject, kind, row.id)]
        for one in stops:
            suppress(tx, one, now)
        _answer(case, row, asked.right, why, len(subject.numbers))
        row = stored.fetch(tx, row.id)
    take_back(store, stops, now)
    return Stopped(row, len(subject.numbers))


def stops_for(subject: Subject, kind: SuppressionKind, request_id: int) -> list[Stop]:
    """A stop for each number of the person."""
    source = f"request {request_id}"
    return [
        Stop(seller_id=subject.seller_id, number_key=key, kind=kind, source=source) for key in sorted(subject.numbers)
    ]


def _answer(case: Case, row: Record, right: Right, why: str, numbers: int) -> None:
    if right is Right.OBJECT:
        case.log(row.id, "stopped", {"numbers": numbers})
        stored.end(case.tx, row.id, RequestState.DONE, case.now, {"numbers stopped": numbers})
        return
    case.log(row.id, "restricted", {"numbers": numbers, "why": why})
    stored.change(case.tx, row.id, state=RequestState.RESTRICTED, report={"numbers restricted": numbers})


def lift(store: Store, law: RightsLaw, request_id: int, reasons: str, told_on: date, by: str, now: datetime) -> Record:
    """Lift a restriction, after the person was told so (GDPR art. 18(3)); every other no of theirs stays."""
    with store.write() as tx:
        case = Case(tx, store.keyring, law, by, now)
        row = require_open(case, request_id)
        if row.state != RequestState.RESTRICTED:
            raise UserError(f"Request {request_id} restricts nothing: it is one to {row.kind}, and {row.state}.")
        if told_on > now.date():
            raise UserError("--told-on lies in the future; tell the person before you lift the restriction.")
        if not reasons.strip():
            raise UserError("Say with --reason why the restriction may be lifted.")
        lifted = suppressions.lift_restriction(tx, row.seller_id, f"request {request_id}", now)
        case.log(row.id, "lifted", {"reasons": reasons, "told_on": told_on.isoformat()})
        stored.end(tx, row.id, RequestState.DONE, now, {"restrictions lifted": lifted})
        return stored.fetch(tx, request_id)
