"""`orchestrator twilio doctor`: what of the account works, and what to do about the rest."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.breach_reminders import breach_findings
from orchestrator.cli.tables import print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from orchestrator.bootstrap import House
    from orchestrator.domain.account import Finding
    from orchestrator.domain.provisioning import Step

SICK = 1
ELSEWHERE = ("TWILIO_REGION", "TWILIO_EDGE")  # Twilio's own SDK obeys them; we do not


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Look at the account, the numbers and our public address; ends with 1 where something fails."""
    from orchestrator import bootstrap
    from orchestrator.domain.account import Verdict

    findings = findings_now(bootstrap.build())
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        _show(findings)
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise typer.Exit(SICK)


def findings_now(house: "House") -> "list[Finding]":
    """Everything that is found of the account and of what runs out; raises SettingError where a setting is missing."""
    from orchestrator.carrier.callback_probe import CallbackProbe
    from orchestrator.carrier.survey import survey_of
    from orchestrator.pipeline.doctor import examine
    from orchestrator.pipeline.doctor_needs import needs_of

    settings = house.settings
    settings.require("account_sid", "auth_token", "public_url")
    public_url, token = settings.public_url or "", settings.auth_token
    ignored = [name for name in ELSEWHERE if os.environ.get(name)]
    needs = needs_of(house.store, public_url, settings.calls_per_second, ignored)
    probe = CallbackProbe(public_url, token.get_secret_value() if token else "")
    planned = _workspace(house) if settings.taskrouter_workspace is not None else None
    return [*examine(survey_of(settings), probe, needs, workspace=planned), *breach_findings(house)]


def _workspace(house: "House") -> "Callable[[], Sequence[Step]]":
    """What provisioning would do about TaskRouter; nothing is done."""
    from orchestrator.carrier.workbench import workbench_of
    from orchestrator.pipeline.provision import Provisioner
    from orchestrator.pipeline.provision_wishes import Wanted, wishes_of

    settings = house.settings
    wanted = Wanted(
        public_url=settings.public_url or "",
        workspace=settings.taskrouter_workspace,
        channel=settings.taskrouter_channel,
        available=settings.taskrouter_available,
        outbound=settings.taskrouter_outbound,
    )
    provisioner = Provisioner(house.store, workbench_of(settings), settings.account_sid or "", (), house.clock.now)
    return lambda: list(provisioner.plan(wishes_of(wanted)))


def _show(findings: "Sequence[Finding]") -> None:
    from rich.table import Table

    table = Table("", "check", "seen", "what to do")
    for finding in findings:
        table.add_row(finding.verdict, finding.check, finding.seen, finding.do)
    print_table(table)
