"""What staff decided and did, as a pack tells it beside the calls: doubts about replies, and changes by their hands."""

from collections.abc import Sequence

from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.evidence.disclosing import Discloser, Item

MEANT = {"stop": "a refusal", "other": "no refusal"}


def doubts(disclose: Discloser, rows: Sequence[Record]) -> list[Item]:
    """Each doubt about a reply, and what somebody decided."""
    items = []
    for row in rows:
        asked = f"A reply of {row.asked_at:%Y-%m-%d %H:%M:%S} UTC ({row.sid}) was in doubt; it stopped meanwhile."
        items.append(disclose.row("reviews.asked/1", row.id, asked))
        if row.decided_at is not None:
            said = f"{row.decided_by} read it as {MEANT[row.decision]}, {row.decided_at:%Y-%m-%d %H:%M:%S} UTC."
            items.append(disclose.row("reviews.decided/1", row.id, said))
    return items


def changes(disclose: Discloser, rows: Sequence[Record]) -> list[Item]:
    """Each change of a campaign or a setting: by whose hand, and why."""
    return [
        disclose.row("actions.taken/1", row.id, _change(row), because=disclose.words("actions.reason/1", row.id))
        for row in rows
    ]


def _change(row: Record) -> str:
    moved = f", from {row.detail['from'] or 'as it stood'} to {row.detail['to']}" if "to" in row.detail else ""
    return f"{row.at:%Y-%m-%d %H:%M:%S} UTC, {row.by}: {row.about}, {row.action}{moved}."
