"""What the commands about registries print for scripts."""

import json
from datetime import datetime
from typing import Any

import typer

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
