"""`orchestrator callers`: the numbers that calls show."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.tables import print_table
from orchestrator.domain.caller_id import CallerRest, RestKind
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.pipeline.callers import CallerForm

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The numbers that calls show.")
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="In E.164, as in +12125550100.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LEVELS = "ABC"


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Show each number: whether it rests and why, its calls today, how many were answered, how it was attested."""
    from orchestrator import bootstrap, config_files
    from orchestrator.pipeline import callers
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    policy = config_files.load_caller_policy(config_dir())
    forms = callers.forms(house.store, house.rulebook.places, policy, house.clock.now())
    if as_json:
        typer.echo(json.dumps([_plain(form) for form in forms], ensure_ascii=False))
    elif forms:
        _print(forms)
    else:
        typer.echo(
            "There is no caller id yet; `orchestrator campaigns create` makes those of its file known.", err=True
        )


@app.command()
def rest(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why, for those who look at it later.")],
    until: Annotated[datetime | None, typer.Option(help="When it may be shown again (UTC); else until `use`.")] = None,
    as_json: Json = False,
) -> None:
    """Show the number no more, until a moment or until `callers use`. Calls under way go on."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import callers

    refuse_cards(reason, "--reason")
    house = bootstrap.build()
    now = house.clock.now()
    end = until.replace(tzinfo=UTC) if until is not None and until.tzinfo is None else until
    if end is not None and end <= now:
        raise UserError(
            f"--until lies in the past: it is {now:%Y-%m-%d %H:%M:%S} UTC. Give a later moment, leave --until out for "
            f"a rest without an end, or end one now with `orchestrator callers use {number}`."
        )
    wanted = CallerRest(address=number, kind=RestKind.BY_HAND, reason=reason, since=now, until=end, by=who())
    callers.rest(house.store, wanted)
    told = f"{number} rests {callers.until_words(wanted)}. Who could be called from no other number waits."
    typer.echo(json.dumps(_rest(wanted), ensure_ascii=False) if as_json else told)


@app.command()
def use(number: Number, as_json: Json = False) -> None:
    """End the number's rest; whoever waited for a caller id is due again."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import callers

    house = bootstrap.build()
    due = callers.use(house.store, number, who(), house.clock.now())
    told = f"{number} is in use again; due again: {counted(due, 'person', 'people')}."
    typer.echo(json.dumps({"number": number, "due_again": due}) if as_json else told)


@app.command()
def cap(
    number: Number,
    calls: Annotated[int | None, typer.Argument(min=1, help="Calls a day of the number's zone.")] = None,
    as_json: Json = False,
) -> None:
    """Set how many calls a day the number places; without CALLS it is what config/caller_ids.toml says for all."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import callers

    house = bootstrap.build()
    due = callers.cap(house.store, number, calls, who(), house.clock.now())
    said = f"{calls:,} calls a day" if calls is not None else "what config/caller_ids.toml says for all"
    told = f"{number} places {said}; due again: {counted(due, 'person', 'people')}."
    typer.echo(json.dumps({"number": number, "daily_cap": calls, "due_again": due}) if as_json else told)


def _plain(form: "CallerForm") -> dict[str, Any]:
    standing = form.standing
    called_back_at = standing.called_back_at
    return {
        "number": standing.address,
        "seller": form.seller_id,
        "state": "resting" if standing.rest else "in use",
        "rest": _rest(standing.rest) if standing.rest else None,
        "placed_today": form.placed_today,
        "daily_cap": form.cap,
        "recent_calls": form.recent.ended,
        "recent_answered": form.recent.answered,
        "attested": dict(zip(LEVELS, form.levels, strict=True)),
        "called_back_at": called_back_at.isoformat(timespec="seconds") if called_back_at else None,
    }


def _rest(rest: CallerRest) -> dict[str, str | None]:
    return {
        "kind": rest.kind,
        "reason": rest.reason,
        "since": rest.since.isoformat(timespec="seconds"),
        "until": rest.until.isoformat(timespec="seconds") if rest.until else None,
        "by": rest.by,
    }


def _print(forms: "list[CallerForm]") -> None:
    from rich.table import Table

    from orchestrator.pipeline.callers import until_words

    table = Table("number", "seller", "state", "today", "cap", "answered lately", "attested", "why it rests")
    for form in forms:
        rest, recent = form.standing.rest, form.recent
        attested = ", ".join(f"{level} {n}" for level, n in zip(LEVELS, form.levels, strict=True) if n)
        table.add_row(
            form.standing.address,
            form.seller_id,
            f"rests {until_words(rest)}" if rest else "in use",
            f"{form.placed_today:,}",
            f"{form.cap:,}" if form.cap is not None else "none",
            f"{recent.share:.0%} of {recent.ended:,}" if recent.ended else "",
            attested,
            f"{rest.kind}: {rest.reason}" if rest else "",
        )
    print_table(table)
