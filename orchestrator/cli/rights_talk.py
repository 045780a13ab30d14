"""How requests about rights are told, to people and to scripts."""

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from orchestrator.cli.rights_options import UNSAID
from orchestrator.cli.tables import print_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from orchestrator.persistence.encryption import Keyring
    from orchestrator.persistence.store import Store
    from orchestrator.persistence.tables.columns import Record

FIELDS = ("id", "seller_id", "kind", "state", "jurisdiction", "channel", "rule", "identity", "contact_id", "report")
STATES = {
    "done": "Erased, here and from every list.",
    "stopping": "What is on its way to the person is being taken back; a worker erases once nothing is.",
    "erasing": "Rows are going; a worker finishes it.",
    "open": "Nothing is erased yet.",
    "paused": "Nothing is erased while the clock stands; go on with `orchestrator rights resume`, and erase again.",
    "held": "A hold keeps the data: `orchestrator rights show` names it. Contact is stopped all the same.",
}


def say(row: "Record", sentence: str, *, as_json: bool, **facts: Any) -> None:
    """One request and what came of the command."""
    if as_json:
        typer.echo(json.dumps({**head(row), **facts}, ensure_ascii=False))
        return
    open_ = "" if row.closed_at is not None else f", due on {row.due_on} ({row.rule})"
    whose = f" of contact {row.contact_id}" if row.contact_id is not None else ""
    typer.echo(f"Request {row.id}, {row.kind}{whose}: {row.state}{open_}. {sentence}")


def say_erased(store: "Store", row: "Record", *, as_json: bool) -> None:
    """What an erasure did and what it kept, in the words that the person can be told."""
    from orchestrator.persistence import carrier_erasures

    with store.read() as tx:
        at_carrier = dict(carrier_erasures.counts_of(tx, row.id))
    if as_json:
        typer.echo(json.dumps({**head(row), "at_carrier": at_carrier}, ensure_ascii=False))
        return
    say(row, STATES[row.state], as_json=False)
    for kept in row.report.get("kept", ()):
        until = f"until {kept['until']}" if kept["until"] else "for good"
        rows = f"{kept['rows']:,} of {kept['what'].replace('_', ' ')}"
        typer.echo(f"Kept {until}: {rows}, {kept['how']}, {kept['why']} ({kept['law']}).")
    _say_besides(row, at_carrier)


def _say_besides(row: "Record", at_carrier: dict[str, int]) -> None:
    if at_carrier:
        told = ", ".join(f"{many} {word}" for word, many in sorted(at_carrier.items()))
        typer.echo(f"At Twilio: {told}. A worker asks until all is deleted.")
    files = row.report.get("files", {})
    if files.get("changed") or files.get("gone"):
        typer.echo(
            f"Files of earlier answers: {files['deleted']} deleted; {files['changed']} were changed since and "
            f"{files['gone']} are not where they were written: look for them, and for exports and backups of your own."
        )
    if row.report.get("tell"):
        typer.echo(f"Tell by hand: {', '.join(row.report['tell'])}.")


def head(row: "Record") -> dict[str, Any]:
    """A request as JSON, without its person."""
    moments = ("received_at", "recorded_at", "extended_at", "closed_at")
    told = {name: getattr(row, name).isoformat() if getattr(row, name) else None for name in moments}
    return {**{name: getattr(row, name) for name in FIELDS}, **told, "due_on": row.due_on.isoformat()}


def show_list(rows: Sequence["Record"], today: date, *, as_json: bool) -> None:
    """Requests by the day on which they are due, with how many days are left."""
    if as_json:
        typer.echo(json.dumps([{**head(row), "days_left": (row.due_on - today).days} for row in rows]))
        return
    if not rows:
        typer.echo("No request is open.")
        return
    table = Table("request", "right", "seller", "state", "received", "due", "days left", "law")
    for row in rows:
        left = "" if row.closed_at is not None else f"{(row.due_on - today).days}"
        received = f"{row.received_at:%Y-%m-%d}"
        table.add_row(str(row.id), row.kind, row.seller_id, row.state, received, str(row.due_on), left, row.rule)
    print_table(table)


def form_of(tx: "Connection", keyring: "Keyring", number: int, today: date) -> dict[str, Any]:
    """A request with its log, its holds and what the carrier has confirmed."""
    from orchestrator.persistence import carrier_erasures, holds
    from orchestrator.persistence import rights_requests as stored

    row = stored.fetch(tx, number)
    keys = list(stored.numbers_of(tx, number))
    return {
        **head(row),
        "days_left": (row.due_on - today).days if row.closed_at is None else None,
        "asked": None if row.subject_sealed is None else keyring.open_json(row.subject_sealed, stored.SUBJECT),
        "at_carrier": dict(carrier_erasures.counts_of(tx, number)),
        "holds": [
            {"hold": hold.id, "since": hold.placed_at.isoformat(), "by": hold.placed_by, "request": hold.request_id}
            for hold in holds.standing(tx, row.seller_id, keys)
        ],
        "log": [
            {"at": step.at.isoformat(), "by": step.by, "step": step.step, "note": stored.note_of(keyring, step)}
            for step in stored.steps_of(tx, number)
        ],
    }


def show(form: dict[str, Any], *, as_json: bool) -> None:
    """A request as ``form_of`` makes it."""
    if as_json:
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    left = f", {form['days_left']} days left" if form["days_left"] is not None else ""
    by = f" by {form['channel']}" if form["channel"] != UNSAID else ""
    typer.echo(
        f"Request {form['id']} to {form['kind']}, seller '{form['seller_id']}', {form['jurisdiction']}: "
        f"{form['state']}. "
        f"Received {form['received_at'][:10]}{by}, due on {form['due_on']}{left} ({form['rule']})."
    )
    for hold in form["holds"]:
        typer.echo(f"    on hold since {hold['since'][:10]} by {hold['by']} (hold {hold['hold']})")
    for step in form["log"]:
        note = f": {_in_words(step['note'])}" if step["note"] is not None else ""
        typer.echo(f"    {step['at'][:19].replace('T', ' ')} UTC  {step['by']}  {step['step']}{note}")


def _in_words(note: Any) -> str:
    """A note of the log in one line; of what it lists at length how much it is, since JSON has it whole."""
    if isinstance(note, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_in_words(said)}" for name, said in note.items())
    if isinstance(note, list):
        return str(len(note))
    return "not known" if note is None else str(note)
