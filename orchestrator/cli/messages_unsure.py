"""`orchestrator messages unsure` and `confirm`: what may have been a refusal, and the person who decides."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.actor import who

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.persistence.tables.columns import Record

NOT_KEPT = "(not kept)"


class Decision(StrEnum):
    """What a message that was in doubt meant."""

    STOP = "stop"
    OTHER = "other"


def unsure(
    seller: Annotated[str | None, typer.Option(help="Of this seller alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List messages that may be refusals. Each suppresses its sender until somebody has read it and confirms."""
    from orchestrator.bootstrap import build
    from orchestrator.persistence import accesses, reviews, sellers

    house = build()
    with house.store.write() as tx:
        sellers.require_known(tx, seller)
        rows = reviews.waiting(tx, seller)
        keys = [bytes(row.number_key) for row in rows]
        if rows:
            accesses.record(
                tx,
                actor=who(),
                action="messages.unsure",
                reason="to decide what they mean",
                number_keys=keys,
                at=house.clock.now(),
                seller_id=seller,
            )
    found = [_form(house, row) for row in rows]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one['id']}  {one['asked_at']}  {one['seller']}  {one['text']}")
    typer.echo("Nothing waits." if not found else "Decide each: `orchestrator messages confirm ID stop|other`.")


def confirm(
    review_id: Annotated[int, typer.Argument(metavar="ID", help="As `messages unsure` lists it.")],
    decision: Annotated[Decision, typer.Argument(help="stop: it was a no; other: it was none.")],
) -> None:
    """Say what a doubtful message meant: stop stays for good; other lifts that one stop, and no other that stands."""
    from orchestrator.bootstrap import build
    from orchestrator.persistence import enrollments, reviews, suppressions

    house = build()
    now = house.clock.now()
    with house.store.write() as tx:
        row = reviews.decide(tx, review_id, decision.value, who(), now)
        key = bytes(row.number_key)
        others = suppressions.standing(tx, row.seller_id, key)
        if not others:
            enrollments.unsuppress(tx, row.seller_id, key, row.asked_at, now)
    if decision is Decision.STOP:
        typer.echo("The stop stands; nothing more is sent to them, no confirmation either.")
    elif others:
        typer.echo("That stop is lifted; the person has said no in another way too, so they stay suppressed.")
    else:
        typer.echo("That stop is lifted; the person may be contacted again where the law allows it.")


def _form(house: "House", row: "Record") -> dict[str, object]:
    from orchestrator.pipeline.reception.receiving import BODY

    text = NOT_KEPT if row.body_sealed is None else house.store.keyring.open(row.body_sealed, BODY)
    return {
        "id": row.id,
        "asked_at": row.asked_at.isoformat(timespec="seconds"),
        "seller": row.seller_id,
        "thread": row.thread_id,
        "text": text,
    }
