"""`orchestrator campaigns preflight`: what would become of a campaign, before or after its launch."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from orchestrator.cli.counted import counted
from orchestrator.cli.law_notice import warn_of_rulebook

if TYPE_CHECKING:
    from orchestrator.pipeline.engine import Engine
    from orchestrator.pipeline.preflight import Barred, Outlook

HOURS_SHOWN = 24


def preflight(
    campaign: Annotated[str, typer.Argument(metavar="NAME", help="The campaign, by name or number.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say who on its lists could be contacted now, later or never, which laws change, and what missing facts cost."""
    from orchestrator.persistence import campaigns
    from orchestrator.pipeline.preflight import preflight as look_ahead

    engine, now = engine_without_account()
    with engine.store.read() as tx:
        found = campaigns.find(tx, campaign)
    columns = SpinnerColumn(), TextColumn("Asking about {task.completed:,.0f} people"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        outlook = look_ahead(engine, found, now, lambda people: progress.update(task, advance=people))
    if as_json:
        typer.echo(json.dumps(outlook_form(outlook), ensure_ascii=False))
        return
    for line in _told(outlook):
        typer.echo(line)


def engine_without_account() -> "tuple[Engine, datetime]":
    """The parts that asking ahead shares with a worker; no account is needed, since nothing is sent."""
    from orchestrator import bootstrap

    settings = bootstrap.build().settings
    house = bootstrap.House(settings.model_copy(update={"account_sid": settings.account_sid or ""}))
    warn_of_rulebook(house)
    return bootstrap.build_engine(house, "preflight"), house.clock.now()


def outlook_form(outlook: "Outlook") -> dict[str, Any]:
    """The outlook as plain JSON; moments and hours are UTC."""
    from orchestrator.cli import text_words
    from orchestrator.compliance.answer_form import moment_form

    return {
        "campaign": outlook.campaign,
        "at": moment_form(outlook.at),
        "people": outlook.people,
        "under_way": outlook.under_way,
        "now": {"people": outlook.now.total(), "by_lane": dict(outlook.now)},
        "later": {
            "people": outlook.later.total(),
            "by_hour": {moment_form(hour): people for hour, people in sorted(outlook.later.items())},
            "by_rule": dict(outlook.held_by.most_common()),
        },
        "never": {
            "people": sum(barred.people for barred in outlook.never.values()),
            "by_rule": [_barred_form(barred) for barred in _most_first(outlook)],
        },
        "line_types_unknown": {"people": outlook.unknown_line_types},
        "paid_lookups": {"reassigned": outlook.reassigned_lookups},
        "missing_papers": [{"kind": one.kind.value, "of": one.of or None} for one in outlook.missing_papers],
        "texts": [text_words.form(text) for text in outlook.texts],
        "text_cost": text_words.bill_form(text_words.bill_of(outlook.texts)) if outlook.texts else None,
        "text_warnings": list(outlook.text_warnings),
        "launch_refused": [lack.told for lack in outlook.lacks],
        "jurisdictions": sorted(outlook.jurisdictions),
        "law_changes": [
            {
                "on": change.on.isoformat(),
                "change": change.change,
                "rule": change.rule,
                "jurisdictions": list(change.jurisdictions),
                "citation": change.citation,
                "note": change.note,
            }
            for change in outlook.changes
        ],
        "week": {
            "is_estimate": True,
            "sampled": outlook.sampled,
            "contact_hours": outlook.week_hours,
            "missing_facts": [
                {"fact": gain.fact, "assumed": gain.assumed, "people": gain.people, "more_contact_hours": gain.hours}
                for gain in outlook.gains
            ],
        },
    }


def _barred_form(barred: "Barred") -> dict[str, Any]:
    return {
        "rule": barred.reason,
        "people": barred.people,
        "citation": barred.citation,
        "because": barred.because,
        "cure": barred.cure.value if barred.cure else None,
        "cure_detail": barred.cure_detail,
    }


def _most_first(outlook: "Outlook") -> "list[Barred]":
    return sorted(outlook.never.values(), key=lambda barred: (-barred.people, barred.reason))


def _told(outlook: "Outlook") -> list[str]:
    never = sum(barred.people for barred in outlook.never.values())
    lines = [
        f"Campaign '{outlook.campaign}' at {outlook.at:%Y-%m-%d %H:%M} UTC: {_people(outlook.people)} on its lists.",
        f"  {outlook.now.total():>9,}  can be contacted then{_lanes(outlook)}",
        f"  {outlook.later.total():>9,}  later",
        f"  {never:>9,}  not as things stand",
    ]
    lines += [f"  {outlook.under_way:>9,}  are being contacted"] if outlook.under_way else []
    return [
        *lines,
        *_papers(outlook),
        *_line_types(outlook),
        *_lookups(outlook),
        *_later(outlook),
        *_never(outlook),
        *_words(outlook),
        *_laws(outlook),
        *_week(outlook),
    ]


def _papers(outlook: "Outlook") -> list[str]:
    if not outlook.missing_papers:
        return []
    missing = "; ".join(one.told for one in outlook.missing_papers)
    return ["", f"The launch would be refused for papers that are missing or no longer in force: {missing}."]


def _words(outlook: "Outlook") -> list[str]:
    """What is said to people: why the launch would be refused for it, and what the texts come to."""
    from orchestrator.cli import text_words

    told = [f"  {lack.told}" for lack in outlook.lacks]
    told = (
        ["", "The launch would be refused, since the campaign's words lack what must be said:", *told] if told else []
    )
    if outlook.texts:
        told += ["", "Texts (`orchestrator messages preview` shows them):", *text_words.lines(outlook.texts)]
    return [*told, *(f"  {warning}" for warning in outlook.text_warnings)]


def _line_types(outlook: "Outlook") -> list[str]:
    if not outlook.unknown_line_types:
        return []
    people = f"  Line types of {outlook.unknown_line_types:,} of these are not looked up yet and count as mobile:"
    return [f"{people} the lookups at the launch may change the numbers above, either way."]


def _people(number: int) -> str:
    return counted(number, "person", "people")


def _lookups(outlook: "Outlook") -> list[str]:
    if not outlook.reassigned_lookups:
        return []
    return [
        "",
        f"Paid lookups in the Reassigned Numbers Database before anybody is contacted: {outlook.reassigned_lookups:,}",
    ]


def _lanes(outlook: "Outlook") -> str:
    lanes = ", ".join(f"{lane} {people:,}" for lane, people in outlook.now.most_common())
    return f" ({lanes})" if lanes else ""


def _later(outlook: "Outlook") -> list[str]:
    if not outlook.later:
        return []
    hours = sorted(outlook.later.items())
    lines = ["", "Later, by the hour (UTC) in which it opens:"]
    lines += [f"  {people:>9,}  {hour:%a %Y-%m-%d %H:00}" for hour, people in hours[:HOURS_SHOWN]]
    rest = sum(people for _, people in hours[HOURS_SHOWN:])
    lines += [f"  {rest:>9,}  after that"] if rest else []
    return [*lines, "held by:", *(f"  {people:>9,}  {rule}" for rule, people in outlook.held_by.most_common())]


def _never(outlook: "Outlook") -> list[str]:
    if not outlook.never:
        return []
    lines = ["", "Not as things stand, by what says so:"]
    for barred in _most_first(outlook):
        detail = f" {barred.cure_detail}" if barred.cure_detail else ""
        cure = f"; would be opened by: {barred.cure.value.replace('_', ' ')}{detail}" if barred.cure else ""
        cited = f" ({barred.citation})" if barred.citation and not barred.because else ""
        lines.append(f"  {barred.people:>9,}  {barred.reason.replace('_', ' ')}{cited}{cure}")
        lines += [f"             e.g. {barred.because}"] if barred.because else []
    return lines


def _laws(outlook: "Outlook") -> list[str]:
    if not outlook.changes:
        return ["", "No law that binds these people changes while the campaign runs."]
    lines = ["", "Laws that change while the campaign runs:"]
    for change in outlook.changes:
        where = ", ".join(change.jurisdictions)
        lines.append(f"  {change.on}  {change.rule} {change.change} ({where}; {change.citation}): {change.note}")
    return lines


def _week(outlook: "Outlook") -> list[str]:
    week = f"{outlook.week_hours:,} contact-hours (an estimate from {_people(outlook.sampled)})"
    gains = [
        f"  {gain.hours:>+9,}  {gain.fact}, of {_people(gain.people)}; assumed: {gain.assumed}"
        for gain in outlook.gains
        if gain.hours
    ]
    more = " Knowing more would add, also by estimate:" if gains else ""
    return ["", f"The next seven days hold about {week}.{more}", *gains]
