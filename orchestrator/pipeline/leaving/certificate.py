"""The certificate of a closing (GDPR art. 28(3)(g)): what was returned, deleted and kept, why, when and by whom."""

from collections.abc import Mapping
from typing import Any

from orchestrator.domain.page import Block, Heading, Page, Points, Text, rows


def page(certificate: Mapping[str, Any]) -> Page:
    """The certificate for people."""
    returned = certificate["returned"]
    blocks: list[Block] = [
        Text(f"Seller: {certificate['name']} ({certificate['seller']})."),
        Text(f"Asked at {certificate['asked_at']} by {certificate['asked_by']}, because: {certificate['because']}."),
        Text(f"Closed at {certificate['closed_at']} by {certificate['closed_by']}."),
        Heading("Returned"),
        *_returned(returned),
        Heading("Deleted"),
        rows(("table", "rows"), sorted(certificate["deleted"].items())),
        Heading("Kept"),
        rows(("table", "rows", "why"), [(one["table"], one["rows"], one["why"]) for one in certificate["kept"]]),
        Heading("Left to do"),
        Points(tuple(certificate["left_to_do"])),
        Heading("Proof"),
        Text(_proof(certificate["sealed_head"])),
    ]
    return Page(f"Certificate of return and deletion: {certificate['name']}", tuple(blocks))


def _returned(returned: Mapping[str, Any] | None) -> list[Block]:
    if returned is None:
        return [Text("Nothing was returned: deletion was asked for.")]
    return [
        Text(f"{returned['file']}, at {returned['at']}, SHA-256 {returned['sha256']}."),
        rows(("table", "rows"), sorted(returned["rows"].items())),
    ]


def _proof(head: Mapping[str, Any] | None) -> str:
    if head is None:
        return "Every deleted row is named by its id in the table of removals; nothing of this seller is sealed."
    return f"Sealed log of the seller: {head['size']} entries, root {head['root']}, {head['at']}."
