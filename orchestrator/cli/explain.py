"""`orchestrator explain`: everything that was decided and done about one person, in order."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.own_words import own_words

if TYPE_CHECKING:
    from orchestrator.pipeline.explain import Explanation


def explain(
    contact: Annotated[
        str, typer.Argument(metavar="CONTACT", help="A contact id, a number as in +12125550100, or the list's own id.")
    ],
    campaign: Annotated[str | None, typer.Option(help="Only this campaign, by name or number.")] = None,
    seller: Annotated[str | None, typer.Option(help="Only this seller's people, by id.")] = None,
    because: Annotated[
        str | None, typer.Option(help="Why you read it; kept in the record of readings.", callback=own_words)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the facts of every decision.")] = False,
) -> None:
    """Explain every decision and attempt about a person: the gate is asked again with the facts that it had then."""
    from orchestrator import bootstrap
    from orchestrator.cli.reading import note_reading
    from orchestrator.pipeline import explain as explaining

    house = bootstrap.build()
    stories = explaining.explain(house.store, house.rulebook, contact, house.clock.now(), campaign, seller)
    for story in stories:
        note_reading(house, "explain", because, story.numbers, story.seller_id)
    if as_json:
        typer.echo(json.dumps([explaining.explanation_form(story) for story in stories], ensure_ascii=False))
    else:
        typer.echo("\n\n".join(_text(story) for story in stories))
    wrong = explaining.count_disagreements(stories)
    if wrong:
        typer.echo(f"{wrong} stored decisions are not what the gate answers today; this must be looked into.", err=True)
        raise typer.Exit(1)


def _text(story: "Explanation") -> str:
    lines = [_head(story), ""]
    for event in story.events:
        lines += [f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {event.sentence}", *(f"    {line}" for line in event.details)]
    lines += [] if story.events else ["Nothing was decided or done yet."]
    return "\n".join([*lines, "", "Where it stands:", *(story.standing or ("In no campaign.",))])


def _head(story: "Explanation") -> str:
    named = f", '{story.external_id}' on the list" if story.external_id else ""
    erased = f" Erased at {story.erased_at:%Y-%m-%d %H:%M} UTC." if story.erased_at else ""
    zones = f" May be in {', '.join(story.zones)}." if story.zones else ""
    numbers = ", ".join(story.numbers) or "none"
    return f"Contact {story.contact_id} of seller '{story.seller_id}'{named}. Numbers: {numbers}.{zones}{erased}"
