"""`orchestrator agents`: the line of an agent who has somebody on it."""

import json
from typing import Annotated

import typer

from orchestrator.domain.errors import UserError

app = typer.Typer(add_completion=False)
AgentId = Annotated[str, typer.Argument(help="The agent's id.")]


@app.command()
def dial(
    agent_id: AgentId,
    number: Annotated[str, typer.Argument(help="In E.164, of somebody on a list of the seller.")],
    campaign: Annotated[str, typer.Option(help="For which campaign, by name or number.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Dial by hand: the gate is asked now, and again by the worker who places the call; a no says which rule."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import dialling

    house = bootstrap.build()
    engine = bootstrap.build_engine(house, worker="agent-desk")
    offer = dialling.dial(engine, agent_id, number, campaign, house.clock.now())
    if as_json:
        typer.echo(json.dumps({"offer": offer, "mode": "manual"}))
        return
    typer.echo(f"The gate allows it; the worker asks once more and dials. See `orchestrator agents offer {agent_id}`.")


@app.command()
def hold(agent_id: AgentId) -> None:
    """The person hears music until `agents resume`."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import line_control

    house = bootstrap.build()
    line_control.hold(house.store, house.carrier, agent_id, held=True)
    typer.echo(f"On hold; `orchestrator agents resume {agent_id}` takes them back.")


@app.command()
def resume(agent_id: AgentId) -> None:
    """The person hears the agent again."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import line_control

    house = bootstrap.build()
    line_control.hold(house.store, house.carrier, agent_id, held=False)
    typer.echo("You hear each other again.")


@app.command()
def mute(agent_id: AgentId) -> None:
    """The person does not hear the agent until `agents unmute`, or the end of the call."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import line_control

    house = bootstrap.build()
    line_control.mute(house.store, house.carrier, agent_id, muted=True)
    typer.echo(f"Muted; `orchestrator agents unmute {agent_id}` lets them hear you.")


@app.command()
def unmute(agent_id: AgentId) -> None:
    """The person hears the agent again."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import line_control

    house = bootstrap.build()
    line_control.mute(house.store, house.carrier, agent_id, muted=False)
    typer.echo("They hear you.")


@app.command("hang-up")
def hang_up(agent_id: AgentId) -> None:
    """End the person's call; the agent's own goes on."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import line_control

    house = bootstrap.build()
    line_control.hang_up(house.store, house.carrier, agent_id, house.clock.now())
    typer.echo(f"Hung up. Say what it came to: `orchestrator agents dispose {agent_id} …`.")


@app.command()
def transfer(
    agent_id: AgentId,
    to: Annotated[str, typer.Option(help="An agent's id, +E.164, client:… or sip:…")],
    blind: Annotated[bool, typer.Option("--blind", help="Leave at once; else all are in one room first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hand the person on; a warm transfer ends with `agents complete` or `agents take-back`."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk.handing import Kind
    from orchestrator.pipeline.agent_desk.transferring import start

    if ":" in to and not to.startswith(("client:", "sip:", "sips:")):
        raise UserError(f"'{to}' is no address; give an agent's id, +E.164, client:NAME or sip:NAME@HOST.")
    house = bootstrap.build()
    kind = Kind.BLIND if blind else Kind.WARM
    begun = start(house.store, house.carrier, agent_id, to, kind, house.clock.now())
    if as_json:
        typer.echo(json.dumps({"transfer": begun.id, "kind": kind, "to_agent": begun.to_agent}))
    elif blind:
        typer.echo(f"Handed on to {to}.")
    else:
        typer.echo(f"{to} comes into your room: `orchestrator agents complete {agent_id}`, or `take-back`.")


@app.command()
def complete(agent_id: AgentId) -> None:
    """Leave a warm transfer: the person goes on with whom they were handed to."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import transferring

    house = bootstrap.build()
    transferring.complete(house.store, house.carrier, agent_id, house.clock.now())
    typer.echo(f"Handed on. Say what it came to: `orchestrator agents dispose {agent_id} …`.")


@app.command("take-back")
def take_back(agent_id: AgentId) -> None:
    """End a warm transfer: the agent keeps the person, and the other goes."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.agent_desk import transferring

    house = bootstrap.build()
    transferring.take_back(house.store, house.carrier, agent_id, house.clock.now())
    typer.echo("The call is yours again.")
