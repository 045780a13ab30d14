"""The rulebook: what stands in it, what changes when, how each rule was verified, and which one is accepted."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import typer
from rich.table import Table

from orchestrator.cli import rule_forms, rules_acceptance, rules_replay, rules_verify
from orchestrator.cli.counted import counted
from orchestrator.cli.rule_sources import day, files_of, is_day, today
from orchestrator.cli.tables import print_table
from orchestrator.compliance.rule import Rule
from orchestrator.compliance.rule_changes import Between, Holiday, between
from orchestrator.compliance.rule_text import CALENDARS, Written, entries_in, sentences
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.rulebook_diff import diff_form, diff_lines, diff_of
from orchestrator.domain.decision import RuleClass
from orchestrator.domain.errors import UserError
from orchestrator.law import load_rulebook, rule_files
from orchestrator.settings import config_dir

app = typer.Typer(help="The rulebook: law and policy as data.", no_args_is_help=True, add_completion=False)
app.command()(rules_verify.verify)
app.command()(rules_replay.replay)
app.command()(rules_acceptance.status)
app.command()(rules_acceptance.review)
app.command()(rules_acceptance.accept)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


@app.command("list")
def list_(
    jurisdiction: Annotated[str | None, typer.Option(help="Only rules of this one: US, US-FL, GB …")] = None,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="In force on this date; default: today.")] = None,
    class_: Annotated[RuleClass | None, typer.Option("--class", help="Only rules that bind so.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind of check, as in calling_window.")] = None,
    how: Annotated[str | None, typer.Option(help="Only rules verified so: read, read-2nd or recalled.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Whatever their dates, those to come and gone too.")] = False,
    as_json: Json = False,
) -> None:
    """List the rules in force, with their class, dates and how each was verified."""
    rulebook = load_rulebook(config_dir())
    when = day(on, "--on") if on else today()
    rules = [rule for rule in rulebook.rules if every or in_force(rule, when)]
    if jurisdiction is not None:
        place = rule_forms.known_place(jurisdiction, rulebook)
        rules = [rule for rule in rules if place in rule.heading.applies.jurisdictions]
    if kind is not None:
        rules = rule_forms.of_kind(rules, kind)
    if how is not None:
        rules = rule_forms.verified_so(rules, how)
    rules = [rule for rule in rules if class_ is None or rule.heading.rule_class is class_]
    if as_json:
        typer.echo(json.dumps([rule_forms.rule_form(rule) for rule in rules], ensure_ascii=False))
        return
    _print_table(rules)
    typer.echo(
        counted(len(rules), "rule") + ("." if every else f" in force on {when}; --all shows those of other dates.")
    )


def in_force(rule: Rule, on: date) -> bool:
    """Whether the rule binds on that date."""
    heading = rule.heading
    return heading.effective <= on and (heading.expires is None or on <= heading.expires)


def _print_table(rules: Iterable[Rule]) -> None:
    table = Table("jurisdiction", "class", "in force", "verified")
    table.add_column("id", no_wrap=True)
    for rule in rules:
        form = rule_forms.rule_form(rule)
        dates = f"{form['effective']} to {form['expires'] or '…'}"
        verified = f"{form['verified_how']} {form['verified_on']}"
        table.add_row(", ".join(rule_forms.jurisdictions(rule)), str(form["class"]), dates, verified, rule.id)
    print_table(table)


@app.command()
def show(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="As `rules list` prints it.")], as_json: Json = False
) -> None:
    """Show one rule: whom it binds, what it says, what lifts it, and where it is written."""
    files = rule_files(config_dir())
    if PLACE.fullmatch(rule_id):
        raise UserError(
            f"'{rule_id}' is a place and no rule; its own rules: orchestrator rules list --jurisdiction {rule_id}"
        )
    form = _form_of(rule_id, Rulebook.parse(files), entries_in(files))
    if as_json:
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    for field, value in form.items():
        words = ", ".join(value) if isinstance(value, list) else value
        if field not in {"content", "says"} and words not in {None, ""}:
            typer.echo(f"{field.replace('_', ' '):>16}  {words}")
    for at, line in enumerate(sentences(entries_in(files)[rule_id])):
        typer.echo(f"{'says' if at == 0 else '':>16}  {line}")


def _form_of(rule_id: str, rulebook: Rulebook, entries: Mapping[str, Written]) -> dict[str, object]:
    """A rule, or a calendar that rules go by, which binds nobody by itself."""
    entry = entries.get(rule_id)
    if entry is not None and entry.kind == CALENDARS:
        return rule_forms.calendar_form(entry)
    rule = rulebook.rule(rule_id)
    return rule_forms.whole_form(rule, entries[rule_id])


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="FROM", help="A date; or a folder or digest of a rulebook.")],
    last: Annotated[str, typer.Argument(metavar="TO", help="A later date; or another folder or digest.")],
    as_json: Json = False,
) -> None:
    """Show what changes between two dates, or what differs between two rulebooks."""
    if is_day(first) != is_day(last):
        raise UserError("Name two dates, or two rulebooks; one of each cannot be compared.")
    lines, form = _between_dates(first, last) if is_day(first) else _between_rulebooks(first, last)
    if as_json:
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    for line in lines:
        typer.echo(line)


def _between_rulebooks(first: str, last: str) -> tuple[Sequence[str], dict[str, Any]]:
    found = diff_of(files_of(first), files_of(last))
    return diff_lines(found), diff_form(found)


def _between_dates(first: str, last: str) -> tuple[Sequence[str], dict[str, Any]]:
    since, until = day(first, "The first date"), day(last, "The second date")
    if since == until:
        raise UserError(f"Both dates are {first}, and no law changes within a day; give an earlier and a later one.")
    if since > until:
        raise UserError(f"The first date must be the earlier: rules diff {last} {first}.")
    found = between(load_rulebook(config_dir()).rules, since, until)
    return _change_lines(found, since, until), _change_form(found, since, until)


def _change_lines(found: Between, since: date, until: date) -> list[str]:
    lines = [
        f"{pair.begins.heading.effective}  {_named(pair.begins)} replaces {pair.ends.id}" for pair in found.replaced
    ]
    lines += [f"{rule.heading.effective}  {_named(rule)} begins" for rule in found.begins]
    lines += [f"{rule.heading.expires}  {_named(rule)} is in force for the last time" for rule in found.ends]
    lines = sorted(lines) or [f"No rule begins or ends between {since} and {until}."]
    lines += ["", "Holidays, by the calendars that hours go by:"] if found.holidays else []
    return [*lines, *_holiday_lines(found.holidays)]


def _holiday_lines(holidays: Sequence[Holiday]) -> list[str]:
    calendars: dict[tuple[date, str], list[str]] = {}
    for holiday in holidays:
        calendars.setdefault((holiday.on, holiday.name), []).append(holiday.calendar)
    return [f"{on:%Y-%m-%d %a}  {name} ({', '.join(known)})" for (on, name), known in calendars.items()]


def _named(rule: Rule) -> str:
    where = ", ".join(rule_forms.jurisdictions(rule))
    return f"{rule.id} ({where}; {rule.heading.rule_class.value}; {rule.heading.citation})"


def _change_form(found: Between, since: date, until: date) -> dict[str, Any]:
    return {
        "from": since.isoformat(),
        "to": until.isoformat(),
        "begins": [rule_forms.rule_form(rule) for rule in found.begins],
        "ends": [rule_forms.rule_form(rule) for rule in found.ends],
        "replaced": [
            {"ends": rule_forms.rule_form(pair.ends), "begins": rule_forms.rule_form(pair.begins)}
            for pair in found.replaced
        ],
        "holidays": [
            {"on": holiday.on.isoformat(), "name": holiday.name, "calendar": holiday.calendar}
            for holiday in found.holidays
        ],
    }
