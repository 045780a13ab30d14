"""`orchestrator documents`: contracts, training, policies and what else must be on file."""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.own_words import needed_words, own_words
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError
from orchestrator.domain.paper import OF_AN_AGENT, Paper, PaperKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

app = typer.Typer(help="Papers on file per seller, list and agent.", no_args_is_help=True, add_completion=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
LONGEST_VERSION = 64
LARGEST = 5 << 20  # bytes that are kept here; a database is no archive
SHA256 = re.compile(r"[0-9a-f]{64}")


@app.command()
def add(
    seller: Annotated[str, typer.Option(help="The seller, by id.")],
    kind: Annotated[PaperKind, typer.Option(help="What it is.")],
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The document, kept encrypted.")] = None,
    title: Annotated[
        str | None, typer.Option(help="What people call it; else the file's name.", callback=own_words)
    ] = None,
    party: Annotated[
        str | None, typer.Option(help="The other side: the vendor, the processor.", callback=own_words)
    ] = None,
    list_name: Annotated[str | None, typer.Option("--list", help="The one list that it is about.")] = None,
    agent: Annotated[str | None, typer.Option(help="Whom a training is of.")] = None,
    version: Annotated[str | None, typer.Option(help="Its version.")] = None,
    valid_from: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; else today.")] = None,
    valid_until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, where it ends.")] = None,
    place: Annotated[
        str | None, typer.Option(help="Where the original lies, instead of keeping it here.", callback=own_words)
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="The original's SHA-256, where no FILE is given.")] = None,
) -> None:
    """File a document: sealed here, or its hash with the place where it lies."""
    from orchestrator import bootstrap
    from orchestrator.domain.decision import Cure
    from orchestrator.persistence import papers
    from orchestrator.persistence.enrollment_cures import reopen

    house = bootstrap.build()
    now = house.clock.now()
    content, digest = _content(file, place, sha256)
    with house.store.write() as tx:
        paper = Paper(
            seller_id=_seller(tx, seller),
            kind=kind,
            title=title or (file.name if file is not None else kind.value.replace("_", " ")),
            valid_from=valid_from.date() if valid_from is not None else now.date(),
            valid_until=_last_day(valid_from or now.replace(tzinfo=None), valid_until),
            version=_version(version),
            party=party,
            list_id=_list(tx, seller, list_name),
            agent_id=_agent(tx, kind, agent),
            sha256=digest,
            place=place,
            file_name=file.name if file is not None else None,
        )
        number = papers.add(tx, house.store.keyring, paper, content, who(), now)
    opened = reopen(house.store, Cure.DOCUMENT, None, now, seller)
    typer.echo(f"Document {number} is on file; due again: {counted(opened, 'person', 'people')}.")


@app.command("list")
def list_(
    seller: Annotated[str | None, typer.Option(help="Only this seller's.")] = None,
    kind: Annotated[PaperKind | None, typer.Option(help="Only this kind.")] = None,
    as_json: Json = False,
) -> None:
    """List what is on file, whether it is in force, and until when."""
    from rich.table import Table

    from orchestrator import bootstrap
    from orchestrator.persistence import papers, sellers

    house = bootstrap.build()
    today = house.clock.now().date()
    with house.store.read() as tx:
        sellers.require_known(tx, seller)
        forms = [_form(row, today) for row in papers.listed(tx, seller, kind)]
    if as_json:
        typer.echo(json.dumps(forms, ensure_ascii=False))
        return
    columns = ("id", "seller", "kind", "title", "party", "list", "agent", "valid_from", "valid_until", "standing")
    table = Table(*(column.replace("_", " ") for column in columns))
    for form in forms:
        table.add_row(*("" if form[column] is None else str(form[column]) for column in columns))
    print_table(table)


@app.command()
def show(
    number: Annotated[int, typer.Argument(metavar="ID")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the document itself to this file.")
    ] = None,
) -> None:
    """Show what is known of a document as JSON, and write it out where it is kept here."""
    from orchestrator import bootstrap
    from orchestrator.persistence import papers

    house = bootstrap.build()
    with house.store.read() as tx:
        row = papers.find(tx, number)
    if row is None:
        raise UserError(f"There is no document {number}; `orchestrator documents list` shows those there are.")
    if output is not None:
        if row.content_sealed is None:
            raise UserError(f"Document {number} is not kept here; it lies at {row.place}, SHA-256 {row.sha256}.")
        with output.open("xb") as out:
            out.write(b64decode(house.store.keyring.open(row.content_sealed, papers.CONTENT)))
    typer.echo(json.dumps(_form(row, house.clock.now().date()), ensure_ascii=False))


@app.command()
def retire(
    number: Annotated[int, typer.Argument(metavar="ID")],
    reason: Annotated[str, typer.Option(help="Why it counts no more; kept with it.", callback=needed_words)],
) -> None:
    """Take a document out of force from now on; it stays on record."""
    from orchestrator import bootstrap
    from orchestrator.persistence import papers

    house = bootstrap.build()
    with house.store.write() as tx:
        if not papers.retire(tx, number, reason, who(), house.clock.now()):
            raise UserError(f"Document {number} is not in force; `orchestrator documents list` shows which are.")
    typer.echo(f"Document {number} is retired.")


def _content(file: Path | None, place: str | None, sha256: str | None) -> tuple[str | None, str]:
    """What is kept here, as text, and the document's hash; UserError without a file or a hash and a place."""
    if file is None:
        if place is None or sha256 is None or not SHA256.fullmatch(sha256):
            raise UserError("Give FILE, or --place and --sha256 (64 small hex digits) of a document kept elsewhere.")
        return None, sha256
    if not file.is_file():
        raise UserError(f"{file} is no file; name the document itself.")
    if place is None and file.stat().st_size > LARGEST:
        raise UserError(f"{file} has over 5 MB: keep it elsewhere and say where with --place.")
    with file.open("rb") as document:
        digest = hashlib.file_digest(document, "sha256").hexdigest()
    if sha256 is not None and sha256 != digest:
        raise UserError(f"{file} has the SHA-256 {digest}, not the one that was given.")
    return (None if place is not None else b64encode(file.read_bytes()).decode()), digest


def _version(text: str | None) -> str | None:
    if text is not None and len(text) > LONGEST_VERSION:
        raise UserError(f"--version has at most {LONGEST_VERSION} characters; give a shorter one.")
    return text


def _last_day(valid_from: datetime, valid_until: datetime | None) -> date | None:
    if valid_until is not None and valid_until.date() < valid_from.date():
        raise UserError("--valid-until lies before --valid-from (else today): the document would never be in force.")
    return valid_until.date() if valid_until is not None else None


def _seller(tx: "Connection", seller_id: str) -> str:
    from orchestrator.persistence import sellers

    return sellers.require(tx, seller_id).id


def _list(tx: "Connection", seller_id: str, name: str | None) -> int | None:
    from orchestrator.persistence import lists

    return None if name is None else int(lists.require(tx, name, seller_id).id)


def _agent(tx: "Connection", kind: PaperKind, agent_id: str | None) -> str | None:
    from sqlalchemy import select

    from orchestrator.persistence.tables.agents import agents

    if (agent_id is not None) != (kind in OF_AN_AGENT):
        raise UserError("--agent says whom a training is of: give it with --kind training, and with no other.")
    if agent_id is not None and tx.execute(select(agents.c.id).where(agents.c.id == agent_id)).first() is None:
        raise UserError(f"There is no agent '{agent_id}'; `orchestrator agents list` shows who there is.")
    return agent_id


def _form(row: Any, today: date) -> dict[str, Any]:
    return {
        "id": row.id,
        "seller": row.seller_id,
        "kind": row.kind,
        "title": row.title,
        "version": row.version,
        "party": row.party,
        "list": row.list_id,
        "agent": row.agent_id,
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
        "standing": _standing(row, today),
        "sha256": row.sha256,
        "place": row.place,
        "file": row.file_name,
        "added_at": row.added_at.isoformat().replace("+00:00", "Z"),
        "added_by": row.added_by,
        "retired_because": row.retired_because,
    }


def _standing(row: Any, today: date) -> str:
    if row.retired_at is not None:
        return "retired"
    if row.valid_from > today:
        return "to come"
    return "expired" if row.valid_until is not None and row.valid_until < today else "in force"
