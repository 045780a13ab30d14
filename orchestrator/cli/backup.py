"""`orchestrator backup`: the whole database while everything runs, with the journal of erasures beside it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.domain.errors import UserError

POSTGRESQL = (
    "On PostgreSQL take the database with pg_dump and the journal with `orchestrator rights journal export`; the "
    "README says how (Backups)."
)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; FILE.erasures goes beside it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Copy the SQLite database as of this moment while others write, and the journal of erasures beside the copy."""
    from orchestrator.bootstrap import build
    from orchestrator.installation import sqlite_file
    from orchestrator.persistence import database_file, erasure_file

    house = build()
    store = house.store
    source = sqlite_file(house.settings.database_url)
    if source is None:
        raise UserError(POSTGRESQL)
    beside = journal_of(file)
    for path in (file, beside):
        if path.exists():
            raise UserError(f"{path} is there already; name another file, so that no backup is written over.")
    if not file.absolute().parent.is_dir():
        raise UserError(f"There is no folder {file.absolute().parent}; make it, or name another file.")
    database_file.copy(source, file)
    entries = erasure_file.export(store, beside)  # after the copy: it names whoever the copy still has
    store.engine.dispose()
    size = file.stat().st_size
    if as_json:
        form = {"file": str(file), "bytes": size, "journal": str(beside), "erasures": entries}
        typer.echo(json.dumps(form))
        return
    typer.echo(f"{file}: {size:,} bytes; {beside}: {entries} keys of erased people.")
    typer.echo("The keys that open it are not in it: keep ORCHESTRATOR_SECRET_KEYS, or the .keys file, somewhere else.")


def journal_of(file: Path) -> Path:
    """Where a backup's journal lies."""
    return file.with_name(file.name + ".erasures")
