"""`orchestrator campaigns numbers`: what agents did, what became of calls, what may still be lost, and why."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from orchestrator.bootstrap import build
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError
from orchestrator.domain.quarters import QUARTER, quarter_at

LENGTH = re.compile(r"(\d{1,4})(m|h|d)")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
STATES = ("ready", "connecting", "talking", "wrapping", "paused")
MOST_INTERVALS = 1000
REASONS_TOLD = 10


def numbers(
    campaign: Annotated[str, typer.Argument(metavar="NAME", help="The campaign, by name or number.")],
    every: Annotated[str, typer.Option(help="How long each interval is: 15m, 30m, 1h, 1d …")] = "15m",
    since: Annotated[datetime | None, typer.Option(help="From when on (UTC); else the last eight hours.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show agents' time and calls by interval, each regime's abandoned calls, and why so many calls were placed."""
    from orchestrator.config_files import load_pacing
    from orchestrator.persistence import campaigns as stored
    from orchestrator.pipeline.abandonment import Abandonment
    from orchestrator.pipeline.numbers import numbers_form, numbers_of

    house = build()
    now, length = house.clock.now(), _length(every)
    begins = _begins(since, now, length)
    with house.store.read() as tx:
        found = stored.find(tx, campaign)
    budgets = Abandonment(house.store, house.rulebook, our_share=load_pacing().target_abandonment)
    form = numbers_form(numbers_of(house.store, budgets, found, begins, now, length))
    if as_json:
        typer.echo(json.dumps(form, ensure_ascii=False))
    else:
        _tell(form)


def _length(text: str) -> timedelta:
    read = LENGTH.fullmatch(text.strip())
    length = int(read[1]) * UNITS[read[2]] if read else timedelta(0)
    if not length or length % QUARTER:
        raise UserError(f"--every: '{text}' must be quarters of an hour, as in 15m, 30m, 1h or 1d.")
    return length


def _begins(since: datetime | None, now: datetime, length: timedelta) -> datetime:
    begins = quarter_at(now - timedelta(hours=8) if since is None else since.replace(tzinfo=since.tzinfo or UTC))
    if begins >= now:
        raise UserError(f"--since: {begins:%Y-%m-%dT%H:%M} UTC is not over yet; name a moment before now.")
    if (now - begins) / length > MOST_INTERVALS:
        raise UserError(f"--since: that is over {MOST_INTERVALS:,} intervals; name a later moment, or longer --every.")
    return begins


def _tell(form: dict[str, Any]) -> None:
    _print_intervals([row for row in form["intervals"] if row["calls"] or row["seconds"]])
    busy = {
        agent: rows for agent, rows in form["agents"].items() if any(row["calls"] or row["seconds"] for row in rows)
    }
    _print_agents(busy)
    for budget in form["abandonment"]:
        typer.echo(budget_in_words(budget))
    for reason in form["reasons"][:REASONS_TOLD]:
        typer.echo(f"{reason['at'][:19]} {reason['words']} ({reason['paced_by']})")


def _print_intervals(rows: list[dict[str, Any]]) -> None:
    table = Table("from (UTC)", *STATES, "calls", "met", "abandoned", "answer rate", "outcomes")
    for row in rows:
        rate = "" if row["answer_rate"] is None else f"{row['answer_rate']:.1%}"
        counts = (str(row[name]) for name in ("calls", "met", "abandoned"))
        table.add_row(row["begins_at"][:16], *_times(row["seconds"]), *counts, rate, _outcomes(row["outcomes"]))
    if rows:
        print_table(table)
    else:
        typer.echo("Nobody was at work and nobody was called in that time.")


def _print_agents(agents: dict[str, list[dict[str, Any]]]) -> None:
    table = Table("agent", *STATES, "calls", "outcomes")
    for agent, rows in agents.items():
        seconds = {state: sum(row["seconds"].get(state, 0.0) for row in rows) for state in STATES}
        named = {name for row in rows for name in row["outcomes"]}
        outcomes = {name: sum(row["outcomes"].get(name, 0) for row in rows) for name in sorted(named)}
        table.add_row(agent, *_times(seconds), str(sum(row["calls"] for row in rows)), _outcomes(outcomes))
    if agents:
        print_table(table)


def _times(seconds: dict[str, float]) -> list[str]:
    return [_minutes(seconds.get(state, 0.0)) for state in STATES]


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}" if seconds else ""


def _outcomes(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in outcomes.items())


def budget_in_words(budget: dict[str, Any]) -> str:
    """As in: GB: 1 of 74 live answers abandoned since 2026-11-23 00:00 UTC, at most 3 % (gb.ofcom…): 1.2 …"""
    mistaken = budget["taken_for_machines"]
    added = f" and {mistaken} more taken for machines" if mistaken else ""
    lost = f"{budget['country']}: {budget['abandoned']} of {budget['live_answered']} live answers abandoned{added}"
    limit = f"since {budget['began_at'][:16].replace('T', ' ')} UTC, at most {100 * budget['limit']:g} %"
    left = f"({budget['rule']}): {max(0.0, budget['calls_left']):.1f} calls may be lost."
    spent = "" if budget["dialled"] == "ahead" else "No call is risked: agents are reserved (progressive)."
    return " ".join(filter(None, [lost, limit, left, spent, budget["estimate"]]))
