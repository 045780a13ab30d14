"""The papers that a pack names: contracts, due diligence, policies, training."""

from collections.abc import Collection

from orchestrator.domain.paper import PaperKind
from orchestrator.persistence.paper_history import PaperHistory
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.evidence.disclosing import Discloser, Item

OF_LISTS = (PaperKind.PROCESSOR_CONTRACT, PaperKind.VENDOR_CONTRACT, PaperKind.DUE_DILIGENCE)
OF_THE_HOUSE = tuple(kind for kind in PaperKind if kind not in {*OF_LISTS, PaperKind.OTHER})
# The digest proves which paper it is; the paper itself may speak of others.
ON_FILE = "Papers are named with the SHA-256 of their file; `orchestrator documents show` hands over the file itself."


def papers(
    history: PaperHistory, disclose: Discloser, kinds: Collection[PaperKind], called: str
) -> tuple[list[Item], str]:
    """The papers of these kinds with their entries, and the note under them; ``called`` is what they are."""
    items = [disclose.row("documents.added/1", row.id, _sentence(row)) for row in history.papers(kinds)]
    return items, ON_FILE if items else f"{called}: none was on file in these days."


def _sentence(row: Record) -> str:
    whose = f" with {row.party}" if row.party else f" of agent {row.agent_id}" if row.agent_id else ""
    until = f" to {row.valid_until}" if row.valid_until else ""
    return f"{row.kind.replace('_', ' ').capitalize()}{whose}: '{row.title}', from {row.valid_from}{until}."
