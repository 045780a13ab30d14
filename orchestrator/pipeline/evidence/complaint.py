"""What a pack answers, and what its parts are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.pipeline.evidence.disclosing import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What is answered, to whom, and by when."""

    number: str
    seller_id: str
    begins: datetime
    ends: datetime
    text: str = ""
    regulator: str = ""
    answer_by: str = ""
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the pack."""

    number: int
    title: str
    items: Sequence[Item]
    notes: tuple[str, ...] = ()
