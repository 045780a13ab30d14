"""`orchestrator senders`: what texts are sent from."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.own_words import needed_words
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError
from orchestrator.domain.sender import usual
from orchestrator.domain.text_sender import SenderRest, SenderRestKind, SenderType, StopsBy, TextSender

if TYPE_CHECKING:
    from orchestrator.pipeline.senders import SenderForm

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What texts are sent from.")
ADDRESS = "A number in E.164, a short code, a name, or a messaging service (MG…)."
Address = Annotated[str, typer.Argument(metavar="SENDER", help=ADDRESS)]
Type = Annotated[SenderType | None, typer.Option("--type", help="What kind it is; else what it looks like.")]
Rate = Annotated[float | None, typer.Option("--rate", min=0.01, max=1000, help="Segments a second; else its type's.")]
MOST_A_DAY = 1_000_000_000
Cap = Annotated[int | None, typer.Option("--daily-cap", min=0, max=MOST_A_DAY, help="Segments a day; 0 for none.")]
Brand = Annotated[str | None, typer.Option("--brand", help="As the carriers registered it; '' for none.")]
Service = Annotated[str | None, typer.Option("--service", help="The messaging service it is in; '' for none.")]
Stops = Annotated[
    StopsBy | None,
    typer.Option("--stops-by", help="Who answers STOP there, Twilio (carrier) or we; else as for its type."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def add(
    sender: Address,
    seller: Annotated[str, typer.Option(help="Whose it is, by id: a STOP to it binds this seller.")],
    type_: Type = None,
    rate: Rate = None,
    daily_cap: Cap = None,
    brand: Brand = None,
    service: Service = None,
    stops_by: Stops = None,
    as_json: Json = False,
) -> None:
    """Make a sender known, with its type, its rate, its caps, and who answers STOP there, which cannot be detected."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import senders

    house = bootstrap.build()
    given = _given(type_, rate, daily_cap, brand, service) | _answered(stops_by)
    found = senders.add(house.store, TextSender(address=sender, seller_id=seller, **given), who(), house.clock.now())
    _tell(found, as_json, f"{sender} is a {found.type} of '{seller}'.")


@app.command("set")
def set_(
    sender: Address,
    type_: Type = None,
    rate: Rate = None,
    daily_cap: Cap = None,
    brand: Brand = None,
    service: Service = None,
    stops_by: Stops = None,
    as_json: Json = False,
) -> None:
    """Change what is given of a sender, and nothing else; whoever waits for a sender is asked about again."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import senders

    given = _given(type_, rate, daily_cap, brand, service) | _answered(stops_by)
    if not given:
        raise UserError("Say what to change: --type, --rate, --daily-cap, --brand, --service or --stops-by.")
    house = bootstrap.build()
    found = senders.change(house.store, sender, given, who(), house.clock.now())
    _tell(found, as_json, f"{sender} is a {found.type} of '{found.seller_id}', changed as you said.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Show each sender: its type, rate and caps, its segments today, and whether it rests and why."""
    from orchestrator import bootstrap, config_files
    from orchestrator.pipeline import senders
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    policy, fallback = config_files.load_sender_policy(config_dir()), house.settings.segments_per_second
    forms = senders.forms(house.store, policy, fallback, house.clock.now())
    if as_json:
        typer.echo(json.dumps([_plain(form) for form in forms], ensure_ascii=False))
    elif forms:
        _print(forms)
    else:
        typer.echo("There is no sender yet: orchestrator senders add SENDER --seller …", err=True)


@app.command()
def rest(
    sender: Address,
    reason: Annotated[str, typer.Option(help="Why, for those who look at it later.", callback=needed_words)],
    until: Annotated[datetime | None, typer.Option(help="When it may be used again (UTC); else until `use`.")] = None,
    as_json: Json = False,
) -> None:
    """Send nothing from it, until a moment or until `senders use`; its people are texted from the others."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import senders

    house = bootstrap.build()
    now = house.clock.now()
    end = until.replace(tzinfo=UTC) if until is not None and until.tzinfo is None else until
    if end is not None and end <= now:
        raise UserError(f"--until lies in the past: it is {now:%Y-%m-%d %H:%M:%S} UTC.")
    kind = SenderRestKind.BY_HAND
    wanted = SenderRest(address=sender, kind=kind, reason=reason, since=now, until=end, by=who())
    senders.rest(house.store, wanted)
    typer.echo(json.dumps(_rest(wanted)) if as_json else f"{sender} rests {senders.until_words(wanted)}.")


@app.command()
def use(sender: Address, as_json: Json = False) -> None:
    """End the sender's rest; whoever waited for a sender is due again."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import senders

    house = bootstrap.build()
    due = senders.use(house.store, sender, who(), house.clock.now())
    told = f"{sender} is in use again; due again: {counted(due, 'person', 'people')}."
    typer.echo(json.dumps({"sender": sender, "due_again": due}) if as_json else told)


@app.command()
def brand(
    name: Annotated[str, typer.Argument(help="The brand, as its senders name it.")],
    seller: Annotated[str, typer.Option(help="Whose it is, by id.")],
    daily_cap: Annotated[
        int | None, typer.Option("--daily-cap", min=1, max=MOST_A_DAY, help="Segments a day; without it: none.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Set what a brand sends a day over all its senders, as T-Mobile caps it (2,000 for most)."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import senders

    house = bootstrap.build()
    due = senders.cap_brand(house.store, seller, name, daily_cap, who(), house.clock.now())
    said = f"{daily_cap:,} segments a day at most" if daily_cap is not None else "as many segments a day as are due"
    told = f"Brand '{name}' of '{seller}' sends {said}; due again: {counted(due, 'person', 'people')}."
    typer.echo(json.dumps({"brand": name, "daily_cap": daily_cap, "due_again": due}) if as_json else told)


def _given(
    type_: SenderType | None, rate: float | None, daily_cap: int | None, brand: str | None, service: str | None
) -> dict[str, Any]:
    """What was said; an empty name and a cap of 0 say that there is none."""
    said = {"type": type_, "segments_per_second": rate, "daily_segments": daily_cap, "brand": brand, "service": service}
    return {name: value or None for name, value in said.items() if value is not None}


def _answered(stops_by: StopsBy | None) -> dict[str, Any]:
    return {} if stops_by is None else {"stops_by": stops_by}


def _tell(sender: TextSender, as_json: bool, sentence: str) -> None:
    typer.echo(json.dumps(_facts(sender), ensure_ascii=False) if as_json else sentence)


def _facts(sender: TextSender) -> dict[str, Any]:
    return {
        "sender": sender.address,
        "seller": sender.seller_id,
        "type": sender.type,
        "segments_per_second": sender.segments_per_second,
        "daily_cap": sender.daily_segments,
        "brand": sender.brand,
        "service": sender.service,
        "stops_by": sender.stops_by or usual(sender.type or SenderType.LONG_CODE),
    }


def _plain(form: "SenderForm") -> dict[str, Any]:
    rest = form.sender.rest
    return {
        **_facts(form.sender),
        "segments_per_second": form.rate,
        "segments_today": form.segments_today,
        "brand_daily_cap": form.brand_cap,
        "brand_segments_today": form.brand_today,
        "state": "resting" if rest else "in use",
        "rest": _rest(rest) if rest else None,
    }


def _rest(rest: SenderRest) -> dict[str, str | None]:
    return {
        "kind": rest.kind,
        "reason": rest.reason,
        "since": rest.since.isoformat(timespec="seconds"),
        "until": rest.until.isoformat(timespec="seconds") if rest.until else None,
        "by": rest.by,
    }


def _print(forms: "list[SenderForm]") -> None:
    from rich.table import Table

    from orchestrator.pipeline.senders import until_words

    columns = (
        "sender",
        "seller",
        "type",
        "segments/s",
        "today",
        "cap",
        "brand",
        "service",
        "STOP answered by",
        "state",
        "why it rests",
    )
    table = Table(*columns)
    for form in forms:
        sender, rest = form.sender, form.sender.rest
        cap = f"{sender.daily_segments:,}" if sender.daily_segments is not None else "none"
        of_brand = f" ({form.brand_today:,} of {form.brand_cap:,} today)" if form.brand_cap is not None else ""
        table.add_row(
            sender.address,
            sender.seller_id,
            sender.type or "not said",
            f"{form.rate:g}",
            f"{form.segments_today:,}",
            cap,
            f"{sender.brand}{of_brand}" if sender.brand else "",
            sender.service or "",
            sender.stops_by or usual(sender.type or SenderType.LONG_CODE),
            f"rests {until_words(rest)}" if rest else "in use",
            f"{rest.kind}: {rest.reason}" if rest else "",
        )
    print_table(table)
