"""Declared emergencies: by command, or by a feed file that the worker follows."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.bootstrap import House, build
from orchestrator.cli.actor import who
from orchestrator.domain.emergency import Emergency, parse_one
from orchestrator.domain.errors import UserError
from orchestrator.persistence import emergencies as stored
from orchestrator.persistence.emergencies import COMMAND, FEED
from orchestrator.pipeline.emergencies import rules_asking
from orchestrator.pipeline.emergency_area import require_known
from orchestrator.pipeline.emergency_feed import EmergencyFeed

if TYPE_CHECKING:
    from orchestrator.persistence.tables.columns import Record

app = typer.Typer(
    help="Declared emergencies, in which some laws forbid contact.", no_args_is_help=True, add_completion=False
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FIELD = re.compile(r"The declaration: '([a-z_]+)(?:\.\d+)?'")
OPTIONS = {
    "id": "--name",
    "jurisdiction": "--jurisdiction",
    "until": "--until",
    "source": "--source",
    "citation": "--citation",
    "postal_codes": "--postal-code",
    "counties": "--county",
    "area_codes": "--area-code",
}
AREA = ("postal_codes", "counties", "area_codes")


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Those that are ended or over, too.")] = False,
    as_json: Json = False,
) -> None:
    """List the emergencies that are declared, by whom and until when."""
    house = build()
    now = house.clock.now()
    with house.store.read() as tx:
        rows = [row for row in stored.declared(tx, ended=every) if every or row.until is None or row.until > now]
    if as_json:
        typer.echo(json.dumps([_form(row) for row in rows], ensure_ascii=False))
    else:
        for row in rows:
            typer.echo(_told(row, now))
        if not rows:
            typer.echo("No emergency is declared.")
    for place in sorted({row.jurisdiction for row in rows if row.ended_at is None}):
        if not rules_asking(house.rulebook, place):
            typer.echo(_bearing(house, place), err=True)
    _check_feed(house)


@app.command()
def declare(
    jurisdiction: Annotated[str, typer.Option(help="Where, as in US-LA.")],
    source: Annotated[str, typer.Option(help="Where the declaration can be read.")],
    citation: Annotated[str, typer.Option(help="The declaration itself, as in Executive Order 12.")],
    since: Annotated[datetime | None, typer.Option("--from", help="From when (UTC); default: now.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Until when (UTC); left out: until it is ended.")] = None,
    postal_codes: Annotated[list[str] | None, typer.Option("--postal-code", help="Only there: 3 to 5 digits.")] = None,
    counties: Annotated[list[str] | None, typer.Option("--county", help="Only in this county.")] = None,
    area_codes: Annotated[list[str] | None, typer.Option("--area-code", help="Only this area code.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call it; default: where and when.")] = None,
    as_json: Json = False,
) -> None:
    """Declare an emergency: rules that forbid contact in one hold whoever may be there, and nobody else."""
    house = build()
    now = house.clock.now()
    begins, ends = _utc(since) or now, _utc(until)
    if ends is not None and ends <= now:
        raise UserError(f"--until lies in the past: it is {now:%Y-%m-%d %H:%M:%S} UTC.")
    parts = {"postal_codes": postal_codes, "counties": counties, "area_codes": area_codes}
    place = jurisdiction.upper()
    fields = {
        "id": name or f"{place} {begins:%Y-%m-%d %H:%M}",
        "jurisdiction": place,
        "from": begins,
        "until": ends,
        "source": source,
        "citation": citation,
        **{part: codes for part, codes in parts.items() if codes},
    }
    emergency = _declared({field: value for field, value in fields.items() if value is not None})
    require_known(emergency, house.rulebook.numbering, "The declaration")
    with house.store.write() as tx:
        number = stored.declare(tx, emergency, COMMAND, who(), now)
    if as_json:
        rules = rules_asking(house.rulebook, place)
        typer.echo(json.dumps({"number": number, "id": emergency.name, "rules": rules}, ensure_ascii=False))
        return
    typer.echo(f"Emergency {number} is declared. {_bearing(house, place)}")


@app.command()
def end(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `emergencies list` prints it.")],
    feed_too: Annotated[bool, typer.Option("--feed-too", help="Also one that came by a feed no longer used.")] = False,
) -> None:
    """End an emergency; a worker makes due again whoever it had blocked."""
    house = build()
    with house.store.write() as tx:
        row = next((row for row in stored.declared(tx) if row.id == number), None)
        if row is None:
            raise UserError(f"No emergency {number} is declared; `orchestrator emergencies list` shows them.")
        if row.origin == FEED and not feed_too:
            raise UserError(
                f"Emergency {number} came by the feed file: take '{row.name}' out there. Where the feed is no longer "
                "used, add --feed-too."
            )
        stored.end(tx, number, who(), house.clock.now())
    typer.echo(f"Emergency {number} is ended.")


def _declared(fields: Mapping[str, object]) -> Emergency:
    """The declaration; what is wrong with it is said of the option that was typed, not of the feed's field."""
    try:
        return parse_one(fields, "The declaration")
    except UserError as error:
        field = FIELD.match(str(error))
        option = OPTIONS.get(field[1]) if field else None
        raise (UserError(FIELD.sub(option, str(error))) if option else error) from None


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _bearing(house: House, place: str) -> str:
    """Which rules it wakes: without one, nobody is held by it."""
    rules = rules_asking(house.rulebook, place)
    if rules:
        return f"Rules that bind in it: {', '.join(rules)}."
    return (
        f"No rule of the rulebook in force speaks of emergencies in {place}, so nobody is held by it; to stop all "
        f"contact there: orchestrator halt --jurisdiction {place}"
    )


def _told(row: "Record", now: datetime) -> str:
    lasting = f"until {row.until:%Y-%m-%d %H:%M} UTC" if row.until else "until it is ended"
    state = "ended" if row.ended_at else "over" if row.until and row.until <= now else "declared"
    begins = f"from {row.since:%Y-%m-%d %H:%M} {lasting}"
    ended = f"; ended at {row.ended_at:%Y-%m-%d %H:%M} UTC by {row.ended_by}" if row.ended_at else ""
    parts = "; ".join(f"{part.replace('_', ' ')} {', '.join(row.area[part])}" for part in AREA if part in row.area)
    place = "" if row.name.startswith(row.jurisdiction) else f" {row.jurisdiction}"
    where = f"{place} ({parts})" if parts else place and f",{place}"
    head = f"{row.id}  {state}: {row.name}{where}, {begins}, by {row.declared_by}{ended}"
    return f"{head}\n    {row.citation}; {row.source}"


def _form(row: "Record") -> dict[str, Any]:
    moments = ("since", "until", "declared_at", "ended_at")
    told = {name: getattr(row, name).isoformat() if getattr(row, name) else None for name in moments}
    facts = ("name", "jurisdiction", "area", "source", "citation", "origin", "declared_by", "ended_by")
    return {"number": row.id, **{name: getattr(row, name) for name in facts}, **told}


def _check_feed(house: House) -> None:
    """Say what is wrong with the feed file: what it declared before then stays in force."""
    path = house.settings.emergency_feed
    if path is None:
        return
    try:
        EmergencyFeed(path).read(house.rulebook)
    except UserError as error:
        typer.echo(f"The feed cannot be used, so what it declared last stays in force. {error}", err=True)
