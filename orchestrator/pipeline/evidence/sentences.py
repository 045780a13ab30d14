"""Sentences of a pack about rows that no explanation tells of."""

from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.evidence.disclosing import Item


def scrubbed(row: Record) -> str:
    """A scrub that came to its end."""
    return f"Scrub {row.id} from {row.started_at:%Y-%m-%d %H:%M} to {row.finished_at:%H:%M} UTC, by {row.by}."


def imported(row: Record) -> str:
    """An import that came to its end."""
    return f"Imported from the file {row.file_name} at {row.started_at:%Y-%m-%d %H:%M} UTC."


def obtained(row: Record) -> str:
    """A version of a registry."""
    return f"Registry {row.registry}, obtained {row.obtained_at:%Y-%m-%d}, from {row.source}."


def came_from(row: Record) -> str:
    """Where a list was said to come from."""
    vendor = f" from {row.vendor}" if row.vendor else ""
    return f"List {row.list_id}: {row.kind}{vendor}, as {row.recorded_by} recorded {row.recorded_at:%Y-%m-%d}."


def read(row: Record) -> str:
    """A reading of one number."""
    because = f", because: {row.reason}" if row.reason else ""
    return f"{row.at:%Y-%m-%d %H:%M:%S} UTC, {row.actor}: {row.action}{because}."


def taken_back(row: Record) -> Item:
    """An attempt that was to be taken back, and whether the carrier did."""
    done = f"confirmed by the carrier {row.done_at:%Y-%m-%d %H:%M:%S} UTC" if row.done_at else "not confirmed yet"
    filed = f"from {row.filed_at:%Y-%m-%d %H:%M:%S} UTC on: {done}"
    sentence = f"Attempt {row.attempt_id} was to be taken back ({row.reason}) {filed}."
    return {"sentence": sentence, "attempt": str(row.attempt_id), "result": row.result}
