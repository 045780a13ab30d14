"""`orchestrator evidence pack`: everything about one number in one file."""

from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.own_words import own_words
from orchestrator.domain.errors import UserError


def pack(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The number, as in +12125550100.")],
    begins: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, UTC.")],
    ends: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, UTC.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.zip", help="Where to write the pack.")],
    seller: Annotated[str | None, typer.Option(help="Whose records, where several sellers know the number.")] = None,
    complaint: Annotated[str, typer.Option(help="What is complained of, in a sentence.", callback=own_words)] = "",
    regulator: Annotated[str, typer.Option(help="To whom the answer goes.", callback=own_words)] = "",
    answer_by: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it is due.")] = None,
    contact: Annotated[int | None, typer.Option(help="Which person, where several have the number.")] = None,
    head: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Heads kept elsewhere, to be put beside ours.")
    ] = None,
) -> None:
    """Write one file that answers a complaint: a PDF to read, JSON to check, and the proof of every row in it."""
    from orchestrator import bootstrap
    from orchestrator.cli.actor import who
    from orchestrator.pipeline.evidence.complaint import Complaint
    from orchestrator.pipeline.evidence.pack import make_pack, seller_for, write_pack
    from orchestrator.pipeline.sealing.head_file import read_heads

    _require_span(begins, ends, output)
    house = bootstrap.build()
    now, actor = house.clock.now(), who()
    asked = Complaint(
        number=number.strip(),
        seller_id=seller_for(house.store, number.strip(), seller),
        begins=_day(begins.date()),
        ends=_day(ends.date() + timedelta(days=1)),
        text=complaint,
        regulator=regulator,
        answer_by=f"{answer_by:%Y-%m-%d}" if answer_by else "",
        contact_id=contact,
    )
    made = make_pack(house.store, house.rulebook, asked, actor, now, read_heads(head) if head is not None else None)
    write_pack(house.store, made, asked, output, actor, now)
    typer.echo(f"{output}: {made.opened} entries opened and {made.withheld} withheld, SHA-256 {made.digest}.")


def _require_span(begins: datetime, ends: datetime, output: Path) -> None:
    if ends < begins:
        raise UserError("--to lies before --from; give the first and the last day.")
    if ends.year == MAXYEAR:  # the day after the last must be one
        raise UserError(f"--to {ends:%Y-%m-%d} lies too far ahead; give the last day that the pack is about.")
    if not output.parent.is_dir():
        raise UserError(f"-o: there is no folder {output.parent}; make it, or name another file.")


def _day(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
