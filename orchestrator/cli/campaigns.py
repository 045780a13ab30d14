"""Campaigns: create from a file, launch, watch, pause, resume, stop."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from orchestrator.bootstrap import House, build
from orchestrator.cli import launch_callers, launch_lookups, launch_words
from orchestrator.cli.actor import who
from orchestrator.cli.campaign_numbers import numbers
from orchestrator.cli.campaign_status import campaign_form, status_form, tell_status, what_next
from orchestrator.cli.counted import counted
from orchestrator.cli.law_notice import warn_of_rulebook
from orchestrator.cli.own_words import own_words
from orchestrator.cli.preflight import preflight
from orchestrator.cli.progress import counting
from orchestrator.cli.scripts import with_script
from orchestrator.cli.tables import print_table
from orchestrator.config_files import load_cadences, load_strategies
from orchestrator.domain.campaign_file import field_setting, merged, parse_campaign
from orchestrator.domain.errors import UserError
from orchestrator.persistence import campaigns as stored
from orchestrator.persistence.campaigns import Campaign
from orchestrator.pipeline import campaign_drafts, campaigns, launching
from orchestrator.pipeline.scrub import ScrubReport, load_shelf
from orchestrator.settings import config_dir
from orchestrator.strategies.strategy import Strategy

app = typer.Typer(help="Campaigns: who is contacted why, when and how.", no_args_is_help=True, add_completion=False)
app.command()(preflight)
app.command()(numbers)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Which = Annotated[str, typer.Argument(metavar="NAME", help="The campaign, by name or number.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for those who look at it later.", callback=own_words)]


@app.command()
def create(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The campaign as TOML.")] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="Any field of the file, as in voice.queue=sales; repeatable."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Instead of the file's name.")] = None,
    seller: Annotated[str | None, typer.Option(help="Instead of the file's seller.")] = None,
    lists: Annotated[list[str] | None, typer.Option("--list", help="Instead of the file's lists; repeatable.")] = None,
    strategy: Annotated[str | None, typer.Option(help="Instead of the file's strategy.")] = None,
    priority: Annotated[int | None, typer.Option(help="Instead of the file's priority, 1 first to 9 last.")] = None,
    starts_at: Annotated[str | None, typer.Option(help="Instead of the file's starts_at.")] = None,
    ends_at: Annotated[str | None, typer.Option(help="Instead of the file's ends_at.")] = None,
    as_json: Json = False,
) -> None:
    """Create a draft from a file, or from options alone; a draft of that name is replaced.

    Options replace fields of the file.
    """
    options = {
        "name": name,
        "seller": seller,
        "lists": lists or None,
        "strategy": strategy,
        "priority": priority,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    given = {field: value for field, value in options.items() if value is not None}
    for field in fields or ():
        given = merged(given, field_setting(field))
    if file is None and not given:
        raise UserError("Name a campaign file, or give its fields: --name, --seller, --list and --set FIELD=VALUE.")
    plan = with_script(parse_campaign(_text(file) if file is not None else "", given), file)
    strategies, cadences = load_strategies(config_dir()), load_cadences(config_dir())
    house = build()
    _require_codes(house, plan.codes)
    parts = plan, house.clock.now(), strategies, cadences, who()
    replaced = campaign_drafts.replace_draft(house.store, *parts)
    campaign = replaced or campaign_drafts.create(house.store, *parts)
    for missing in launching.missing_lists(house.store, campaign):
        typer.echo(f"Seller '{campaign.seller_id}' has no list '{missing}' yet; import it before the launch.", err=True)
    became = "was a draft and is replaced" if replaced else "is a draft"
    _tell(campaign, as_json, f"Campaign {campaign.id} '{campaign.name}' {became}. {what_next(campaign.name)}")


def _require_codes(house: House, codes: tuple[str, ...]) -> None:
    """A mistyped code of practice would silently not bind."""
    known = {code for rule in house.rulebook.rules for code in rule.heading.applies.codes} if codes else set()
    for code in codes:
        if code not in known:
            raise UserError(f"codes: '{code}' is no code in the rulebook; there are {', '.join(sorted(known))}.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List all campaigns."""
    with build().store.read() as tx:
        every = stored.every(tx)
    if as_json:
        typer.echo(json.dumps([campaign_form(campaign) for campaign in every], ensure_ascii=False))
        return
    if not every:
        typer.echo("There is no campaign yet: orchestrator campaigns create FILE", err=True)
        return
    table = Table("number", "name", "seller", "purpose", "state", "reason")
    for campaign in every:
        plan, reason = campaign.plan, campaign.state_reason or ""
        table.add_row(str(campaign.id), campaign.name, campaign.seller_id, plan.purpose, campaign.state, reason)
    print_table(table)


@app.command()
def status(campaign: Which, as_json: Json = False) -> None:
    """Show where its people stand and what became of its attempts."""
    form = status_form(build(), campaign)
    if as_json:
        typer.echo(json.dumps(form, ensure_ascii=False))
    else:
        tell_status(form)


@app.command()
def launch(campaign: Which, as_json: Json = False) -> None:
    """Look up and scrub the lists, enrol everybody on them, and begin, or wait for starts_at."""
    house = build()
    found, now = _find(house, campaign), house.clock.now()
    warn_of_rulebook(house)
    strategy = _strategy_of(found)
    launch_words.require(house, found)
    launch_callers.require(house, found)
    with counting("Enrolling") as progress:
        launched = launching.launch(
            house.store, found, now, _scrubber(house), strategy, progress, launch_lookups.before(house, found)
        )
    for scrub in () if as_json else launched.scrubs:
        typer.echo(_scrubbed(scrub))
    said = f"{launched.enrolled:,} enrolled; the campaign is {launched.state}."
    shown = f"Whom a rule blocks, and why: orchestrator campaigns status {shlex.quote(found.name)}"
    _tell(_find(house, str(found.id)), as_json, f"{said} {shown}")


def _taken_back(attempts: int) -> str:
    return f"{counted(attempts, 'attempt')} {'is' if attempts == 1 else 'are'} taken back"


def _scrubbed(scrub: ScrubReport) -> str:
    return (
        f"Scrub {scrub.id}: {counted(scrub.numbers, 'number')}, {scrub.on_any:,} on a registry, {scrub.suppressed:,} "
        f"suppressed, {scrub.dead:,} dead."
    )


def _scrubber(house: House) -> campaigns.Scrubber:
    return campaigns.Scrubber(load_shelf(house.store, house.registries_dir), who())


@app.command()
def pause(campaign: Which, reason: Reason = "paused by hand", as_json: Json = False) -> None:
    """Contact nobody more until resumed; calls that nobody has answered yet are taken back."""
    house = build()
    found = _find(house, campaign)
    taken_back = campaigns.pause(house.store, found, house.clock.now(), who(), reason)
    _tell(_find(house, str(found.id)), as_json, f"'{found.name}' is paused; {_taken_back(taken_back)}.")


@app.command()
def resume(campaign: Which, as_json: Json = False) -> None:
    """Open a paused campaign again, scrubbed anew where the last time was over a day ago."""
    house = build()
    found = _find(house, campaign)
    state = campaigns.resume(house.store, found, house.clock.now(), _scrubber(house))
    _tell(_find(house, str(found.id)), as_json, f"'{found.name}' is {state}.")


@app.command()
def stop(campaign: Which, reason: Reason = "stopped by hand", as_json: Json = False) -> None:
    """End a campaign for good; calls that nobody has answered yet are taken back."""
    house = build()
    found = _find(house, campaign)
    taken_back = campaigns.stop(house.store, found, house.clock.now(), who(), reason)
    _tell(_find(house, str(found.id)), as_json, f"'{found.name}' is stopped; {_taken_back(taken_back)}.")


@app.command()
def archive(campaign: Which, as_json: Json = False) -> None:
    """Put an ended campaign away."""
    house = build()
    found = _find(house, campaign)
    campaigns.archive(house.store, found, house.clock.now(), who())
    _tell(_find(house, str(found.id)), as_json, f"'{found.name}' is archived.")


def _tell(campaign: Campaign, as_json: bool, sentence: str) -> None:
    typer.echo(json.dumps(campaign_form(campaign), ensure_ascii=False) if as_json else sentence)


def _find(house: House, name: str) -> Campaign:
    with house.store.read() as tx:
        return stored.find(tx, name)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not text in UTF-8; save it as UTF-8.") from None


def _strategy_of(campaign: Campaign) -> Strategy:
    strategy = load_strategies(config_dir()).get(campaign.plan.strategy)
    if strategy is None:
        raise UserError(f"There is no strategy '{campaign.plan.strategy}' any more; restore its file in strategies/.")
    return strategy
