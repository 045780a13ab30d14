"""`orchestrator consents`: what people allowed, on which evidence, and what of it counts."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import consent_changes, consent_import
from orchestrator.cli.actor import who
from orchestrator.cli.moments import moment
from orchestrator.cli.phone_number import e164
from orchestrator.cli.tables import print_table

if TYPE_CHECKING:
    from orchestrator.pipeline.consents.expiring import Ending
    from orchestrator.pipeline.consents.holding import Account, Holding

app = typer.Typer(help="The ledger of consents.", no_args_is_help=True, add_completion=False)
app.command("give")(consent_changes.give)
app.command("withdraw")(consent_changes.withdraw)
app.command("terms")(consent_changes.terms)
app.command("import")(consent_import.import_)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WEIGHTY = ("text", "words", "reply", "ip", "url", "recording")
SHOWN = 4  # kinds of evidence that a table has room for
USES = {"calls": "calls", "machine_calls": "calls by machines", "texts": "messages"}


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="In E.164, as in +12125550100.")],
    seller: Annotated[str | None, typer.Option(help="Only what this seller holds.")] = None,
    at: Annotated[
        str | None, typer.Option(help="A day (its end, UTC) or a moment: 2026-05-03, 2026-05-03T12:00:00Z; else now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what was held about a number at a moment, on which evidence, and what of it counted."""
    from orchestrator import bootstrap
    from orchestrator.cli.reading import note_reading
    from orchestrator.pipeline.consents.holding import accounts

    house = bootstrap.build()
    now = house.clock.now()
    found = accounts(house.store, house.rulebook, e164(number), min(_moment(at), now) if at else now, seller)
    note_reading(house, "consents.show", "what was held about the number", [e164(number)], seller)
    if as_json:
        typer.echo(json.dumps([_account_form(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        _print_account(one)
    if not any(one.holdings or one.said for one in found):
        typer.echo("Nothing was held about this number then.", err=True)


@app.command()
def receipt(
    entry: Annotated[int, typer.Argument(metavar="ID", help="An entry, as `consents show` numbers it.")],
) -> None:
    """Print the receipt of a consent as canonical JSON, for the person; the reading is on record."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.consents import receipts

    house = bootstrap.build()
    form = receipts.receipt(house.store, house.rulebook, entry, who(), house.clock.now())
    typer.echo(receipts.canonical(form))


@app.command()
def expiring(
    days: Annotated[int, typer.Option(min=0, max=3660, help="How far ahead.")] = 30,
    seller: Annotated[str | None, typer.Option(help="Only this seller's.")] = None,
    as_json: Json = False,
) -> None:
    """List the consents that stand now and end within so many days, by their own words or by law."""
    from orchestrator import bootstrap
    from orchestrator.persistence import sellers
    from orchestrator.pipeline.consents.expiring import ending

    house = bootstrap.build()
    now = house.clock.now()
    with house.store.read() as tx:
        sellers.require_known(tx, seller)
    found = ending(house.store, house.rulebook, now, now + timedelta(days=days), seller)
    if as_json:
        typer.echo(json.dumps([_ending_form(one) for one in found], ensure_ascii=False))
        return
    _print_endings(sorted(found, key=lambda one: one.term.ends_at), days)


def _moment(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time.max, UTC)
    except ValueError:
        return moment(text, "--at")


def _account_form(account: "Account") -> dict[str, Any]:
    from orchestrator.compliance.answer_form import moment_form

    return {
        "seller": account.seller_id,
        "at": moment_form(account.at),
        "consents": [_holding_form(one) for one in account.holdings],
        "other_entries": [{**_entry_form(one.entry), "evidence": one.evidence} for one in account.said],
    }


def _entry_form(row: Any) -> dict[str, Any]:
    from orchestrator.compliance.answer_form import moment_form

    return {
        "id": row.id,
        "record": str(row.record_id) if row.record_id is not None else None,
        "event": row.event,
        "channel": row.channel,
        "purpose": row.purpose,
        "happened_at": moment_form(row.happened_at),
        "recorded_at": moment_form(row.recorded_at),
        "collection": row.collection,
        "recorded_by": row.recorded_by,
    }


def _holding_form(one: "Holding") -> dict[str, Any]:
    from orchestrator.compliance.answer_form import moment_form

    term = one.term
    return {
        **_entry_form(one.entry),
        "level": one.entry.level,
        "automated": one.entry.automated,
        "source": one.entry.source,
        "language": one.entry.language,
        "jurisdiction": one.entry.jurisdiction,
        "notice": one.entry.notice,
        "notice_version": one.entry.notice_version,
        "proven": one.evidence is not None,
        "evidence": one.evidence,
        "ended": None
        if one.end is None
        else {"by": one.end.event, "entry": one.end.id, "at": moment_form(one.end.happened_at)},
        "ends_at": None if term is None else moment_form(term.ends_at),
        "ends_by": None if term is None else term.by,
        "counts_for": [use.value for use in one.counts_for],
        "does_not_count_for": {use.value: reason for use, reason in one.flaws.items() if reason},
    }


def _print_account(account: "Account") -> None:
    from rich.table import Table

    from orchestrator.pipeline.consents.holding import ends

    typer.echo(f"Seller '{account.seller_id}' at {account.at:%Y-%m-%d %H:%M:%S} UTC:")
    table = Table(
        "id", "event", "channel", "purpose", "level", "when (UTC)", "evidence", "ends", "counted for", "why not"
    )
    rows: dict[int, tuple[str, ...]] = {}
    for one in account.holdings:
        row = one.entry
        rows[row.id] = (
            *(str(row.id), row.event, row.channel, row.purpose or "not stated", row.level.replace("_", " ")),
            f"{row.happened_at:%Y-%m-%d %H:%M}",
            _shortly(one.evidence) if one.evidence is not None else "none",
            f"{one.end.event} {one.end.happened_at:%Y-%m-%d %H:%M}" if one.end is not None else ends(one.term),
            ", ".join(USES[use] for use in one.counts_for) or "nothing",
            "; ".join(dict.fromkeys(reason for reason in one.flaws.values() if reason)),
        )
    for said in account.said:
        row, told = said.entry, _shortly(said.evidence or ())
        said_at = f"{row.happened_at:%Y-%m-%d %H:%M}"
        rows[row.id] = (str(row.id), row.event, row.channel, row.purpose or "all", "", said_at, told, "", "", "")
    for number in sorted(rows):
        table.add_row(*rows[number])
    print_table(table)


def _shortly(evidence: Iterable[str]) -> str:
    """What there is of evidence, the weightiest first; all of it is in the JSON."""
    told = sorted(evidence, key=lambda name: name not in WEIGHTY)
    more = len(told) - SHOWN
    return ", ".join(told) if more <= 1 else f"{', '.join(told[:SHOWN])} and {more} more (--json)"


def _ending_form(one: "Ending") -> dict[str, Any]:
    from orchestrator.compliance.answer_form import moment_form
    from orchestrator.log import masked

    return {
        **_entry_form(one.entry),
        "seller": one.entry.seller_id,
        "contact": one.entry.contact_id,
        "number": masked(one.number),
        "ends_at": moment_form(one.term.ends_at),
        "ends_by": one.term.by,
        "citation": one.term.citation,
    }


def _print_endings(found: "Sequence[Ending]", days: int) -> None:
    from rich.table import Table

    from orchestrator.log import masked

    if not found:
        typer.echo(f"No consent that stands ends within {days} days.")
        return
    table = Table("id", "seller", "contact", "number", "channel", "purpose", "given", "ends", "by")
    for one in found:
        row, term = one.entry, one.term
        facts = (row.channel, row.purpose or "not stated", f"{row.happened_at:%Y-%m-%d}", f"{term.ends_at:%Y-%m-%d}")
        table.add_row(str(row.id), row.seller_id, str(row.contact_id or ""), masked(one.number), *facts, term.by)
    print_table(table)
