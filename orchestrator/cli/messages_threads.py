"""`orchestrator messages threads`, `show`, `assign`, `answer` and `canned`: the inbox of people's replies."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestrator.cli.actor import who
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.persistence.tables.columns import Record

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Thread = Annotated[int, typer.Argument(metavar="THREAD", help="As `messages threads` lists it.")]
LONGEST_NAME = 64


def threads(
    seller: Annotated[str | None, typer.Option(help="Of this seller alone.")] = None,
    assigned_to: Annotated[str | None, typer.Option(help="Of this person alone.")] = None,
    unread: Annotated[bool, typer.Option("--unread", help="With replies that nobody has opened.")] = False,
    opt_outs: Annotated[bool, typer.Option("--opt-outs", help="Those in which somebody said no, instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many, the newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List threads with people who replied; numbers are shown by their last two digits."""
    from orchestrator.bootstrap import build
    from orchestrator.persistence import sellers
    from orchestrator.persistence import threads as stored

    house = build()
    with house.store.read() as tx:
        sellers.require_known(tx, seller)
        rows = stored.some(tx, seller_id=seller, assigned_to=assigned_to, unread=unread, opt_outs=opt_outs, limit=limit)
    found = [_form(house, row) for row in rows]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table("thread", "seller", "person", "sender", "unread", "assigned to", "last reply", "last opt-out")
    for one in found:
        table.add_row(*("" if value is None else str(value) for value in one.values()))
    print_table(table)


def show(thread_id: Thread, as_json: Json = False) -> None:
    """Open a thread: all that was written, with the number in full. It counts as read, and the reading is noted."""
    from orchestrator.bootstrap import build
    from orchestrator.persistence import accesses, answers
    from orchestrator.persistence import threads as stored

    house = build()
    with house.store.write() as tx:
        thread = stored.require(tx, thread_id)
        accesses.record(
            tx,
            actor=who(),
            action="messages.show",
            reason=f"thread {thread_id}",
            number_keys=[bytes(thread.number_key)],
            at=house.clock.now(),
            seller_id=thread.seller_id,
        )
        said = [_received(house, row) for row in stored.received(tx, thread_id)]
        said += [_answered(house, row) for row in answers.of_thread(tx, thread_id)]
        stored.opened(tx, thread_id)
    said.sort(key=lambda one: str(one["at"]))
    number = house.store.keyring.open(thread.number_sealed, stored.NUMBER)
    if as_json:
        form = {"thread": thread_id, "seller": thread.seller_id, "number": number, "sender": thread.sender}
        typer.echo(json.dumps(form | {"assigned_to": thread.assigned_to, "messages": said}, ensure_ascii=False))
        return
    typer.echo(f"{number} and {thread.seller_id} through {thread.sender}")
    for one in said:
        typer.echo(f"{one['at']}  {one['who']}: {one['text']}  [{one['what']}]")


def assign(
    thread_id: Thread,
    to: Annotated[str | None, typer.Argument(metavar="WHO", help="A name; nobody where it is left out.")] = None,
) -> None:
    """Give a thread to somebody."""
    from orchestrator.bootstrap import build
    from orchestrator.persistence import threads as stored

    house = build()
    with house.store.write() as tx:
        stored.require(tx, thread_id)
        stored.assign(tx, thread_id, to)
    typer.echo(f"Thread {thread_id} is {to}'s." if to else f"Thread {thread_id} is nobody's.")


def answer(
    thread_id: Thread,
    text: Annotated[str | None, typer.Argument(help="What to write: no advertising.")] = None,
    canned: Annotated[str | None, typer.Option(help="A canned answer of the seller, by its name.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Though it was answered since they last wrote.")] = False,
) -> None:
    """Answer in a thread from the number that the person wrote to, if the gate allows it; nobody who said stop."""
    from orchestrator.bootstrap import build, build_answer_desk
    from orchestrator.persistence import answers
    from orchestrator.persistence import threads as stored
    from orchestrator.pipeline.conversation_order import Draft
    from orchestrator.pipeline.conversations import answer as send

    if (text is None) == (canned is None):
        raise UserError("Write the TEXT of the answer, or name one with --canned.")
    house = build()
    if canned is not None:
        with house.store.read() as tx:
            text = answers.canned_text(tx, stored.require(tx, thread_id).seller_id, canned)
    desk = build_answer_desk(house)
    try:
        sid = send(desk, Draft(thread_id=thread_id, text=text or "", by=who(), again=again))
    finally:
        desk.placer.close()
    typer.echo(f"Sent as {sid}.")


def canned(
    seller: Annotated[str, typer.Argument(help="Whose answers.")],
    add: Annotated[tuple[str, str] | None, typer.Option(metavar="NAME TEXT", help="Keep this one.")] = None,
    remove: Annotated[str | None, typer.Option(help="Keep the one of this name no longer.")] = None,
    as_json: Json = False,
) -> None:
    """List a seller's canned answers, keep another, or drop one."""
    from orchestrator.bootstrap import build
    from orchestrator.persistence import answers, sellers

    house = build()
    with house.store.write() as tx:
        sellers.require(tx, seller)
        if add is not None:
            name, text = (part.strip() for part in add)
            _require_usable(name, text)
            answers.can(tx, seller, name, text, who(), house.clock.now())
        if remove is not None:
            answers.uncan(tx, seller, remove)
        rows = answers.canned(tx, seller)
    if as_json:
        typer.echo(json.dumps([{"name": row.name, "text": row.text} for row in rows], ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row.name}: {row.text}")
    if not rows:
        typer.echo(f"'{seller}' has no canned answers; keep one with --add NAME TEXT.")


def _require_usable(name: str, text: str) -> None:
    if not name or len(name) > LONGEST_NAME or not text:
        raise UserError(f"--add: give a name of at most {LONGEST_NAME} characters, and a text.")


def _form(house: "House", row: "Record") -> dict[str, object]:
    from orchestrator.persistence import threads as stored

    number = house.store.keyring.open(row.number_sealed, stored.NUMBER)
    return {
        "id": row.id,
        "seller": row.seller_id,
        "person": f"…{number[-2:]}",
        "sender": row.sender,
        "unread": row.unread,
        "assigned_to": row.assigned_to,
        "last_reply_at": row.last_reply_at.isoformat(timespec="seconds") if row.last_reply_at else None,
        "last_opt_out_at": row.last_opt_out_at.isoformat(timespec="seconds") if row.last_opt_out_at else None,
    }


def _received(house: "House", row: "Record") -> dict[str, object]:
    from orchestrator.pipeline.reception.receiving import BODY

    text = "" if row.body_sealed is None else house.store.keyring.open(row.body_sealed, BODY)
    return {"at": row.at.isoformat(timespec="seconds"), "who": "they", "text": text, "what": row.intent}


def _answered(house: "House", row: "Record") -> dict[str, object]:
    from orchestrator.pipeline.planning import BODY

    text = "" if row.body_sealed is None else house.store.keyring.open(row.body_sealed, BODY)
    what = row.outcome or row.stage or "not kept"
    return {"at": row.written_at.isoformat(timespec="seconds"), "who": row.written_by, "text": text, "what": what}
