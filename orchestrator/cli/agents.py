"""`orchestrator agents`: who takes calls."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from orchestrator.cli import agent_calls, agent_lines
from orchestrator.cli.agent_training import require_training
from orchestrator.cli.tables import print_table
from orchestrator.domain.agent import AgentState
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.bootstrap import House

app = typer.Typer(no_args_is_help=True, add_completion=False, help="People who talk with those we reach.")
app.add_typer(agent_calls.app)
app.add_typer(agent_lines.app)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
ADDRESS = re.compile(r"\+[1-9][0-9]{6,14}|client:[A-Za-z0-9_.@-]{1,121}|sips?:[^\s@]+@[^\s@]+")
FORMS = {
    NAME: "use up to 64 letters, digits, dots, dashes and underscores",
    ADDRESS: "give a number in E.164, client:NAME or sip:NAME@HOST",
}
WHAT_NOW = {
    AgentState.READY: ".",
    AgentState.RESERVED: " for a call, and ready after it; `orchestrator agents offer {agent}` shows who it is.",
    AgentState.CONNECTING: ": somebody is being joined to them. They are ready again after that call's wrap-up.",
    AgentState.TALKING: ", and ready after the wrap-up; `orchestrator agents dispose {agent} NAME --ready` ends it.",
    AgentState.WRAPPING: " until the worker has put their room in order; it makes them ready in a few seconds.",
    AgentState.AWAY: ": their phone is ringing, or their room is being put in order. They are ready within seconds.",
}
AgentId = Annotated[str, typer.Argument(help="The agent's id.")]


@app.command()
def add(
    agent_id: AgentId,
    queue: Annotated[str, typer.Option(help="The campaigns' queue that the agent serves.")],
    address: Annotated[str, typer.Option(help="Where the agent is rung: +E.164, client:… or sip:…")],
    name: Annotated[str | None, typer.Option(help="Shown to supervisors.")] = None,
    wrap_up_seconds: Annotated[int, typer.Option(min=0, max=3600, help="After each conversation.")] = 15,
    worker: Annotated[
        str | None, typer.Option(help="The agent's TaskRouter worker, by WK… or by name: previews come as tasks.")
    ] = None,
) -> None:
    """Add an agent, who is away until signed in with `agents ready`, or available as a TaskRouter worker."""
    from orchestrator import bootstrap
    from orchestrator.cli.agent_worker import link_worker, worker_sid
    from orchestrator.persistence import agents

    for text, form, what in (
        (agent_id, NAME, "The agent's id"),
        (queue, NAME, "--queue"),
        (address, ADDRESS, "--address"),
    ):
        if not form.fullmatch(text):
            raise UserError(f"{what} '{text[:40]}' cannot be used: {FORMS[form]}.")
    house = bootstrap.build(may_make=True)
    sid = worker_sid(house, worker)
    facts = {"name": name or agent_id, "queue": queue, "address": address, "wrap_up_seconds": wrap_up_seconds}
    try:
        with house.store.write() as tx:
            agents.add(tx, house.store.keyring, agent_id, **facts, now=house.clock.now())  # type: ignore[arg-type]
            link_worker(tx, agent_id, sid, house.clock.now())
    except IntegrityError:
        raise UserError(f"There is an agent '{agent_id}' already; choose another id.") from None
    if sid is not None:
        typer.echo(f"Agent {agent_id} serves {queue} as worker {sid}: previews come while the worker is available.")
        return
    typer.echo(f"Agent {agent_id} serves {queue}; sign in with `orchestrator agents ready {agent_id}`.")


@app.command()
def link(
    agent_id: AgentId, worker: Annotated[str, typer.Argument(help="The TaskRouter worker, by WK… or by name.")]
) -> None:
    """Say that an agent is a TaskRouter worker: previews come to them as tasks."""
    from orchestrator import bootstrap
    from orchestrator.cli.agent_worker import link_worker, worker_sid

    house = bootstrap.build()
    _require(house, agent_id)
    sid = worker_sid(house, worker)
    with house.store.write() as tx:
        link_worker(tx, agent_id, sid, house.clock.now())
    typer.echo(f"Agent {agent_id} is worker {sid}: previews come while the worker is available.")


@app.command()
def workers(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show the workspace's workers: what they do, how many calls they could take, and which agent each is."""
    from orchestrator import bootstrap
    from orchestrator.cli.agent_worker import print_workers

    print_workers(bootstrap.build(), as_json=as_json)


@app.command()
def ready(agent_id: AgentId) -> None:
    """Sign in: the worker rings the agent, who then waits for calls in a conference of their own."""
    from orchestrator import bootstrap
    from orchestrator.persistence import agent_legs, agents, task_workers
    from orchestrator.persistence.tables.agents import agents as table
    from orchestrator.pipeline.agents import ask_about

    house = bootstrap.build()
    now = house.clock.now()
    with house.store.write() as tx:
        row = tx.execute(select(table).where(table.c.id == agent_id)).one_or_none()
        if row is not None:
            require_training(tx, row, now)
        if row is None or not agent_legs.ask(tx, agent_id, now):
            raise UserError(f"There is no agent '{agent_id}'; add one with `orchestrator agents add`.")
        if not task_workers.leave_tasks(tx, agent_id, now):
            raise UserError(f"Agent '{agent_id}' has a task before them; let them finish it, then sign in.")
        if row.state != AgentState.AWAY:
            agents.ready(tx, agent_id, now)
    if row.state == AgentState.AWAY and row.leg_sid is not None:
        ask_about(house.store, house.carrier, row, now)  # ready once they have picked up, and not while they are rung
    typer.echo(_standing(house, agent_id))


def _standing(house: "House", agent_id: str) -> str:
    """What signing in came to: who has a call of their own is not rung again."""
    from orchestrator.persistence.tables.agents import agents as table

    with house.store.read() as tx:
        row = tx.execute(select(table).where(table.c.id == agent_id)).one()
    if row.leg_sid is None:
        return f"Agent {agent_id} is being rung."
    return f"Agent {agent_id} is {row.state}{WHAT_NOW[AgentState(row.state)].format(agent=agent_id)}"


@app.command()
def pause(agent_id: AgentId) -> None:
    """No more calls after the one that the agent has."""
    from orchestrator import bootstrap
    from orchestrator.persistence import agents
    from orchestrator.persistence.tables.agents import agents as table

    house = bootstrap.build()
    with house.store.write() as tx:
        if tx.execute(select(table.c.id).where(table.c.id == agent_id)).first() is None:
            raise UserError(f"There is no agent '{agent_id}'; `orchestrator agents list` shows who there is.")
        at_once = agents.ask_pause(tx, agent_id, house.clock.now())
    typer.echo(f"Agent {agent_id} is away." if at_once else f"Agent {agent_id} will be away after this call.")


@app.command()
def offer(agent_id: AgentId, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Show the person who lies before the agent, or is on the line: who, what time it is there, why, and the script."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.preview_card import card_for

    house = bootstrap.build()
    _require(house, agent_id)
    card = card_for(house.store, house.rulebook, agent_id, house.clock.now())
    if as_json:
        typer.echo(json.dumps(card, ensure_ascii=False))
        return
    for name, value in card.items():
        shown = "; ".join(value) if isinstance(value, list) else value
        typer.echo(f"{name.replace('_', ' ')}: {shown or 'none'}")


@app.command()
def accept(agent_id: AgentId) -> None:
    """Say yes to the preview that lies before the agent."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import offers

    house = bootstrap.build()
    _require(house, agent_id)
    offer = offers.accept(house.store, agent_id, house.clock.now())
    typer.echo(f"Offer {offer} accepted; the gate is asked again, then the call is placed.")


@app.command()
def skip(agent_id: AgentId, reason: Annotated[str, typer.Option(help="Kept with the offer.")]) -> None:
    """Pass on the preview that lies before the agent."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import offers

    house = bootstrap.build()
    _require(house, agent_id)
    offer = offers.skip(house.store, agent_id, reason, house.clock.now())
    typer.echo(f"Offer {offer} skipped.")


@app.command("list")
def list_agents(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Who is doing what."""
    from orchestrator import bootstrap
    from orchestrator.persistence.tables.agents import agents, offers

    house = bootstrap.build()
    with house.store.read() as tx:
        standing = tx.execute(select(offers.c.agent_id, offers.c.id).where(offers.c.state == "offered"))
        before = {row.agent_id: row.id for row in standing}
        rows = tx.execute(select(agents).order_by(agents.c.id)).all()
    facts = [
        {
            "id": row.id,
            "queue": row.queue,
            "state": row.state,
            "since": row.state_since.isoformat(),
            "offer": before.get(row.id),
        }
        for row in rows
    ]
    if as_json:
        for fact in facts:
            typer.echo(json.dumps(fact))
    elif facts:
        _print_agents(facts)
    else:
        typer.echo("There is no agent yet: orchestrator agents add ID --queue QUEUE --address ADDRESS", err=True)


def _print_agents(facts: Sequence[Mapping[str, Any]]) -> None:
    from rich.table import Table

    table = Table("agent", "queue", "state", "since (UTC)", "offer")
    for fact in facts:
        since = fact["since"][:19].replace("T", " ")
        table.add_row(fact["id"], fact["queue"], fact["state"], since, str(fact["offer"] or ""))
    print_table(table)


def _require(house: "House", agent_id: str) -> None:
    from orchestrator.persistence.tables.agents import agents as table

    with house.store.read() as tx:
        if tx.execute(select(table.c.id).where(table.c.id == agent_id)).first() is None:
            raise UserError(f"There is no agent '{agent_id}'; `orchestrator agents list` shows who there is.")
