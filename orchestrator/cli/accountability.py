"""`orchestrator accountability`: what a controller must be able to show, made from what is really there."""

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.counted import counted

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


def _write(name: str, seller: str, file: Path) -> None:
    from orchestrator.bootstrap import build
    from orchestrator.cli.surroundings import surroundings
    from orchestrator.pipeline.accountability.facts import facts_of
    from orchestrator.pipeline.accountability.files import write_private
    from orchestrator.pipeline.accountability.papers import PAPERS
    from orchestrator.pipeline.accountability.rendering import as_html, as_markdown, page_form

    house = build()
    page = PAPERS[name](facts_of(house.store, seller, surroundings(house), house.clock.now()))
    written = as_html(page) if file.suffix == ".html" else as_markdown(page)
    write_private(file, written)
    write_private(file.with_suffix(".json"), json.dumps(page_form(page), ensure_ascii=False, indent=1))
    typer.echo(f"{file} and {file.with_suffix('.json').name}: {counted(len(page.gaps), 'gap', 'gaps')} to fill.")
