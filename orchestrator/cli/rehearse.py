"""`orchestrator rehearse`: a campaign's day played before it comes, with modelled people; nobody is contacted."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.rehearsal.played import Rehearsal

ONE_MINUTE = timedelta(minutes=1)
LATEST = timedelta(days=366)
SAY_START = "--start must be a moment with its offset, as in 2026-12-01T09:00-05:00"


def rehearse(
    campaign: Annotated[str, typer.Argument(metavar="NAME", help="The campaign, by name or number.")],
    start: Annotated[
        str | None, typer.Option(help="When it begins, with its offset: 2026-12-01T09:00-05:00. Left out: now.")
    ] = None,
    hours: Annotated[float, typer.Option(min=0.1, max=24.0, help="For how long people are contacted.")] = 8.0,
    agents: Annotated[
        int | None, typer.Option(min=1, max=1000, help="How many agents; left out, those of the campaign's queue.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed, the same day; another seed, other people.")] = 1,
    population: Annotated[
        Path | None, typer.Option(help="Shares and ranges of the modelled people, as the sandbox reads them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Play a day of the campaign in memory: whom it would reach by when, what is abandoned, and what it costs."""
    from orchestrator import log
    from orchestrator.cli.preflight import engine_without_account
    from orchestrator.cli.rehearsal_forms import report_form, told
    from orchestrator.compliance.opt_out import classify
    from orchestrator.config_files import load_opt_out_words, load_prices
    from orchestrator.persistence import campaigns
    from orchestrator.rehearsal.played import Rehearsal
    from orchestrator.rehearsal.rehearsing import rehearse as play
    from orchestrator.settings import config_dir

    log.configure(as_json=False, level=logging.ERROR)  # what the steps note is of modelled calls, and no news
    engine, now = engine_without_account()
    begins = _start(start, now)
    order = Rehearsal(start=begins, lasts=timedelta(hours=hours), agents=agents, seed=seed, population=population)
    words = load_opt_out_words(config_dir())
    prices = load_prices(config_dir())
    with engine.store.read() as tx:
        found = campaigns.find(tx, campaign)
    with _watched(order) as progress:
        report = play(engine, found, order, partial(classify, words=words), prices, progress)
    if as_json:
        typer.echo(json.dumps(report_form(report), ensure_ascii=False))
        return
    told(report)


def _start(text: str | None, now: datetime) -> datetime:
    """The moment that was typed, in the offset that was typed; raises UserError for one that cannot be used."""
    if text is None:
        return now.replace(microsecond=0)
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{SAY_START}, not '{text}'.") from None
    if start.tzinfo is None:
        raise UserError(f"{SAY_START}; '{text}' has none.")
    if start < now - ONE_MINUTE:
        raise UserError(f"--start {text} is over: a rehearsal plays what is due now, so begin now or later.")
    if start > now + LATEST:
        raise UserError(f"--start {text} is over a year ahead: no list or law is known for that long; begin earlier.")
    return start


@contextmanager
def _watched(order: "Rehearsal") -> Iterator[Callable[[datetime], None]]:
    """A line on standard error with the hour that is played, where a person watches."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from orchestrator.cli.progress import CONSOLE

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal) as progress:
        task = progress.add_task("Copying what is due", total=order.lasts.total_seconds())
        yield lambda now: progress.update(
            task, completed=(now - order.start).total_seconds(), description=f"Playing {now:%a %H:%M}"
        )
