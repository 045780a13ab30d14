"""`orchestrator rights`: what people may ask about their own data, from the request to its answer."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli import rights_requests as requests
from orchestrator.cli import rights_talk as talk
from orchestrator.cli.own_words import own_words
from orchestrator.cli.rights_journal import app as journal
from orchestrator.cli.rights_options import (
    UNSAID,
    Channel,
    Json,
    Place,
    Received,
    SellerId,
    Verified,
    Who,
    asked,
    counter,
    pairs,
)
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Right

app = typer.Typer(help="What people ask about their own data.", no_args_is_help=True, add_completion=False)
for name, command in requests.COMMANDS.items():
    app.command(name)(command)
app.add_typer(journal, name="journal")
Folder = Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the page and the JSON go.")]


@app.command()
def access(
    named: Who,
    folder: Folder,
    seller: SellerId = None,
    received: Received = None,
    channel: Channel = UNSAID,
    verified: Verified = None,
    place: Place = None,
    as_json: Json = False,
) -> None:
    """Tell a person everything that is held about them (GDPR art. 15): a page to read, and JSON."""
    _answer(Right.ACCESS, named, folder, seller, received, channel, verified, place, as_json=as_json)


@app.command()
def port(
    named: Who,
    folder: Folder,
    seller: SellerId = None,
    received: Received = None,
    channel: Channel = UNSAID,
    verified: Verified = None,
    place: Place = None,
    as_json: Json = False,
) -> None:
    """Hand a person what they provided (GDPR art. 20), for themselves or for another provider."""
    _answer(Right.PORT, named, folder, seller, received, channel, verified, place, as_json=as_json)


def _answer(
    right: Right,
    named: str,
    folder: Path,
    seller: str | None,
    received: datetime | None,
    channel: str,
    verified: str | None,
    place: str | None,
    *,
    as_json: bool,
) -> None:
    from orchestrator import config_files
    from orchestrator.pipeline.rights.answering import answer
    from orchestrator.pipeline.rights.disclosure import Book

    desk = counter()
    request = asked(desk, right, named, received, channel, verified, place)
    book = Book(desk.store, desk.house.rulebook, desk.law, config_files.load_retention())
    done = answer(book, request, desk.seller(seller), folder, desk.now)
    files = [str(path) for path in done.files]
    talk.say(done.request, f"Answered: {' and '.join(files)}.", as_json=as_json, files=files)


@app.command()
def rectify(
    named: Who,
    fields: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field of the profile; repeatable.", callback=own_words),
    ] = None,
    number: Annotated[str | None, typer.Option("--number", help="The number that is wrong.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="The number that is right.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="The time zone, as in Europe/Berlin.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="As in de.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="As in NY.")] = None,
    seller: SellerId = None,
    received: Received = None,
    channel: Channel = UNSAID,
    verified: Verified = None,
    place: Place = None,
    as_json: Json = False,
) -> None:
    """Put right what is wrong about a person (GDPR art. 16), and name who must be told of it."""
    from orchestrator.pipeline.rights.rectifying import Correction
    from orchestrator.pipeline.rights.rectifying import rectify as put_right

    desk = counter()
    columns = {"time_zone": zone, "language": language, "region": region}
    correction = Correction(
        profile=pairs(fields or []),
        columns={name: text for name, text in columns.items() if text is not None},
        old_number=number,
        new_number=to,
    )
    request = asked(desk, Right.RECTIFY, named, received, channel, verified, place)
    done = put_right(desk.store, desk.law, request, correction, desk.seller(seller), desk.now)
    tell = f" Tell by hand: {', '.join(done.tell)}." if done.tell else ""
    sentence = f"Rectified: {', '.join(done.changed)}.{tell}"
    talk.say(done.request, sentence, as_json=as_json, changed=list(done.changed), tell=list(done.tell))


@app.command()
def erase(
    named: Who,
    seller: SellerId = None,
    received: Received = None,
    channel: Channel = UNSAID,
    verified: Verified = None,
    place: Place = None,
    as_json: Json = False,
) -> None:
    """Erase a person (GDPR art. 17), here and at Twilio; what the law keeps is named with its reason and its end."""
    from orchestrator.pipeline.rights.erasing import Eraser
    from orchestrator.pipeline.rights.requests import require_identity

    desk = counter()
    request = asked(desk, Right.ERASE, named, received, channel, verified, place)
    row = Eraser(desk.store, desk.law, request.by).ask(request, desk.seller(seller), desk.now)
    desk.keep_journal()
    require_identity(row)
    talk.say_erased(desk.store, row, as_json=as_json)


@app.command("object")
def object_(
    named: Who,
    seller: SellerId = None,
    received: Received = None,
    channel: Channel = UNSAID,
    place: Place = None,
    as_json: Json = False,
) -> None:
    """Stop all contact with a person at once (GDPR art. 21(2)): all campaigns and channels, what is queued included."""
    _stop(Right.OBJECT, named, seller, received, channel, place, "", as_json=as_json)


@app.command()
def restrict(
    named: Who,
    reason: Annotated[str, typer.Option(help="Why: what is in dispute.", callback=own_words)],
    seller: SellerId = None,
    received: Received = None,
    channel: Channel = UNSAID,
    place: Place = None,
    as_json: Json = False,
) -> None:
    """Keep a person's data and use them for nothing (GDPR art. 18), until `rights lift`."""
    if not reason.strip():
        raise UserError("--reason is empty; say what is in dispute.")
    _stop(Right.RESTRICT, named, seller, received, channel, place, reason, as_json=as_json)


def _stop(
    right: Right,
    named: str,
    seller: str | None,
    received: datetime | None,
    channel: str,
    place: str | None,
    why: str,
    *,
    as_json: bool,
) -> None:
    from orchestrator.pipeline.rights.objecting import stop

    desk = counter()
    request = asked(desk, right, named, received, channel, None, place)
    done = stop(desk.store, desk.law, request, desk.seller(seller), desk.now, why)
    sentence = "Stopped over all campaigns and channels; what was on its way is being taken back."
    talk.say(done.request, sentence, as_json=as_json, numbers=done.numbers)


@app.command()
def complain(
    named: Who,
    about: Annotated[str, typer.Option(help="What is complained of.", callback=own_words)],
    regulator: Annotated[str | None, typer.Option(help="The authority that took it up.", callback=own_words)] = None,
    reference: Annotated[str | None, typer.Option(help="Its file number.", callback=own_words)] = None,
    due: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="By when they want an answer; default: a fortnight.")
    ] = None,
    seller: SellerId = None,
    received: Received = None,
    channel: Channel = UNSAID,
    place: Place = None,
    as_json: Json = False,
) -> None:
    """Open a case for a complaint, and keep every row of the person until `rights close`."""
    from orchestrator.pipeline.rights.complaining import Complaint, open_case

    desk = counter()
    request = asked(desk, Right.COMPLAIN, named, received, channel, None, place)
    day = due.date() if due is not None else None
    complaint = Complaint(about=about, regulator=regulator, reference=reference, due_on=day)
    row = open_case(desk.store, desk.law, request, complaint, desk.seller(seller), desk.now)
    talk.say(row, "Nothing of this person is erased or deleted until it is closed.", as_json=as_json)
