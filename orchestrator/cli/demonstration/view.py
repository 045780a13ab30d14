"""The demo as a person watches it: live numbers while it runs, and a report at the end."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from sqlalchemy import func, select

from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.settings import load

if TYPE_CHECKING:
    from orchestrator.cli.demonstration.stage import Stage


def watch(stage: "Stage") -> None:
    """Show the campaign until it ends."""
    with Live(_now(stage), console=Console(), refresh_per_second=4) as live:
        stage.await_end(lambda: live.update(_now(stage)))
        live.update(_now(stage))


def _now(stage: "Stage") -> Group:
    with stage.store.read() as tx:
        people = dict(tx.execute(select(enrollments.c.stage, func.count()).group_by(enrollments.c.stage)).all())
        staff = dict(tx.execute(select(agents.c.state, func.count()).group_by(agents.c.state)).all())
        columns = (attempts.c.channel, attempts.c.mode, attempts.c.stage, attempts.c.outcome)
        rows = tx.execute(select(*columns, func.count()).group_by(*columns)).all()
    calls: Counter[tuple[str, str]] = Counter()
    for channel, mode, at, outcome, count in rows:
        calls[mode or channel, outcome or at] += count
    return Group(
        f"The world's time: {load().clock.now():%A %H:%M:%S} UTC",
        _table("contacts", people),
        _table("agents", staff),
        _table("attempts", {f"{mode}: {state}": count for (mode, state), count in sorted(calls.items())}),
    )


def _table(title: str, counts: Mapping[str, int]) -> Table:
    table = Table(title=title, show_header=False, title_justify="left", min_width=48)
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    return table


def closing_report(summary: Mapping[str, Any]) -> None:
    """What the half hour came to."""
    console = Console()
    for name, verdicts in summary["lists"].items():
        console.print(_table(f"list {name}", verdicts))
    console.print(_table("contacts", summary["enrollments"]))
    console.print(_attempts(summary["attempts"]))
    console.print(_held(summary["held"]))
    console.print(f"{summary['due_now']:,} more may be called, and wait for an agent or a line.")
    for country, counts in summary["abandonment"].items():
        rate = f"{counts['rate']:.1%}"
        console.print(f"{country}: {counts['abandoned']} of {counts['live_answered']} live answers abandoned, {rate}")
    console.print(f"Opt-outs: {summary['opt_outs']}. Double contacts: {summary['double_contacts']}.")
    console.print(f"It took {summary['elapsed']} s.")


def _attempts(rows: list[dict[str, Any]]) -> Table:
    table = Table("channel", "mode", "outcome", "count", title="attempts", title_justify="left")
    for row in rows:
        table.add_row(row["channel"], row["mode"] or "", row["outcome"] or "in flight", f"{row['count']:,}")
    return table


def _held(rows: list[dict[str, Any]]) -> Table:
    table = Table("held by", "opens at (UTC)", "contacts", title="who waits, and until when", title_justify="left")
    for row in rows[:15]:
        table.add_row(row["rule"], row["opens_at"][:16], f"{row['contacts']:,}")
    return table
