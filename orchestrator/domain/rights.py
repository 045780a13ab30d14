"""What a person may ask of whoever keeps their data, and how far the answer has come."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Right(StrEnum):
    """What is asked."""

    ACCESS = "access"
    RECTIFY = "rectify"
    ERASE = "erase"
    RESTRICT = "restrict"
    OBJECT = "object"
    PORT = "port"
    COMPLAIN = "complain"


# Done for the wrong person, each of these is a breach.
DISCLOSES_OR_CHANGES = frozenset({Right.ACCESS, Right.RECTIFY, Right.ERASE, Right.PORT})


class RequestState(StrEnum):
    """Where a request stands; the last three are its ends.

    ``identity``: it waits for proof of who asks. ``paused``: it waits for the person's answer. ``held``: a hold keeps
    the data. ``stopping``: what is on its way to the person is being taken back. ``erasing``: rows are going.
    ``restricted``: the data are kept and not used until the restriction is lifted.
    """

    OPEN = "open"
    IDENTITY = "identity"
    PAUSED = "paused"
    HELD = "held"
    STOPPING = "stopping"
    ERASING = "erasing"
    RESTRICTED = "restricted"
    DONE = "done"
    REFUSED = "refused"
    CLOSED = "closed"


ENDS = frozenset({RequestState.DONE, RequestState.REFUSED, RequestState.CLOSED})


class IdentityCheck(StrEnum):
    """What came of asking who it is."""

    NEEDED = "needed"
    PASSED = "passed"
    FAILED = "failed"


class KeptClass(StrEnum):
    """What stays after an erasure, by the reason for which it stays."""

    CONSENT_PROOF = "consent_proof"
    CALL_RECORDS = "call_records"
    SUPPRESSION = "suppression"
    REQUEST_LOG = "request_log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """How long an answer may take. ``rule`` names the law; days are counted from ``received_on``."""

    rule: str
    received_on: date
    due_on: date
    extendable_until: date | None  # the last day to which it may be put off; None: it may not
    alarms: tuple[int, ...]  # days after receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as somebody took it down. ``named``: the number or contact id that they typed."""

    right: Right
    named: str
    received_at: datetime
    channel: str
    by: str
    jurisdiction: str | None = None  # None: where the person is
    verified_by: str | None = None  # the method by which somebody made sure who asks
