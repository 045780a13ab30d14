"""`orchestrator twilio reconcile` and `settle`: nothing leaves the account undecided."""

import json
import logging
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.progress import counting
from orchestrator.cli.tables import print_table
from orchestrator.cli.twilio_errors import asking_twilio
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestrator.bootstrap import House
    from orchestrator.persistence.tables.columns import Record
    from orchestrator.pipeline.reconcile import DayReport

ALARMED = 1
SHOWN = 100
LISTED_FOR = timedelta(days=400)  # of messages; of calls a little less


def reconcile(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day, in UTC; yesterday where it is not said.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=f"Show every open alarm, not the first {SHOWN}.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hold a day's calls and messages at Twilio against our own books; ends with 1 while an alarm is open."""
    from orchestrator import bootstrap, log
    from orchestrator.persistence import reconciliations
    from orchestrator.pipeline.reconcile import reconcile_day

    log.configure(as_json=False, level=logging.CRITICAL)  # the table says it all
    house = bootstrap.build()
    which = _day(day, house.clock.now())
    with asking_twilio(), counting(f"Reading Twilio's list of {which}", "calls and messages") as progress:
        report = reconcile_day(house.store, house.carrier, which, who(), house.clock.now, progress)
    with house.store.read() as tx:
        alarms = reconciliations.open_alarms(tx, which, None if every else SHOWN)
    if as_json:
        typer.echo(json.dumps(_form(house, report, alarms), ensure_ascii=False))
    else:
        _say(house, report, alarms)
    if report.open:
        raise typer.Exit(ALARMED)


def settle(
    sid: Annotated[str, typer.Argument(help="Twilio's name of the call or message: CA… or SM…")],
    note: Annotated[str, typer.Option(help="What it was; kept with the alarm.")],
) -> None:
    """Close an alarm with what you know of it."""
    from orchestrator import bootstrap
    from orchestrator.persistence import reconciliations

    house = bootstrap.build()
    refuse_cards(note, "--note")
    if not note.strip():
        raise UserError("--note is empty; say what it was, since it is kept as the answer to the alarm.")
    with house.store.write() as tx:
        closed = reconciliations.settle(tx, sid, who(), note.strip(), house.clock.now())
    if not closed:
        raise UserError(f"No alarm is open on '{sid[:40]}'; `orchestrator twilio reconcile` shows the open ones.")
    typer.echo(f"Settled {sid}.")


def _day(asked: datetime | None, now: datetime) -> date:
    today = now.astimezone(UTC).date()
    if asked is None:
        return today - timedelta(days=1)
    if asked.date() > today:
        raise UserError(f"--day {asked:%Y-%m-%d} has not begun yet; today is {today} (UTC).")
    if asked.date() < today - LISTED_FOR:
        raise UserError(f"--day {asked:%Y-%m-%d} is over {LISTED_FOR.days} days ago: Twilio lists no day so old.")
    return asked.date()


def _form(house: "House", report: "DayReport", alarms: "Sequence[Record]") -> dict[str, Any]:
    return {
        "day": str(report.day),
        "found": dict(sorted(report.tally.items())),
        "raised": report.raised,
        "cleared": report.cleared,
        "open": report.open,
        "unasked": report.unasked,
        "alarms": [_alarm(house, row) for row in alarms],
    }


def _alarm(house: "House", row: "Record") -> dict[str, Any]:
    from orchestrator.domain.reconciling import WHAT_TO_DO, AlarmKind
    from orchestrator.log import masked
    from orchestrator.persistence.reconciliations import ENDS

    ends = house.store.keyring.open_json(row.ends_sealed, ENDS)
    return {
        "kind": row.kind,
        "sid": row.sid,
        "channel": row.channel,
        "direction": row.direction,
        "status": row.status,
        "at": row.happened_at.isoformat() if row.happened_at else None,
        "to": masked(ends["to"]),
        "from": masked(ends["from"] or ""),
        "attempt": str(row.attempt_id) if row.attempt_id else None,
        "do": WHAT_TO_DO[AlarmKind(row.kind)],
    }


def _say(house: "House", report: "DayReport", alarms: "Sequence[Record]") -> None:
    listed = sum(count for name, count in report.tally.items() if not name.endswith(("not_listed", "not_at_carrier")))
    typer.echo(f"{report.day} (UTC): Twilio lists {counted(listed, 'call or message', 'calls and messages')}.")
    for name, count in sorted(report.tally.items()):
        typer.echo(f"  {name.replace('.', ': ').replace('_', ' ')}: {count:,}")
    if report.unasked:
        typer.echo(f"{report.unasked:,} more were not listed and not asked for one by one; run it again later.")
    if not report.open:
        typer.echo("No alarm of this day is open.")
        return
    _say_alarms([_alarm(house, row) for row in alarms], report.open)
    _say_what_next(report, len(alarms))


def _say_alarms(alarms: "Sequence[dict[str, Any]]", open_: int) -> None:
    from rich.table import Table

    columns = ("kind", "sid", "channel", "direction", "status", "at", "from", "to", "attempt")
    table = Table(*columns, title=f"{counted(open_, 'open alarm')}, {len(alarms)} shown")
    for alarm in alarms:
        table.add_row(*(str(alarm[column] or "") for column in columns))
    print_table(table)
    for kind, advice in {alarm["kind"]: alarm["do"] for alarm in alarms}.items():
        typer.echo(f"{kind}: {advice}", err=True)


def _say_what_next(report: "DayReport", shown: int) -> None:
    if report.open > shown:
        command = f"orchestrator twilio reconcile --day {report.day} --all"
        typer.echo(f"{report.open - shown:,} more are open: `{command}` shows them all.", err=True)
    typer.echo('Each stays open until it is settled: orchestrator twilio settle SID --note "what it was"', err=True)
