"""What the gate is asked about one message of an opt-in, and to whom it would go."""

from dataclasses import dataclass

from orchestrator.domain.contact_request import ContactRequest
from orchestrator.pipeline.unenrolled import Addressee


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """The question with the words that would be sent; ``judged`` are the stops that the gate is told of."""

    question: ContactRequest
    to: Addressee
    body: str
    judged: frozenset[int]
