"""The report of a rehearsal, as JSON for scripts and as sentences and tables for people."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from orchestrator.cli.counted import counted
from orchestrator.cli.tables import print_table

if TYPE_CHECKING:
    from orchestrator.rehearsal.cost import Bill, Item
    from orchestrator.rehearsal.report import NotContacted, Regime, Report

WORDS = {
    "waiting": "held by",
    "not_reached": "not reached:",
    "blocked": "blocked by",
    "done": "done:",
    "under_way": "being contacted when this was asked",
}
CHARGES = {
    "call-minute": "begun minutes of answered calls to",
    "detection": "answers listened to for machines in",
    "segment": "segments of texts to",
    "agent-minute": "minutes of agents' own lines",
}


def report_form(report: "Report") -> dict[str, Any]:
    """The report as plain JSON; moments are in the offset of the start, shares between 0 and 1."""
    return {
        "campaign": report.campaign,
        "start": report.start.isoformat(),
        "hours": report.lasts.total_seconds() / 3600,
        "seed": report.seed,
        "agents": report.agents,
        "due": report.due,
        "copied": report.people,
        "each_stands_for": report.factor,
        "finished_at": _moment(report, report.finished_at),
        "state": report.state,
        "state_reason": report.state_reason,
        "contacted": report.contacted,
        "reached": report.reached,
        "outcomes": report.outcomes,
        "utilisation": {state: round(share, 4) for state, share in report.utilisation.items()},
        "abandonment": [_regime_form(report, regime) for regime in report.regimes],
        "by_hour": [
            {
                "begins_at": hour.begins_at.isoformat(),
                "calls": hour.calls,
                "texts": hour.texts,
                "reached": hour.reached,
                "abandoned": hour.abandoned,
                "talking": round(hour.talking, 4),
                "wrapping": round(hour.wrapping, 4),
            }
            for hour in report.hours
        ],
        "not_contacted": [_left_form(report, entry) for entry in report.not_contacted],
        "cost": _bill_form(report.bill),
    }


def _regime_form(report: "Report", regime: "Regime") -> dict[str, Any]:
    return {
        "country": regime.country,
        "live_answered": regime.live_answered,
        "abandoned": regime.abandoned,
        "share": _share(regime.abandoned, regime.live_answered),
        "limit_percent": regime.limit_percent,
        "window_began_at": _moment(report, regime.window_began_at),
        "window_live_answered": regime.window_live_answered,
        "window_abandoned": regime.window_abandoned,
    }


def _left_form(report: "Report", entry: "NotContacted") -> dict[str, Any]:
    return {
        "why": entry.stage,
        "rule": entry.rule or None,
        "people": entry.people,
        "cure": entry.cure,
        "first_at": _moment(report, entry.first_at),
        "last_at": _moment(report, entry.last_at),
    }


def _bill_form(bill: "Bill") -> dict[str, Any]:
    return {
        "currency": bill.currency,
        "known": str(bill.known),
        "unpriced": [f"{item.charge} {item.country}" for item in bill.items if item.price is None],
        "items": [
            {
                "charge": item.charge,
                "country": item.country,
                "count": item.count,
                "price": str(item.price.amount) if item.price else None,
                "amount": None if item.amount is None else str(item.amount),
                "source": item.price.source if item.price else None,
                "verified": f"{item.price.how} {item.price.on}" if item.price else None,
            }
            for item in bill.items
        ],
    }


def _moment(report: "Report", at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(report.start.tzinfo).isoformat(timespec="seconds")


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def told(report: "Report") -> None:
    """Say it in sentences, and print its tables."""
    for line in _summary(report):
        typer.echo(line)
    _print_hours(report)
    for regime in report.regimes:
        typer.echo(_regime_told(regime))
    _print_left(report)
    for line in _bill_told(report.bill):
        typer.echo(line)


def _summary(report: "Report") -> Iterator[str]:
    agents = f"with {counted(report.agents, 'agent')}" if report.agents else "without agents"
    hours = report.lasts.total_seconds() / 3600
    length = f"{hours:g} {'hour' if hours == 1 else 'hours'}"
    yield (
        f"Rehearsal of '{report.campaign}' from {report.start:%Y-%m-%d %H:%M %z}, {length} {agents}; modelled people, "
        f"seed {report.seed}. Nobody was contacted."
    )
    if report.factor > 1:
        yield (
            f"{report.due:,} people are due. A rehearsal holds fewer: it was played with {report.people:,}, one in "
            f"{report.factor} in the order of the list, and all agents. Calls, hours, shares and cost are of that "
            "shorter list; whom it leaves out is told of everybody, by estimate."
        )
    else:
        yield f"{counted(report.due, 'person is', 'people are')} due."
    yield f"{report.contacted:,} contacted, {report.reached:,} reached by an agent or a text. {_finish(report)}"
    if report.utilisation:
        shares = ", ".join(f"{state} {share:.0%}" for state, share in report.utilisation.items() if share >= 0.005)
        yield f"The agents' time: {shares}."
    for how, counts in report.outcomes.items():
        yield f"  {how}: " + ", ".join(f"{what.replace('_', ' ')} {count:,}" for what, count in counts.items())


def _finish(report: "Report") -> str:
    if report.state == "paused":
        return f"It paused: {report.state_reason}"
    if report.finished_at is not None:
        at = report.finished_at.astimezone(report.start.tzinfo)
        return f"Finished at {at:%H:%M}: nobody else could be contacted before the end."
    return "Not finished at the end."


def _print_hours(report: "Report") -> None:
    table = Table("hour", "calls", "texts", "reached", "abandoned", "talking", "wrapping")
    for hour in report.hours:
        counts = (f"{count:,}" for count in (hour.calls, hour.texts, hour.reached, hour.abandoned))
        table.add_row(f"{hour.begins_at:%a %H:%M}", *counts, f"{hour.talking:.0%}", f"{hour.wrapping:.0%}")
    print_table(table)


def _regime_told(regime: "Regime") -> str:
    share = f" ({regime.abandoned / regime.live_answered:.1%})" if regime.live_answered else ""
    text = f"{regime.country}: {regime.abandoned:,} of {regime.live_answered:,} live answers abandoned{share}"
    if regime.window_began_at is None:
        return f"{text}; no rule limits them there."
    since = f"{regime.window_abandoned:,} of {regime.window_live_answered:,} since {regime.window_began_at:%Y-%m-%d}"
    limit = f", at most {regime.limit_percent} %" if regime.limit_percent is not None else ""
    return f"{text}; in its regime's window {since}{limit}."


def _print_left(report: "Report") -> None:
    if not report.not_contacted:
        typer.echo("Everybody was contacted.")
        return
    table = Table("not contacted", "why", "until")
    for entry in report.not_contacted:
        why = f"{WORDS[entry.stage]} {entry.rule}".replace("_", " ").strip()
        table.add_row(f"{entry.people:,}", why, _until(report, entry))
    print_table(table)


def _until(report: "Report", entry: "NotContacted") -> str:
    if entry.cure is not None:
        return f"opened by: {entry.cure.replace('_', ' ')}"
    first, last = entry.first_at, entry.last_at
    if first is None or last is None:
        return "for good" if entry.stage == "done" else ""
    first, last = first.astimezone(report.start.tzinfo), last.astimezone(report.start.tzinfo)
    span = f"{first:%a %Y-%m-%d %H:%M}"
    return span if first == last else f"{span} to {last:%a %Y-%m-%d %H:%M}"


def _bill_told(bill: "Bill") -> Iterator[str]:
    yield f"Cost, as far as prices are known: {bill.currency} {bill.known:,.2f}"
    for item in bill.items:
        yield f"  {item.count:>9,}  {_charge(item)}: {_amount(item, bill.currency)}"


def _charge(item: "Item") -> str:
    return CHARGES[item.charge] + ("" if item.country == "*" else f" {item.country}")


def _amount(item: "Item", currency: str) -> str:
    if item.price is None or item.amount is None:
        return "no price is known; put yours into config/prices.toml"
    checked = f"{item.price.how} on {item.price.on}, {item.price.source}"
    return f"{currency} {item.amount.quantize(Decimal('0.01')):,} at {item.price.amount} ({checked})"
