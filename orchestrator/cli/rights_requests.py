"""Requests once they are taken down: listed, shown, identified, put off, refused, closed."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

import typer

from orchestrator.cli import rights_talk as talk
from orchestrator.cli.actor import who
from orchestrator.cli.own_words import needed_words, own_words
from orchestrator.cli.rights_options import Json, Number, SellerId, ToldOn, counter
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Right

Reason = Annotated[str, typer.Option("--reason", help="What the person was told.", callback=needed_words)]


def list_(
    every: Annotated[bool, typer.Option("--all", help="Those that are answered, too.")] = False,
    seller: SellerId = None,
    as_json: Json = False,
) -> None:
    """List requests by the day on which their answer is due."""
    from orchestrator.persistence import rights_requests as stored
    from orchestrator.persistence import sellers

    desk = counter()
    with desk.store.read() as tx:
        sellers.require_known(tx, seller)
        rows = stored.listed(tx, every=every, seller_id=seller)
    talk.show_list(rows, desk.now.date(), as_json=as_json)


def show(number: Number, as_json: Json = False) -> None:
    """Show a request: its deadline, how far it is, and everybody who did something about it; reading it is noted."""
    from orchestrator.persistence import rights_requests as stored

    desk = counter()
    with desk.store.write() as tx:
        _note_reading(desk, tx, [stored.fetch(tx, number)])
        form = talk.form_of(tx, desk.store.keyring, number, desk.now.date())
    talk.show(form, as_json=as_json)


def log(
    named: Annotated[str | None, typer.Argument(metavar="[WHO]", help="A number or a contact id; else all.")] = None,
    seller: SellerId = None,
    as_json: Json = False,
) -> None:
    """Print who did what and when, about all requests or those of one person; reading it is noted."""
    from orchestrator.persistence import rights_requests as stored
    from orchestrator.persistence import sellers

    desk = counter()
    with desk.store.write() as tx:
        sellers.require_known(tx, seller)
        rows = _of(desk, tx, named, seller) if named is not None else stored.listed(tx, every=True, seller_id=seller)
        _note_reading(desk, tx, rows)
        forms = [talk.form_of(tx, desk.store.keyring, row.id, desk.now.date()) for row in rows]
    if as_json:
        typer.echo(json.dumps(forms, ensure_ascii=False))
        return
    for form in forms:
        talk.show(form, as_json=False)


def _of(desk: Any, tx: Any, named: str, seller: str | None) -> Any:
    from orchestrator.persistence import rights_requests as stored
    from orchestrator.pipeline.rights import subjects

    if named.strip().isdecimal():  # of somebody erased, the id is what is left to name them by
        return stored.about(tx, desk.seller(seller), [], [int(named)])
    subject = subjects.find(tx, desk.store.keyring, named.strip(), desk.seller(seller))
    return stored.about(tx, subject.seller_id, sorted(subject.numbers), subject.contact_ids)


def _note_reading(desk: Any, tx: Any, rows: Any) -> None:
    from orchestrator.persistence import accesses
    from orchestrator.persistence import rights_requests as stored

    keys = {key for row in rows for key in stored.numbers_of(tx, row.id)}
    if keys:
        accesses.record(tx, actor=who(), action="rights log", reason="log of requests", number_keys=keys, at=desk.now)


def identify(
    number: Number,
    method: Annotated[
        str,
        typer.Option(help="By what you made sure, as in 'called back on the number on record'.", callback=own_words),
    ],
    failed: Annotated[bool, typer.Option("--failed", help="Who asks is not who is meant.")] = False,
    as_json: Json = False,
) -> None:
    """Record how you made sure who asks; where the request waited for it, its clock runs again."""
    from orchestrator.persistence import rights_requests as stored
    from orchestrator.pipeline.rights import requests

    desk = counter()
    with desk.store.write() as tx:
        case = requests.Case(tx, desk.store.keyring, desk.law, who(), desk.now)
        requests.identify(case, requests.require_open(case, number), method, passed=not failed)
        row = stored.fetch(tx, number)
    following = f"Refuse it: orchestrator rights refuse {number} --reason …" if failed else _same_again(row.kind)
    talk.say(row, following, as_json=as_json)


def _same_again(kind: str) -> str:
    return f"Now type `orchestrator rights {kind} …` once more, as you did at first."


def extend(number: Number, reason: Reason, told_on: ToldOn = None, as_json: Json = False) -> None:
    """Put an answer off, once, after the person was told so with reasons and in time."""
    from orchestrator.pipeline.rights import requests

    desk = counter()
    row = requests.extend(desk.store, desk.law, number, reason, _day(told_on, desk.now), who(), desk.now)
    talk.say(row, f"Put off until {row.due_on}.", as_json=as_json)


def refuse(number: Number, reason: Reason, as_json: Json = False) -> None:
    """Refuse a request, with the reasons that the person was told."""
    from orchestrator.pipeline.rights import requests

    desk = counter()
    row = requests.refuse(desk.store, desk.law, number, reason, who(), desk.now)
    talk.say(row, "Tell the person why, and that they may complain to the authority or go to court.", as_json=as_json)


def close(
    number: Number,
    note: Annotated[str, typer.Option(help="How it ended.", callback=own_words)],
    as_json: Json = False,
) -> None:
    """Close a complaint, which releases its holds, or a request that needs nothing more."""
    from orchestrator.persistence import rights_requests as stored
    from orchestrator.pipeline.rights import complaining, requests

    if not note.strip():
        raise UserError("--note is empty; say how it ended.")
    desk = counter()
    with desk.store.read() as tx:
        kind = stored.fetch(tx, number).kind
    end = complaining.close_case if kind == Right.COMPLAIN else requests.close
    talk.say(end(desk.store, desk.law, number, note, who(), desk.now), "Closed.", as_json=as_json)


def lift(number: Number, reason: Reason, told_on: ToldOn = None, as_json: Json = False) -> None:
    """Lift a restriction, after the person was told that it will be (GDPR art. 18(3))."""
    from orchestrator.pipeline.rights import objecting

    desk = counter()
    row = objecting.lift(desk.store, desk.law, number, reason, _day(told_on, desk.now), who(), desk.now)
    talk.say(row, "Lifted; every other no of the person stays.", as_json=as_json)


def pause(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="What the person was asked.", callback=needed_words)],
    as_json: Json = False,
) -> None:
    """Stop the clock while the person is asked what they mean, where the law lets it stand."""
    from orchestrator.pipeline.rights import requests

    desk = counter()
    row = requests.pause(desk.store, desk.law, number, reason, who(), desk.now)
    talk.say(row, "The clock stands until `orchestrator rights resume`.", as_json=as_json)


def resume(number: Number, as_json: Json = False) -> None:
    """Let the clock run again: the deadline moves by the days that it stood."""
    from orchestrator.pipeline.rights import requests

    desk = counter()
    row = requests.go_on(desk.store, desk.law, number, who(), desk.now)
    talk.say(row, f"Due on {row.due_on}.", as_json=as_json)


def continue_(number: Number, as_json: Json = False) -> None:
    """Go on with an erasure that waited, as a worker does every second."""
    from orchestrator.persistence import rights_requests as stored
    from orchestrator.pipeline.rights.erasing import Eraser

    desk = counter()
    with desk.store.read() as tx:
        kind = stored.fetch(tx, number).kind
    if kind != Right.ERASE:
        raise UserError(f"Request {number} is one to {kind}; only an erasure is gone on with.")
    row = Eraser(desk.store, desk.law, who()).go_on(number, desk.now)
    desk.keep_journal()
    talk.say_erased(desk.store, row, as_json=as_json)


def _day(told_on: datetime | None, now: datetime) -> date:
    return told_on.date() if told_on is not None else now.date()


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_,
    "show": show,
    "log": log,
    "identify": identify,
    "extend": extend,
    "refuse": refuse,
    "close": close,
    "lift": lift,
    "pause": pause,
    "resume": resume,
    "continue": continue_,
}
