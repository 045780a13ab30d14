"""`orchestrator accountability`: what a controller must be able to show, made from what is really there."""

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.counted import counted
from orchestrator.domain.errors import UserError

app = typer.Typer(
    help="Records of processing, impact assessment, privacy notice, monthly report.",
    no_args_is_help=True,
    add_completion=False,
)
Seller = Annotated[str, typer.Argument(metavar="SELLER", help="The seller, by id.")]
File = Annotated[Path, typer.Option("-o", metavar="FILE", help="The page, as .md or .html; its JSON lies beside it.")]


@app.command()
def records(seller: Seller, file: File) -> None:
    """Write the records of processing activities (GDPR art. 30)."""
    _write("records", seller, file)


@app.command()
def dpia(seller: Seller, file: File) -> None:
    """Write the outline of a data protection impact assessment (GDPR art. 35(7)); a person judges the risks."""
    _write("dpia", seller, file)


@app.command("notice-facts")
def notice_facts(seller: Seller, file: File) -> None:
    """Write the facts that a privacy notice must hold (GDPR art. 13, 14)."""
    _write("notice-facts", seller, file)


@app.command()
def report(
    seller: Seller,
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month, on the seller's own clock.")],
    folder: Annotated[Path, typer.Option("-o", metavar="DIR", help="Where HTML, JSON and CSV files go.")],
    doctor: Annotated[bool, typer.Option("--doctor", help="Ask the carrier's account too, as it is now.")] = False,
) -> None:
    """Write the compliance report of a month, recounted from the rows."""
    from dataclasses import replace

    from orchestrator.bootstrap import build
    from orchestrator.cli.twilio_doctor import findings_now
    from orchestrator.config_files import load_rights
    from orchestrator.pipeline.accountability.files import private_folder, write_private
    from orchestrator.pipeline.monthly import report as monthly
    from orchestrator.settings import config_dir

    house = build()
    rights = load_rights(config_dir())
    found = monthly.report_of(house.store, house.rulebook, rights, seller, month, house.clock.now())
    if doctor:
        found = replace(found, sections=[*found.sections, monthly.doctors(findings_now(house))])
    private_folder(folder)
    for name, text in monthly.files(found).items():
        write_private(folder / name, text)
    empty = " Nothing of this seller is on record for it." if found.is_empty else ""
    so_far = "" if found.is_over else " The month is not over."
    typer.echo(f"The report of {month} in {found.month.zone} is in {folder}.{so_far}{empty}")


def _require_page(file: Path) -> None:
    if file.suffix not in {".md", ".html"}:  # its JSON takes the same name
        raise UserError(f"-o: {file.name} is neither .md nor .html; name the page, and its JSON goes beside it.")


def _write(name: str, seller: str, file: Path) -> None:
    from orchestrator.bootstrap import build
    from orchestrator.cli.surroundings import surroundings
    from orchestrator.pipeline.accountability.facts import facts_of
    from orchestrator.pipeline.accountability.files import write_private
    from orchestrator.pipeline.accountability.papers import PAPERS
    from orchestrator.pipeline.accountability.rendering import as_html, as_markdown, page_form

    _require_page(file)
    house = build()
    page = PAPERS[name](facts_of(house.store, seller, surroundings(house, seller), house.clock.now()))
    written = as_html(page) if file.suffix == ".html" else as_markdown(page)
    write_private(file, written)
    write_private(file.with_suffix(".json"), json.dumps(page_form(page), ensure_ascii=False, indent=1))
    typer.echo(f"{file} and {file.with_suffix('.json').name}: {counted(len(page.gaps), 'gap', 'gaps')} to fill.")
