"""`orchestrator rules verify`: which rules rest on which kind of verification."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from orchestrator.cli import rule_forms
from orchestrator.cli.tables import print_table
from orchestrator.compliance.entry import HOW_VERIFIED
from orchestrator.compliance.rule import Rule
from orchestrator.law import load_rulebook
from orchestrator.settings import config_dir

MEANING = {
    "read": "a text of or about the law was read for this rulebook",
    "read-2nd": "a second-hand account was read",
    "recalled": "from memory, not checked again: have it checked before you rely on it",
}


def verify(
    how: Annotated[str | None, typer.Option(help="List the rules verified so: read, read-2nd or recalled.")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Only rules of this one: US, US-FL, GB …")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count the rules by how they were verified, jurisdiction by jurisdiction; with --how, list them with source."""
    rulebook = load_rulebook(config_dir())
    rules: Sequence[Rule] = rulebook.rules
    if jurisdiction is not None:
        place = rule_forms.known_place(jurisdiction, rulebook)
        rules = [rule for rule in rules if place in rule.heading.applies.jurisdictions]
    if how is not None:
        _list(rule_forms.verified_so(rules, how), as_json=as_json)
        return
    counts = _counts(rules, jurisdiction and rule_forms.known_place(jurisdiction, rulebook))
    total = Counter(rule.heading.verified_how for rule in rules)
    if as_json:
        by_place = {place: {way: count[way] for way in HOW_VERIFIED} for place, count in counts.items()}
        typer.echo(json.dumps({"total": {way: total[way] for way in HOW_VERIFIED}, "by_jurisdiction": by_place}))
        return
    table = Table("jurisdiction", *HOW_VERIFIED)
    for place, count in counts.items():
        table.add_row(place, *(str(count[way] or "") for way in HOW_VERIFIED))
    print_table(table)
    typer.echo(f"{len(rules)} rules; one that binds in several jurisdictions is counted in each.")
    for way in HOW_VERIFIED:
        typer.echo(f"{total[way]:>5}  {way}: {MEANING[way]}")


def _counts(rules: Sequence[Rule], only: str | None) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for rule in rules:
        for place in rule_forms.jurisdictions(rule):
            if only is None or place == only:
                counts.setdefault(place, Counter())[rule.heading.verified_how] += 1
    return dict(sorted(counts.items()))


def _list(rules: Sequence[Rule], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([rule_forms.rule_form(rule) for rule in rules], ensure_ascii=False))
        return
    for rule in rules:
        where = ", ".join(rule_forms.jurisdictions(rule))
        typer.echo(f"{rule.id} ({where})\n    {rule.heading.citation}\n    {rule.heading.source}")
    typer.echo(f"{len(rules)} rules.")
