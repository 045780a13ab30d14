"""`orchestrator messages preview`: what would be texted, before it is."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.preflight import engine_without_account

if TYPE_CHECKING:
    from orchestrator.pipeline.message_preview import Preview
    from orchestrator.pipeline.text_outlook import Rendered, TextOutlook


def preview(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="By name or number.")],
    contact: Annotated[
        str | None, typer.Option(help="One person's texts: a contact's number in E.164, its id, or yours for it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a campaign's texts as people would get them: words, segments, encoding, cost, fields that are missing."""
    from orchestrator.persistence import campaigns
    from orchestrator.pipeline.message_preview import preview as look

    engine, now = engine_without_account()
    with engine.store.read() as tx:
        found = campaigns.find(tx, campaign)
    made = look(engine, found, now, who(), contact)
    if as_json:
        typer.echo(json.dumps(_form(made), ensure_ascii=False))
        return
    for line in _told(made):
        typer.echo(line)


def _told(made: "Preview") -> list[str]:
    from orchestrator.cli import text_words

    if made.one:
        return [line for one in made.one for line in _one(one)]
    sampled = f", {made.sampled:,} of them looked at" if made.sampled < made.people else ""
    told = [f"Campaign '{made.campaign}': {counted(made.people, 'person', 'people')} on its lists{sampled}."]
    for text in made.texts:
        shown = {"typical": text.typical} if text.worst == text.typical else _both(text)
        for label, one in shown.items():
            told += [f"{text_words.name_of(text.message)}, {label}:", *_one(one)] if one is not None else []
    told += text_words.lines(made.texts)
    told += [f"The launch would be refused: {lack.told}" for lack in made.lacks]
    return [*told, *made.warnings]


def _both(text: "TextOutlook") -> "dict[str, Rendered | None]":
    return {"typical": text.typical, "worst": text.worst}


def _one(one: "Rendered") -> list[str]:
    from orchestrator.cli import text_words

    wanted = f" instead of {one.variant.wanted}" if one.variant.fell_back else ""
    head = f"  contact {one.contact_id}, {one.country}, {one.variant.language}{wanted}: {text_words.size(one)}"
    return [head, *(f"  | {line}" for line in (one.text or "").splitlines())]


def _form(made: "Preview") -> dict[str, Any]:
    from orchestrator.cli import text_words

    return {
        "campaign": made.campaign,
        "people": made.people,
        "sampled": made.sampled,
        "contact": [text_words.one_form(one) for one in made.one],
        "texts": [text_words.form(text) for text in made.texts],
        "cost": text_words.bill_form(text_words.bill_of(made.texts)),
        "refused": [lack.told for lack in made.lacks],
        "warnings": made.warnings,
    }
