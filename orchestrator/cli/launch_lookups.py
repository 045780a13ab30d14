"""What a launch asks the carrier about people before it enrols them: line types, and reassigned numbers."""

from collections.abc import Callable, Sequence
from datetime import datetime

import typer

from orchestrator.bootstrap import House
from orchestrator.cli.counted import counted
from orchestrator.cli.preflight import engine_without_account
from orchestrator.cli.progress import counting
from orchestrator.persistence.campaigns import Campaign
from orchestrator.pipeline import line_types, reassigned
from orchestrator.pipeline.reassigned import ReassignedReport
from orchestrator.pipeline.reassigned_need import wanted_before_launch

LOOKUPS_AT_ONCE = 500


def before(house: House, campaign: Campaign) -> Callable[[Sequence[int]], None]:
    """A function that looks everybody on the lists up; without an account it says what that means."""

    def look_up(list_ids: Sequence[int]) -> None:
        asked = 0
        for list_id in list_ids if has_account(house) else ():
            with counting("Looking up line types", "numbers") as progress:
                asked += _line_types(house, list_id, progress)
        if asked:
            typer.echo(f"Paid lookups of line types: {asked:,}.", err=True)
        if not has_account(house):
            typer.echo(
                "No Twilio account is set: line types are not looked up, and unknown counts as mobile.", err=True
            )
        _reassigned(house, campaign)

    return look_up


def has_account(house: House) -> bool:
    """Whether the carrier can be asked."""
    settings = house.settings
    return None not in {settings.account_sid, settings.auth_token, settings.public_url}


def _line_types(house: House, list_id: int, progress: Callable[[int], None]) -> int:
    """Look up everybody on the list; return how many numbers were asked about."""
    asked = 0
    threads = house.settings.placement_threads
    whose = line_types.Whose(list_id=list_id)
    while True:
        report = line_types.run_once(
            house.store, house.carrier, house.clock.now(), LOOKUPS_AT_ONCE, whose, threads=threads
        )
        progress(report.looked_up)
        asked += report.looked_up
        if report.stopped is not None:
            typer.echo(f"Lookups stopped: {report.stopped} What is unknown counts as mobile.", err=True)
        if report.stopped is not None or report.looked_up < LOOKUPS_AT_ONCE:
            return asked


def _reassigned(house: House, campaign: Campaign) -> None:
    """Ask now about whoever the law or the campaign wants asked about; one that starts later asks when it starts."""
    now = house.clock.now()
    if campaign.plan.starts_at is not None and campaign.plan.starts_at > now:
        return
    engine, _ = engine_without_account()
    with counting("Asking the rules about") as progress:
        wanted = reassigned.unasked(house.store, wanted_before_launch(engine, campaign, now, progress), now)
    if not wanted:
        return
    if not has_account(house):
        typer.echo(
            "No Twilio account is set: the Reassigned Numbers Database is not asked about "
            f"{counted(len(wanted), 'number')}, and whoever they belong to waits until a worker asks.",
            err=True,
        )
        return
    typer.echo(_told(_ask(house, wanted, now)), err=True)


def _ask(house: House, wanted: Sequence[reassigned.Wanted], now: datetime) -> ReassignedReport:
    with counting(f"Asking whether they were reassigned, of {counted(len(wanted), 'number')}:", "asked") as progress:
        threads = house.settings.placement_threads
        return reassigned.look_up(house.store, house.carrier, wanted, now, threads=threads, progress=progress)


def _told(report: ReassignedReport) -> str:
    sentence = (
        f"Paid lookups of reassigned numbers: {report.asked:,} (still the same person's {report.unchanged:,}, "
        f"reassigned {report.reassigned:,}, no data {report.no_data:,}, not answered {report.unanswered:,})."
    )
    stopped = f" Lookups stopped: {report.stopped} The worker asks about the rest." if report.stopped else ""
    return sentence + stopped
