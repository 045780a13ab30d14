"""Where a campaign's people stand, what became of its attempts, and what holds it."""

import shlex
from collections import Counter
from typing import Any

import typer
from rich.table import Table

from orchestrator.bootstrap import House
from orchestrator.cli.breach_reminders import breach_reminders
from orchestrator.cli.campaign_numbers import budget_in_words
from orchestrator.cli.counted import counted
from orchestrator.cli.registry_forms import opened_by, with_newest
from orchestrator.cli.tables import print_table
from orchestrator.config_files import load_pacing
from orchestrator.domain.campaign import CampaignState
from orchestrator.persistence import campaigns as stored
from orchestrator.persistence import enrollments, registry_snapshots, rollups
from orchestrator.persistence.campaigns import Campaign
from orchestrator.pipeline import emergencies, halts
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.callers import resting
from orchestrator.pipeline.numbers import budget_form, budgets_of
from orchestrator.pipeline.scrub import load_shelf
from orchestrator.pipeline.senders import resting as resting_senders
from orchestrator.registries.errors import SnapshotDamagedError

COUNTED = {
    "enrollments": "people who are",
    "blocked": "people blocked for want of",
    "done": "people done, since",
    "attempts": "attempts that came to",
}


def tell_status(form: dict[str, Any]) -> None:
    """The status in words and a table."""
    because = f" ({form['reason']})" if form["reason"] else ""
    typer.echo(f"Campaign {form['id']} '{form['name']}' of {form['seller']} is {form['state']}{because}.")
    if form["state"] == CampaignState.DRAFT:
        typer.echo(f"Nobody is enrolled before its launch. {what_next(form['name'])}")
    _print_counts(form)
    _print_details(form)


def _print_counts(form: dict[str, Any]) -> None:
    table = Table("counted", "which", "count")
    for title, heading in COUNTED.items():
        for what, count in form[title].items():
            table.add_row(heading, what, f"{count:,}")
    if table.row_count:
        print_table(table)


def _print_details(form: dict[str, Any]) -> None:
    """Who waits and until when, what would open those who are blocked, what was abandoned, and what is halted."""
    for row in form["waiting"]:
        waits = counted(row["contacts"], "person waits", "people wait")
        typer.echo(f"{waits}: {row['held_by']}, the first from {row['opens_at'][:16]} UTC")
    for row in form["blocked_by"]:
        people = counted(row["contacts"], "person", "people")
        typer.echo(f"{people} blocked by {row['blocked_by']}; opened by: {opened_by(row)}")
    for budget in form["abandonment"]:
        typer.echo(budget_in_words(budget))
    resting_ones = [f"Caller id {rest} (`orchestrator callers use` ends it)" for rest in form["resting_caller_ids"]]
    resting_ones += [f"Sender {rest} (`orchestrator senders use` ends it)" for rest in form["resting_senders"]]
    for told in resting_ones:
        typer.echo(told)
    for halt in form["halts"]:
        typer.echo(f"Halted: {halt}")
    for place, count in Counter(form["emergencies"]).items():
        typer.echo(f"Emergencies declared in {place}: {count} (`orchestrator emergencies list`)")
    for notice in filter(None, (form["rulebook_notice"], form["registry_notice"], *form["breaches"])):
        typer.echo(notice)


def status_form(house: House, name: str) -> dict[str, Any]:
    """Everything that is told of a campaign, as plain JSON."""
    asking = emergencies.rules_that_ask(house.rulebook)
    budgets = Abandonment(house.store, house.rulebook, our_share=load_pacing().target_abandonment)
    with house.store.read() as tx:
        campaign = stored.find(tx, name)
        stages = enrollments.count_by_stage(tx, campaign.id)
        blocked, done = stored.blocked_by_cure(tx, campaign.id), stored.done_by_reason(tx, campaign.id)
        totals = rollups.totals(tx, campaign.id, "attempts|")
        now = house.clock.now()
        more = {
            "waiting": stored.waiting_people(tx, campaign.id, now),
            "blocked_by": with_newest(
                [
                    {**row, "until_emergency_ends": row["blocked_by"] in asking}
                    for row in stored.blocked_people(tx, campaign.id)
                ],
                registry_snapshots.newest(tx, campaign.seller_id),
            ),
            "abandonment": [budget_form(budget) for budget in budgets_of(tx, budgets, campaign, now)],
            "resting_caller_ids": resting(tx, campaign.plan.voice, now),
            "resting_senders": resting_senders(tx, campaign.plan.sms, now),
            "halts": [halt.told for halt in halts.in_force(tx, now).active],
            "emergencies": [emergency.jurisdiction for emergency in emergencies.in_force(tx, now).active],
        }
    outcomes: Counter[str] = Counter()
    for metric, count in totals.items():
        outcomes[metric.rpartition("|")[2]] += count
    return {
        **campaign_form(campaign),
        "rulebook": house.standing.acceptance.digest,
        "rulebook_notice": house.standing.notice or None,
        "registry_notice": _damage(house),
        "breaches": breach_reminders(house),
        "enrollments": stages,
        "blocked": blocked,
        "done": done,
        "attempts": {what: count for what, count in outcomes.items() if count},
        **more,
    }


def _damage(house: House) -> str | None:
    """Which version of which registry is damaged on disk, and what to do; None where all are sound."""
    try:
        load_shelf(house.store, house.registries_dir)
    except SnapshotDamagedError as error:
        return str(error)
    return None


def campaign_form(campaign: Campaign) -> dict[str, Any]:
    """The campaign itself, as plain JSON."""
    return {
        "id": campaign.id,
        "name": campaign.name,
        "seller": campaign.seller_id,
        "purpose": campaign.plan.purpose,
        "state": campaign.state,
        "reason": campaign.state_reason,
        "canary_left": campaign.canary_left,
    }


def what_next(name: str) -> str:
    """The commands that follow a draft."""
    words = shlex.quote(name)
    return f"Next: orchestrator campaigns preflight {words}, then: orchestrator campaigns launch {words}"
