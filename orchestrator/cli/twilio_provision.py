"""`orchestrator twilio provision`: make in the account what is needed there, and nothing else."""

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.tables import print_table
from orchestrator.cli.twilio_errors import asking_twilio
from orchestrator.domain.errors import UserError
from orchestrator.log import masked

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.domain.provisioning import Step, Wish, Workbench
    from orchestrator.pipeline.provision import Provisioner
    from orchestrator.pipeline.provision_wishes import Wanted

UNDONE = 1
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
DONE = {"create": "Created", "adopt": "Adopted", "change": "Changed"}


def provision(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan, and do nothing.")] = False,
    adopt: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Change this too, though it is not ours: a kind, a name or a sid."),
    ] = None,
    texts_from: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="Put this number into a messaging service of ours.")
    ] = None,
    task_router: Annotated[bool, typer.Option(help="Make what previews by TaskRouter or Flex need.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Create or adopt what the account needs; a second run changes nothing. Ends with 1 where something is refused."""
    from orchestrator import bootstrap
    from orchestrator.carrier.workbench import workbench_of
    from orchestrator.domain.provisioning import Action
    from orchestrator.pipeline.provision import Provisioner
    from orchestrator.pipeline.provision_wishes import wishes_of

    house = bootstrap.build(may_make=True)
    house.settings.require("account_sid", "auth_token", "public_url")
    bench = workbench_of(house.settings)
    account = house.settings.account_sid or ""
    provisioner = Provisioner(house.store, bench, account, adopt or (), house.clock.now)
    with asking_twilio():
        wishes = wishes_of(_wanted(house, bench, task_router, texts_from or ()))
        steps = list(provisioner.plan(wishes))
    provisioner.require_meant(steps)
    if not as_json:
        _print_plan(steps)
    if not dry_run:
        with asking_twilio():
            steps = _carried_out(provisioner, wishes)
    if as_json:
        typer.echo(json.dumps({"dry_run": dry_run, "steps": [_form(step) for step in steps]}, ensure_ascii=False))
    else:
        _print_settings(house, steps)
    if any(step.action is Action.REFUSE for step in steps):
        raise typer.Exit(UNDONE)


def _carried_out(provisioner: "Provisioner", wishes: "Sequence[Wish]") -> "list[Step]":
    """What was done is said as it is done, since a later thing may be refused."""
    from orchestrator.domain.provisioning import Action

    steps = []
    for step in provisioner.carry_out(wishes):
        steps.append(step)
        if step.action in {Action.CREATE, Action.ADOPT, Action.CHANGE}:
            typer.echo(f"{DONE[step.action]} {masked(step.wish.key)} {step.sid}", err=True)
    return steps


def _form(step: "Step") -> dict[str, Any]:
    return {
        "action": step.action,
        "kind": step.wish.kind,
        "name": masked(step.wish.name),
        "sid": step.sid,
        "changes": {name: {"from": was, "to": becomes} for name, (was, becomes) in step.changes.items()},
        "why": step.why,
    }


def _print_plan(steps: "Sequence[Step]") -> None:
    from rich.table import Table

    table = Table("", "kind", "name", "sid", "sets", "why")
    for step in steps:
        shown = {name: (_shown(was), _shown(becomes)) for name, (was, becomes) in step.changes.items()}
        sets = [f"{name}: {was} -> {becomes}" for name, (was, becomes) in shown.items() if was != becomes]
        cells = masked(step.wish.name), step.sid or "", "\n".join(sets), step.why
        table.add_row(step.action, step.wish.kind, *cells)
    print_table(table)


def _shown(value: object) -> object:
    """A value as the plan shows it; False is one, and not the absence of one."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or "empty"


def _print_settings(house: "House", steps: "Sequence[Step]") -> None:
    """What the worker must be told, where it is not told yet."""
    from orchestrator.domain.provisioning import Kind

    settings = house.settings
    there = {step.wish.kind: step.sid for step in steps if step.sid}
    wanted = {
        "ORCHESTRATOR_TASKROUTER_WORKSPACE": (there.get(Kind.WORKSPACE), settings.taskrouter_workspace),
        "ORCHESTRATOR_TASKROUTER_WORKFLOW": (there.get(Kind.WORKFLOW), settings.taskrouter_workflow),
    }
    missing = [f"{name}={sid}" for name, (sid, has) in wanted.items() if sid and sid != has]
    if missing:
        typer.echo("Set these for the worker, the callbacks and the agents' commands:")
        typer.echo("\n".join(missing))
    if Kind.SERVICE in there:
        typer.echo(f'Campaigns text through it by messaging_service = "{there[Kind.SERVICE]}".')


def _number(text: str) -> str:
    if not E164.fullmatch(text):
        raise UserError(f"--texts-from {text[:40]} is no number in E.164 form, as in +12125550100.")
    return text


def _wanted(house: "House", bench: "Workbench", task_router: bool, texts_from: Sequence[str]) -> "Wanted":
    from orchestrator.pipeline.doctor_needs import needs_of
    from orchestrator.pipeline.provision_wishes import Wanted

    settings = house.settings
    needs = needs_of(house.store, settings.public_url or "", settings.calls_per_second)
    return Wanted(
        public_url=needs.public_url,
        task_router=task_router,
        workspace=_workspace(house, bench) if task_router else None,
        channel=settings.taskrouter_channel,
        available=settings.taskrouter_available,
        outbound=settings.taskrouter_outbound,
        callers=needs.callers,
        texters=tuple(text for text in needs.texters if text.startswith("+")),
        texts_from=tuple(_number(text) for text in texts_from),
    )


def _workspace(house: "House", bench: "Workbench") -> str | None:
    """The one that is set, else the one that we made, else Flex's own; None to make one."""
    from orchestrator.domain.provisioning import Kind
    from orchestrator.persistence import provisions
    from orchestrator.pipeline.provision_wishes import WORKSPACE

    if house.settings.taskrouter_workspace is not None:
        return house.settings.taskrouter_workspace
    with house.store.read() as tx:
        made = provisions.every(tx, house.settings.account_sid or "")
    if any((row.kind, row.name) == (Kind.WORKSPACE, WORKSPACE) for row in made):
        return None
    return bench.flex_workspace()
