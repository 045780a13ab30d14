"""`orchestrator agents`: what an agent does with a call and after it."""

import json
from typing import Annotated

import typer

from orchestrator.cli.tables import print_table
from orchestrator.domain.disposition import AfterCall, Disposition

app = typer.Typer(add_completion=False)
AgentId = Annotated[str, typer.Argument(help="The agent's id.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FOLLOWS = {
    AfterCall.DONE: "Nothing more will be tried.",
    AfterCall.RETRY: "They will be tried again.",
    AfterCall.CALLBACK: "They will be called back.",
    AfterCall.DO_NOT_CALL: "No campaign and channel of the seller reaches them any more, and the call is ended.",
    AfterCall.NEXT_NUMBER: "Another of their numbers is tried next.",
    AfterCall.WRONG_NUMBER: "The number is theirs no more, its consents have ended, and it stays suppressed.",
}


@app.command()
def dispositions(agent_id: AgentId, as_json: Json = False) -> None:
    """What may be said of the call that the agent has, or had last."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk.disposing import choices
    from orchestrator.pipeline.agent_desk.on_line import require_last
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    with house.store.read() as tx:
        _, attempt = require_last(tx, agent_id)
        known = choices(tx, bootstrap.load_dispositions(config_dir()), attempt.campaign_id)
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
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import disposing
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    defaults = bootstrap.load_dispositions(config_dir())
    said = disposing.dispose(house.store, defaults, agent_id, disposition, house.clock.now(), note=note, ready=ready)
    if as_json:
        typer.echo(json.dumps({**_form(said.disposition), "ready": said.ready}))
        return
    typer.echo(f"Kept: {said.disposition.label}. {FOLLOWS[said.disposition.next_step]}")


@app.command("do-not-call")
def do_not_call(agent_id: AgentId) -> None:
    """The person on the line, or of the last call, said no: all channels of the seller, at once; the call is ended."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import refusing
    from orchestrator.settings import config_dir

    house = bootstrap.build()
    defaults = bootstrap.load_dispositions(config_dir())
    refusing.do_not_call(house.store, defaults, lambda: house.carrier, agent_id, house.clock.now())
    typer.echo(f"Suppressed. {FOLLOWS[AfterCall.DO_NOT_CALL]}")


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
