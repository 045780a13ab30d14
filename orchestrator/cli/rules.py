"""The rulebook: what stands in it, and how each rule was verified."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestrator.compliance.rule import Rule
from orchestrator.law import load_rulebook
from orchestrator.settings import config_dir

app = typer.Typer(help="The rulebook: law and policy as data.", no_args_is_help=True, add_completion=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(
    jurisdiction: Annotated[str | None, typer.Option(help="Only rules of this one: US, US-FL, GB …")] = None,
    as_json: Json = False,
) -> None:
    """List the rules, with their class, dates and how each was verified."""
    rules = [
        rule
        for rule in load_rulebook(config_dir()).rules
        if jurisdiction is None or jurisdiction in rule.heading.applies.jurisdictions
    ]
    if as_json:
        typer.echo(json.dumps([rule_form(rule) for rule in rules], ensure_ascii=False))
        return
    table = Table("jurisdiction", "class", "in force", "verified")
    table.add_column("id", no_wrap=True)
    for rule in rules:
        form = rule_form(rule)
        dates = f"{form['effective']} to {form['expires'] or '…'}"
        verified = f"{form['verified_how']} {form['verified_on']}"
        table.add_row(", ".join(_jurisdictions(rule)), str(form["class"]), dates, verified, rule.id)
    Console().print(table)


@app.command()
def show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="As `rules list` prints it.")], as_json: Json = False
) -> None:
    """Show one rule with its citation, source and content."""
    rule = load_rulebook(config_dir()).rule(rule_id)
    if as_json:
        typer.echo(json.dumps(rule_form(rule), ensure_ascii=False))
        return
    for field, value in rule_form(rule).items():
        words = ", ".join(value) if isinstance(value, list) else value
        typer.echo(f"{field.replace('_', ' '):>14}  {'' if words is None else words}")


def rule_form(rule: Rule) -> dict[str, object]:
    """What a rule says of itself, as plain JSON."""
    heading = rule.heading
    return {
        "id": rule.id,
        "kind": heading.kind,
        "jurisdictions": _jurisdictions(rule),
        "channels": sorted(heading.applies.channels),
        "purposes": sorted(heading.applies.purposes),
        "class": heading.rule_class.value,
        "citation": heading.citation,
        "source": heading.source,
        "effective": heading.effective.isoformat(),
        "expires": heading.expires.isoformat() if heading.expires else None,
        "verified_on": heading.verified_on.isoformat(),
        "verified_how": heading.verified_how,
        "note": heading.note,
    }


def _jurisdictions(rule: Rule) -> list[str]:
    return sorted(rule.heading.applies.jurisdictions)
