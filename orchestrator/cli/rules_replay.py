"""`orchestrator rules replay`: whom a changed rulebook would have treated otherwise."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from orchestrator.cli.rule_sources import files_of
from orchestrator.compliance.rulebook import Rulebook

if TYPE_CHECKING:
    from orchestrator.persistence.campaigns import Campaign
    from orchestrator.pipeline.engine import Engine
    from orchestrator.pipeline.replay import Progress as Count
    from orchestrator.pipeline.replay import Replay

EXAMPLES = 3


def replay(
    campaign: Annotated[str, typer.Option("--campaign", help="The campaign, by name or number.")],
    rulebook: Annotated[
        str, typer.Option("--rulebook", metavar="DIR", help="The changed rulebook: a folder like config/, or a digest.")
    ],
    examples: Annotated[int, typer.Option(min=0, max=1000, help="Contacts shown of each rule.")] = EXAMPLES,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask again, under a changed rulebook, what was decided in a campaign, and about whoever waits in it.

    Nothing is written. Stored decisions are asked with the facts that they were made on.
    """
    from orchestrator.cli.preflight import engine_without_account
    from orchestrator.persistence import campaigns
    from orchestrator.pipeline.replay import replay_form, replay_lines

    changed = Rulebook.parse(files_of(rulebook))
    engine, now = engine_without_account()
    with engine.store.read() as tx:
        found = campaigns.find(tx, campaign)
    [done] = replay_all(engine, [found], changed, now, examples)
    if as_json:
        heads = {"from": engine.rulebook.digest, "to": changed.digest}
        typer.echo(json.dumps({**heads, **replay_form(done)}, ensure_ascii=False))
        return
    typer.echo(f"From rulebook {engine.rulebook.digest[:12]}, which is in force, to {changed.digest[:12]}.")
    if changed.digest == engine.rulebook.digest:
        typer.echo("These are the same rulebook: nothing differs, and nobody would be treated otherwise by it.")
    for line in replay_lines(done):
        typer.echo(line)


def replay_all(
    engine: "Engine", campaigns: "Sequence[Campaign]", changed: Rulebook, now: datetime, examples: int
) -> "list[Replay]":
    """The replay of each campaign, with progress on standard error."""
    from orchestrator.pipeline.replay import replay

    found = []
    for campaign in campaigns:
        with _counting(f"Asking again about '{campaign.name}':") as progress:
            found.append(replay(engine, campaign, changed, now, examples, progress))
    return found


@contextmanager
def _counting(what: str) -> "Iterator[Count]":
    columns = SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f}"), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda answers: progress.update(task, advance=answers)
