"""`orchestrator agents`: what an agent does with a call and after it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from orchestrator.cli.tables import print_table
from orchestrator.domain.disposition import AfterCall, Disposition

if TYPE_CHECKING:
    from orchestrator.pipeline.agent_desk.promising import Promise

app = typer.Typer(add_completion=False)
AgentId = Annotated[str, typer.Argument(help="The agent's id.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FOLLOWS = {
    AfterCall.DONE: "Nothing more will be tried.",
    AfterCall.RETRY: "They will be tried again.",
    AfterCall.CALLBACK: "They will be called back.",
    AfterCall.DO_NOT_CALL: "No campaign and channel of the seller reaches them any more; a call that goes on is ended.",
    AfterCall.NEXT_NUMBER: "Another of their numbers is tried next.",
    AfterCall.WRONG_NUMBER: "The number is theirs no more, its consents have ended, and it stays suppressed.",
}


@app.command()
def dispositions(agent_id: AgentId, as_json: Json = False) -> None:
    """What may be said of the call that the agent has, or had last."""
    from orchestrator import bootstrap, config_files
    from orchestrator.pipeline.agent_desk.disposing import choices
    from orchestrator.pipeline.agent_desk.on_line import require_last
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    with house.store.read() as tx:
        _, attempt = require_last(tx, agent_id)
        known = choices(tx, config_files.load_dispositions(config_dir()), attempt.campaign_id)
    if as_json:
        typer.echo(json.dumps({"said": attempt.disposition, "choices": [_form(one) for one in known.values()]}))
        return
    _print_choices(list(known.values()))
    typer.echo(f"On record: {attempt.disposition or 'nothing yet'}.")


@app.command()
def dispose(
    agent_id: AgentId,
    disposition: Annotated[str, typer.Argument(help="One of `orchestrator agents dispositions AGENT`.")],
    note: Annotated[str | None, typer.Option(help="Kept encrypted beside it.")] = None,
    ready: Annotated[bool, typer.Option("--ready", help="The wrap-up ends with it.")] = False,
    as_json: Json = False,
) -> None:
    """Say what the call came to, while it goes on or until the wrap-up ends; the last word holds."""
    from orchestrator import bootstrap, config_files
    from orchestrator.pipeline.agent_desk import disposing
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    defaults = config_files.load_dispositions(config_dir())
    said = disposing.dispose(house.store, defaults, agent_id, disposition, house.clock.now(), note=note, ready=ready)
    if as_json:
        typer.echo(json.dumps({**_form(said.disposition), "ready": said.ready}))
        return
    typer.echo(f"Kept: {said.disposition.label}. {FOLLOWS[said.disposition.next_step]}")


@app.command("do-not-call")
def do_not_call(agent_id: AgentId) -> None:
    """The person on the line, or of the last call, said no: all channels of the seller, at once; the call is ended."""
    from orchestrator import bootstrap, config_files
    from orchestrator.pipeline.agent_desk import refusing
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    defaults = config_files.load_dispositions(config_dir())
    refusing.do_not_call(house.store, defaults, lambda: house.carrier, agent_id, house.clock.now())
    typer.echo(f"Suppressed. {FOLLOWS[AfterCall.DO_NOT_CALL]}")


@app.command()
def callback(
    agent_id: AgentId,
    at: Annotated[str, typer.Option(help="In the person's own time: '15:30', 'tomorrow 9:00', '2026-11-27 15:30'.")],
    own: Annotated[bool, typer.Option("--own", help="This agent's, and not whoever is free.")] = False,
    anyone_after_minutes: Annotated[
        int, typer.Option(min=0, max=1440, help="With --own: for so long they are waited for, then anyone calls.")
    ] = 15,
    zone: Annotated[str | None, typer.Option(help="Where the person is, if that is not clear.")] = None,
    as_json: Json = False,
) -> None:
    """The person asks to be called back: promise it, and say at once where it lies outside of lawful hours."""
    from orchestrator import bootstrap, config_files
    from orchestrator.pipeline.agent_desk.promising import Wish, promise
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    engine = bootstrap.build_engine(house, worker="agent-desk")
    wish = Wish(at=at, own=own, waits=timedelta(minutes=anyone_after_minutes), time_zone=zone)
    made = promise(engine, config_files.load_dispositions(config_dir()), agent_id, wish, house.clock.now())
    if as_json:
        typer.echo(json.dumps(asdict(made), default=lambda moment: moment.isoformat()))
        return
    typer.echo(f"Promised for {_local(made.due_at, made.time_zone)}. {_who_calls(made)}")
    if made.warning is not None:
        typer.echo(made.warning, err=True)


@app.command()
def callbacks(
    agent_id: Annotated[str | None, typer.Argument(help="Only this agent's own; else every one.")] = None,
    as_json: Json = False,
) -> None:
    """Callbacks that were promised and wait for their time."""
    from orchestrator import bootstrap
    from orchestrator.persistence import callbacks as stored

    house = bootstrap.build()
    with house.store.read() as tx:
        rows = stored.of_agents(tx, agent_id)
    forms = [
        {
            "campaign": row.campaign_id,
            "due_at": row.due_at.isoformat(),
            "local": _local(row.due_at, row.time_zone),
            "for_agent": row.for_agent,
            "anyone_from": row.anyone_from.isoformat(),
            "asked_by": row.asked_by,
        }
        for row in rows
    ]
    if as_json:
        typer.echo(json.dumps(forms))
    elif forms:
        _print_promises(forms)
    else:
        typer.echo("No callback waits.", err=True)


def _local(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} {zone}"


def _who_calls(made: "Promise") -> str:
    if made.for_agent is None:
        return "Whoever is free then gets the preview."
    return f"It waits for {made.for_agent}; from {_local(made.anyone_from, made.time_zone)} on anyone gets it."


def _print_promises(forms: Sequence[Mapping[str, object]]) -> None:
    from rich.table import Table

    table = Table("campaign", "at (their time)", "whose", "anyone from (UTC)", "asked by")
    for form in forms:
        anyone_from = str(form["anyone_from"])[:16].replace("T", " ")
        table.add_row(
            str(form["campaign"]),
            str(form["local"]),
            str(form["for_agent"] or "anyone"),
            anyone_from,
            str(form["asked_by"]),
        )
    print_table(table)


def _form(one: Disposition) -> dict[str, object]:
    hours = None if one.rest_seconds is None else one.rest_seconds / 3600
    return {"id": one.id, "label": one.label, "outcome": one.outcome, "next": one.next_step, "rest_hours": hours}


def _print_choices(known: list[Disposition]) -> None:
    from rich.table import Table

    table = Table("disposition", "label", "counts as", "next", "rest")
    for one in known:
        rest = "" if one.rest_seconds is None else f"{one.rest_seconds / 3600:g} h"
        table.add_row(one.id, one.label, one.outcome or "as it ended", one.next_step, rest)
    print_table(table)
