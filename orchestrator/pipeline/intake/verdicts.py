"""What becomes of a record: the first of these that fits."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """In the order in which they are asked.

    ``duplicate``: a person already here and nothing new. ``merged``: a person already here, something added.
    ``listed``: every number is on a registry; kept, since purpose, consent and exemptions are decided per campaign.
    """

    MALFORMED = "malformed"
    INVALID_NUMBER = "invalid_number"
    NO_JURISDICTION = "no_jurisdiction"
    SUPPRESSED = "suppressed"
    DUPLICATE = "duplicate"
    MERGED = "merged"
    LISTED = "listed"
    ACCEPTED = "accepted"


REJECTS = frozenset({Verdict.MALFORMED, Verdict.INVALID_NUMBER, Verdict.NO_JURISDICTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A record's verdict: where it starts, its valid numbers (E.164), and what was left out and why."""

    line: int
    verdict: Verdict
    numbers: tuple[str, ...]
    reason: str
    contact_id: int | None = None
