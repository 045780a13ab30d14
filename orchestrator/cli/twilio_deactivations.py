"""`orchestrator twilio deactivations`: the carriers' list of numbers that were given up on a day."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.twilio_errors import asking_twilio
from orchestrator.domain.errors import UserError


def deactivations(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day, in UTC; yesterday where it is not said.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read the US carriers' list of a day: numbers on it are contacted no more, and consents under them are void.

    The worker reads each day by itself; reading one again adds nothing.
    """
    from orchestrator import bootstrap
    from orchestrator.pipeline.deactivations import read_day

    house = bootstrap.build()
    now = house.clock.now()
    with asking_twilio():
        report = read_day(house.store, house.carrier_lists, _day(day, now), who(), now)
    if as_json:
        typer.echo(json.dumps(asdict(report) | {"day": report.day.isoformat()}))
        return
    listed = counted(report.listed, "number", "numbers")
    typer.echo(f"{report.day}: {listed} listed, {report.known} of ours, {report.consents} consents ended.")


def _day(asked: datetime | None, now: datetime) -> date:
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    if asked is None:
        return yesterday
    if asked.date() > yesterday:
        raise UserError(f"--day {asked:%Y-%m-%d} is not over yet; the latest that is, in UTC, is {yesterday}.")
    return asked.date()
