"""`orchestrator lists scrubs` and `lists prove`: what every scrub found, and the same answers again from its record."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from orchestrator.bootstrap import House, build
from orchestrator.cli.reading import note_reading
from orchestrator.cli.tables import print_table
from orchestrator.domain.contact_request import RegistryAnswer
from orchestrator.domain.errors import UserError
from orchestrator.domain.file_fields import is_callable_number
from orchestrator.persistence import lists
from orchestrator.persistence import scrubs as stored
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import scrub_proof

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DIFFERENT = 1


def scrubs(
    name: Annotated[str | None, typer.Argument(metavar="LIST", help="Only this list's and its campaigns'.")] = None,
    seller: Annotated[str | None, typer.Option("--seller", help="The list's seller, by id.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List the scrubs, newest first: what was held against which versions, when, by whom, and what came of it."""
    with build().store.read() as tx:
        list_id = lists.require(tx, name, seller).id if name is not None else None
        rows = stored.newest_first(tx, list_id, limit)
    if as_json:
        typer.echo(json.dumps([_form(row) for row in rows], ensure_ascii=False))
        return
    if not rows:
        typer.echo("There was no scrub yet: orchestrator lists scrub LIST", err=True)
        return
    table = Table("scrub", "of", "at (UTC)", "by", "numbers", "on a registry", "suppressed", "dead", "versions")
    for row in rows:
        table.add_row(*_cells(row))
    print_table(table)


def prove(
    scrub: Annotated[int, typer.Argument(metavar="SCRUB", help="The scrub, by its number.")],
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NUMBER]…", help="What it heard of these.")] = None,
    as_json: Json = False,
) -> None:
    """Ask the very versions that a scrub used again: about all of its numbers, or show the answers about some."""
    house = build()
    if numbers:
        _show_answers(house, scrub, numbers, as_json)
        return
    proof = scrub_proof.prove(house.store, house.registries_dir, scrub)
    same = proof.same_answers and proof.same_counts
    if as_json:
        form = {"scrub": scrub, "same_answers": proof.same_answers, "then": proof.record.counts, "again": proof.counts}
        typer.echo(json.dumps(form, ensure_ascii=False))
    else:
        for line in _told(proof):
            typer.echo(line)
    if not same:
        raise typer.Exit(DIFFERENT)


def _show_answers(house: House, scrub: int, numbers: Sequence[str], as_json: bool) -> None:
    for number in numbers:
        if not is_callable_number(number):
            raise UserError(f"'{number}' is no full number; write it as in +12125550107.")
    note_reading(house, "prove", f"scrub {scrub}", numbers)
    absent = scrub_proof.absent(house.store, scrub, numbers)
    there = [number for number in numbers if number not in absent]
    asked = scrub_proof.registries_of(house.store, scrub)
    answers = dict(zip(there, scrub_proof.answers_of(house.store, house.registries_dir, scrub, there), strict=True))
    if as_json:
        forms = [_number_form(number, answers.get(number), asked) for number in numbers]
        typer.echo(json.dumps(forms, ensure_ascii=False))
    else:
        for number in numbers:
            typer.echo(f"{number}: {_heard(scrub, answers.get(number), asked)}")
    if absent:
        raise typer.Exit(DIFFERENT)


def _heard(scrub: int, said: Sequence[RegistryAnswer] | None, asked: Sequence[str]) -> str:
    if said is None:
        return f"not in scrub {scrub}"
    words = [f"{one.registry} {_word(one)} (of {one.obtained_at:%Y-%m-%d})" for one in said]
    words += [f"{registry} did not cover it" for registry in _silent(said, asked)]
    return "; ".join(words) or "no registry was asked"


def _silent(said: Sequence[RegistryAnswer], asked: Sequence[str]) -> list[str]:
    spoke = {one.registry for one in said}
    return [registry for registry in asked if registry not in spoke]


def _number_form(number: str, said: Sequence[RegistryAnswer] | None, asked: Sequence[str]) -> dict[str, Any]:
    return {
        "number": number,
        "in_scrub": said is not None,
        "registries": [_answer_form(answer) for answer in said or ()],
        "not_covered_by": _silent(said, asked) if said is not None else [],
    }


def _word(answer: RegistryAnswer) -> str:
    return "listed it" if answer.listed else "did not list it"


def _answer_form(answer: RegistryAnswer) -> dict[str, Any]:
    return {"registry": answer.registry, "listed": answer.listed, "obtained_at": _iso(answer.obtained_at)}


def _told(proof: scrub_proof.Proof) -> list[str]:
    record, then, again = proof.record, proof.record.counts, proof.counts
    what = f"Scrub {record.id} of {record.started_at:%Y-%m-%d %H:%M} UTC by {record.by}"
    if proof.same_answers and proof.same_counts:
        return [f"{what}: {again['numbers']:,} numbers asked again of the same versions; every answer is the same."]
    if proof.same_answers:
        lines = [f"{what}: every registry's answer is the same, but not every count."]
    else:
        lines = [f"{what}: the numbers or their answers are not the same any more; people may have been erased since."]
    different = [name for name in again if again[name] != then.get(name)]
    return [*lines, *(f"  {name}: {then.get(name)} then, {again[name]} now" for name in different)]


def _cells(row: Record) -> list[str]:
    of = f"list '{row.list_name}'" if row.list_name is not None else f"campaign '{row.campaign_name}'"
    begun = [str(row.id), of, f"{row.started_at:%Y-%m-%d %H:%M}", row.by]
    if row.finished_at is None:
        return [*begun, "cut off"]
    counts = [f"{row.counts[name]:,}" for name in ("numbers", "on_any", "suppressed", "dead")]
    versions = [f"{registry} {' '.join(digest[:8] for digest in used)}" for registry, used in row.snapshots.items()]
    return [*begun, *counts, "\n".join(versions) or "none"]


def _form(row: Record) -> dict[str, Any]:
    return {
        "scrub": row.id,
        "seller": row.seller_id,
        "list": row.list_name,
        "campaign": row.campaign_name,
        "by": row.by,
        "started_at": _iso(row.started_at),
        "finished_at": _iso(row.finished_at) if row.finished_at is not None else None,
        "snapshots": row.snapshots,
        "counts": row.counts,
        "answers_digest": row.answers_digest,
    }


def _iso(at: Any) -> str:
    return str(at.isoformat()).replace("+00:00", "Z")
