"""`orchestrator restore`: a backup becomes the database, once whoever was erased since is erased from it again."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.backup import POSTGRESQL, journal_of
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.persistence.noes import Noes
    from orchestrator.pipeline.restoring import Restored
    from orchestrator.settings import Settings

NO_JOURNAL = (
    "There is no journal of erasures beside the database, and no database that could tell: whoever was erased since "
    "the backup would be back. Name the newest journal with --journal, or say --nobody-was-erased."
)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `orchestrator backup` wrote.")],
    journal: Annotated[
        list[Path] | None,
        typer.Option("--journal", metavar="FILE", help="A newer journal of erasures than those found; repeatable."),
    ] = None,
    nobody_was_erased: Annotated[
        bool, typer.Option("--nobody-was-erased", help="Restore though no journal is newer than the backup.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put a backup in the database's place: replayed and past its retention before anything can open it.

    The database that was there is kept beside it under another name, until you delete it.
    """
    from orchestrator.installation import sqlite_file
    from orchestrator.settings import load

    settings = load()
    target = sqlite_file(settings.database_url)
    if target is None:
        raise UserError(POSTGRESQL)
    if not file.exists():
        raise UserError(f"There is no file {file}; name what `orchestrator backup` wrote.")
    form = _restored(settings, target, file, list(journal or ()), nobody=nobody_was_erased)
    if as_json:
        typer.echo(json.dumps(form))
        return
    typer.echo(f"{target} is the backup {file}; what was there before is {form['before'] or 'nothing'}.")
    rows = f"{form['rows_past_their_time']:,} rows were past their time"
    typer.echo(f"{form['erased_again']} people were erased again, {rows}.")
    if form["noes_carried_over"]:
        typer.echo(f"{form['noes_carried_over']} stops that were said since the backup were carried over.")
    if form["waiting"]:
        typer.echo(f"{form['waiting']} erasures wait for calls of then to be looked up: the worker goes on with them.")


def _restored(settings: "Settings", target: Path, file: Path, extra: list[Path], *, nobody: bool) -> dict[str, Any]:
    from orchestrator import bootstrap, config_files, installation
    from orchestrator.persistence import database_file
    from orchestrator.pipeline import restoring
    from orchestrator.settings import config_dir

    draft = target.with_name(target.name + ".restoring")
    try:
        found, noes = _journals(settings, draft)
        newer = [*found, *extra]
        if not newer and not nobody:
            raise UserError(NO_JOURNAL)
        journals = [*newer, *(path for path in [journal_of(file)] if path.exists())]
        with database_file.alone(target):
            database_file.copy(file, draft)
        store = installation.open_copy(settings, draft)
        wanted = restoring.Wanted(
            journals=journals,
            rights=config_files.load_rights(config_dir()),
            retention=config_files.load_retention(),
            rules=bootstrap.offered_rules(config_dir()),
            clock=settings.clock.now,
            noes=noes,
        )
        done = restoring.make_ready(store, wanted, bootstrap.erasure_journal(settings))
        store.engine.dispose()
        return _form(done, restoring.put_in_place(draft, target, settings.clock.now()))
    finally:
        restoring.clear(draft)


def _journals(settings: "Settings", draft: Path) -> "tuple[list[Path], Noes]":
    """Those that may be newer than a backup: beside the database, and out of the one that is there, if it opens.

    Of that one every no as well.
    """
    from orchestrator import bootstrap
    from orchestrator.persistence.noes import Noes

    kept, of_current = bootstrap.erasure_journal(settings), journal_of(draft)
    found = [path for path in (kept,) if path is not None and path.exists()]
    noes = bootstrap.export_later_words(settings, of_current)
    return ([*found, of_current], noes) if noes is not None else (found, Noes())


def _form(done: "Restored", before: Path | None) -> dict[str, Any]:
    return {
        "before": None if before is None else str(before),
        "journals": done.journals,
        "erased_again": done.people,
        "waiting": done.waiting,
        "noes_carried_over": done.noes,
        "rows_past_their_time": done.rows,
    }
