"""`orchestrator rights journal`: keys of whoever was erased, which leave with every backup."""

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.counted import counted
from orchestrator.cli.rights_options import Json, counter

app = typer.Typer(help="The journal of erasures: keys alone.", no_args_is_help=True, add_completion=False)
File = Annotated[Path, typer.Argument(metavar="FILE", help="The journal.")]


@app.command()
def export(file: File, as_json: Json = False) -> None:
    """Write the whole journal into a file, to be kept with backups."""
    from orchestrator.persistence import erasure_file

    entries = erasure_file.export(counter().store, file)
    typer.echo(json.dumps({"entries": entries}) if as_json else f"{counted(entries, 'key')} of erased people: {file}.")


@app.command()
def replay(file: File, as_json: Json = False) -> None:
    """Erase again whoever the journal names and this database, a restored copy, still has."""
    from orchestrator.cli.actor import who
    from orchestrator.pipeline.rights import journal
    from orchestrator.pipeline.rights.erasing import Eraser

    desk = counter()
    done = journal.replay(desk.store, Eraser(desk.store, desk.law, who()), file, desk.now)
    if as_json:
        typer.echo(json.dumps({"new": done.entries, "people": done.people, "waiting": done.waiting}))
        return
    waits = f" {done.waiting} wait for what is on its way to be taken back." if done.waiting else ""
    people = counted(done.people, "person", "people")
    typer.echo(f"{counted(done.entries, 'key')} were new here: {people} erased again.{waits}")
