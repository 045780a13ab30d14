"""What commands say about registries."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import typer

from orchestrator.domain.decision import Cure
from orchestrator.domain.registry_snapshot import RegistrySnapshot


def print_json(form: object) -> None:
    """One object, or one list, in one line."""
    typer.echo(json.dumps(form, ensure_ascii=False))


def snapshot_form(snapshot: RegistrySnapshot) -> dict[str, Any]:
    """A version."""
    return {
        "registry": snapshot.registry,
        "obtained_at": iso(snapshot.obtained_at),
        "imported_at": iso(snapshot.imported_at),
        "seller": snapshot.seller_id,
        "numbers": snapshot.numbers,
        "coverage": snapshot.coverage.as_dict(),
        "source": snapshot.source,
        "digest": snapshot.digest,
    }


def iso(at: datetime) -> str:
    """A moment as all our JSON has it."""
    return at.isoformat().replace("+00:00", "Z")


def with_newest(blocked: Sequence[Mapping[str, Any]], newest: Mapping[str, datetime]) -> list[dict[str, Any]]:
    """Who is blocked, and beside a registry that they wait for, when its newest version was obtained; None for none."""
    rows = []
    for row in blocked:
        at = newest.get(row["cure_detail"] or "")
        waits = {"newest_version": iso(at) if at else None} if row["cure"] == Cure.REGISTRY else {}
        rows.append({**row, **waits})
    return rows


def opened_by(row: Mapping[str, Any]) -> str:
    """Which fact would open those who are blocked, or which event; of a registry, which file to import."""
    if row["until_emergency_ends"]:
        return "the end of the declared emergency (`orchestrator emergencies list`)"
    if row["cure"] != Cure.REGISTRY:
        return " ".join(filter(None, (row["cure"], row["cure_detail"])))
    at = row["newest_version"]
    here = f"the newest here was obtained on {at[:10]}" if at else "none was imported"
    return (
        f"a fresh file of the registry {row['cure_detail']} that covers them ({here}): "
        f"orchestrator registries import {row['cure_detail']} FILE --obtained-at ISO"
    )
