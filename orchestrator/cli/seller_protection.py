"""`orchestrator sellers set`: who answers for the protection of a seller's data."""

from typing import Annotated

import typer

from orchestrator.cli.own_words import own_words
from orchestrator.domain.errors import UserError


def set_(
    seller_id: Annotated[str, typer.Argument(metavar="ID", help="The seller.")],
    officer: Annotated[
        str | None,
        typer.Option(
            "--data-protection-officer", metavar="NAME", help="Who is in charge of data protection.", callback=own_words
        ),
    ] = None,
    officer_contact: Annotated[
        str | None, typer.Option(help="How people and authorities reach them.", callback=own_words)
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="The controller's postal address, on one line.", callback=own_words)
    ] = None,
    authority: Annotated[str | None, typer.Option(help="The supervisory authority that is competent.")] = None,
    eu_representative: Annotated[
        str | None, typer.Option(help="In the Union, for a seller outside: name, contact.")
    ] = None,
    uk_representative: Annotated[str | None, typer.Option(help="In the United Kingdom, for a seller outside.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Where its months are counted, as in Europe/London.")] = None,
    language: Annotated[str | None, typer.Option(help="Of notices where a person's own is not known: en, de …")] = None,
    another_firm: Annotated[
        bool | None,
        typer.Option("--another-firm/--own-firm", help="Whether you contact people on behalf of another firm."),
    ] = None,
) -> None:
    """Name who answers for a seller's data; what is not named is kept. Names and contacts are kept sealed."""
    from orchestrator.bootstrap import build
    from orchestrator.cli.actor import who
    from orchestrator.persistence import actions, protection, sellers

    texts = {
        "officer": officer,
        "officer_contact": officer_contact,
        "address": address,
        "authority": authority,
        "eu_representative": eu_representative,
        "uk_representative": uk_representative,
        "language": _language(language),
    }
    said: dict[str, object] = {name: _line(name, text) for name, text in texts.items() if text is not None}
    said |= {} if time_zone is None else {"time_zone": _zone(time_zone)}
    said |= {} if another_firm is None else {"is_another_firm": another_firm}
    if not said:
        raise UserError("Say what to set, as in --data-protection-officer NAME; --help lists everything.")
    house = build()
    with house.store.write() as tx:
        sellers.require(tx, seller_id)
        protection.change(tx, house.store.keyring, seller_id, said, who(), house.clock.now())
        names = sorted(said)  # what was said are people's names and contacts
        about, now = actions.of_seller(seller_id), house.clock.now()
        actions.setting(tx, about, "protection set", who(), now, seller_id, fields=names)
    typer.echo(f"Kept for '{seller_id}': {', '.join(sorted(said)).replace('_', ' ')}.")


def _line(name: str, text: str) -> str:
    if not text.strip() or not text.isprintable():
        option = "data-protection-officer" if name == "officer" else name.replace("_", "-")
        raise UserError(f"--{option}: write it on one printed line.")
    return text.strip()


def _zone(text: str) -> str:
    from zoneinfo import available_timezones

    if text not in available_timezones():
        raise UserError(f"--time-zone: '{text}' is no time zone; write it as in Europe/London.")
    return text


def _language(text: str | None) -> str | None:
    from orchestrator.pipeline.intake.places import language_named

    if text is not None and language_named(text) is None:
        raise UserError(f"--language: '{text}' is no language; write it as in en, de or pt-BR.")
    return None if text is None else language_named(text)
