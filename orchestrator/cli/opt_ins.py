"""Pages on which people opt in, how many did, and the link by which anybody sees what is held and ends it."""

import json
from pathlib import Path
from typing import Annotated, Any

import phonenumbers
import typer
from rich.table import Table

from orchestrator.bootstrap import House, build
from orchestrator.cli import opt_in_renewals
from orchestrator.cli.actor import who
from orchestrator.cli.own_words import needed_words
from orchestrator.cli.tables import print_table
from orchestrator.compliance.opt_out import Intent, classify
from orchestrator.config_files import load_cadences, load_opt_out_words, load_people_words, load_strategies
from orchestrator.domain.errors import UserError
from orchestrator.domain.opt_in import OptInState
from orchestrator.domain.opt_in_file import page_as_dict, parse_page
from orchestrator.persistence import accesses, actions, opt_in_pages, opt_ins
from orchestrator.persistence.opt_in_pages import StoredPage
from orchestrator.pipeline.opt_ins.publishing import publish
from orchestrator.pipeline.unsubscribing import support
from orchestrator.settings import config_dir

app = typer.Typer(
    help="Pages on which people opt in, and the links by which they end it.",
    no_args_is_help=True,
    add_completion=False,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PageId = Annotated[str, typer.Argument(metavar="PAGE", help="The page's id, as `opt-ins list` shows it.")]
STRATEGY, CADENCE = "consent-tiered", "default"


@app.command()
def add(
    file: Annotated[Path, typer.Argument(metavar="PAGE.toml", help="What the page says.")], as_json: Json = False
) -> None:
    """Open a page, or show a new version of one; what an older version said is kept with its consents."""
    page = parse_page(_text(file), load_people_words(config_dir()))
    _require_harmless(page.keyword)
    house = build()
    cadences, strategies = load_cadences(config_dir()), load_strategies(config_dir())
    done = publish(
        house.store,
        page,
        who(),
        house.clock.now(),
        strategy=STRATEGY if STRATEGY in strategies else min(strategies),
        cadence=CADENCE if CADENCE in cadences else min(cadences),
    )
    address = _address(house, page.id)
    if as_json:
        form = {"id": page.id, "version": page.version, "address": address, "campaign": done.campaign}
        typer.echo(json.dumps({**form, "new": done.is_new, "changed": done.changed}, ensure_ascii=False))
        return
    verb = "is open" if done.is_new else "shows this version now" if done.changed else "shows this version already"
    typer.echo(f"Page '{page.id}' {verb}: {address}. Its confirmations are counted as campaign '{done.campaign}'.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the pages, and how many opt-ins of each stand where."""
    house = build()
    with house.store.read() as tx:
        pages, counts = opt_in_pages.every(tx), opt_in_pages.counts(tx)
    forms = [_form(house, stored, counts.get(stored.page.id, {})) for stored in pages]
    if as_json:
        typer.echo(json.dumps(forms, ensure_ascii=False))
        return
    if not forms:
        typer.echo("There is no opt-in page yet: orchestrator opt-ins add PAGE.toml", err=True)
        return
    table = Table("page", "seller", "version", "state", "sender", "keyword", *(state.value for state in OptInState))
    for form in forms:
        facts = [str(form[name] or "") for name in ("id", "seller", "version", "state", "sender", "keyword")]
        table.add_row(*facts, *(str(form["opt_ins"][state.value]) for state in OptInState))
    print_table(table)


@app.command()
def show(page: PageId, as_json: Json = False) -> None:
    """Show what a page says, word for word as it is kept with consents, and since when it said what."""
    house = build()
    with house.store.read() as tx:
        stored = _stored(opt_in_pages.find(tx, page), page)
        versions = opt_in_pages.versions(tx, page)
        counts = opt_in_pages.counts(tx).get(page, {})
    if as_json:
        shown = {language: stored.page.shown(language) for language in stored.page.languages}
        history = [{"version": row.version, "since": row.since.isoformat(), "by": row.by} for row in versions]
        form = {**_form(house, stored, counts), "page": page_as_dict(stored.page), "shown": shown, "versions": history}
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    typer.echo(f"{_address(house, page)} ({_state(stored)})")
    for language in stored.page.languages:
        typer.echo(f"\n[{language}]\n{stored.page.shown(language)}\n\nby text: {stored.page.confirmation(language)}")
    typer.echo("")
    for row in versions:
        typer.echo(f"version {row.version} since {row.since:%Y-%m-%d %H:%M} UTC, by {row.by}")


@app.command()
def close(page: PageId) -> None:
    """Let nobody sign up there any more; who was asked may still answer, and consents stay."""
    house = build()
    with house.store.write() as tx:
        found, now = _stored(opt_in_pages.find(tx, page), page), house.clock.now()
        closed = opt_in_pages.close(tx, page, who(), now)
        if closed:
            seller = found.page.seller
            actions.setting(tx, actions.of_seller(seller), "opt-in page closed", who(), now, seller, page=page)
    said = "is closed" if closed else "was closed already"
    typer.echo(f"Page '{page}' {said}; `orchestrator opt-ins add PAGE.toml` opens it again.")


app.command("renew")(opt_in_renewals.renew)


@app.command()
def link(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="In E.164, as in +12125550100.")],
    reason: Annotated[str, typer.Option(help="Why it is looked up; kept with your name.", callback=needed_words)],
    as_json: Json = False,
) -> None:
    """Print the person's own way out: for each seller that contacted them, a page that says why, and stops it."""
    house = build()
    if house.settings.people_url is None:
        house.settings.require("public_url")
    e164, now = _number(number), house.clock.now()
    key = house.store.keyring.number_key(e164)
    with house.store.write() as tx:
        accesses.record(tx, actor=who(), action="opt-out link", reason=reason, number_keys=[key], at=now)
        links = support.links(tx, house.store.keyring, key, _people_url(house), now)
        waiting = [row for row in opt_ins.of_number(tx, key) if row.state == OptInState.PENDING]
    if as_json:
        forms = [{"seller": one.seller_id, "at": one.at.isoformat(), "link": one.link} for one in links]
        typer.echo(json.dumps({"links": forms, "pending": [row.page_id for row in waiting]}, ensure_ascii=False))
        return
    for row in waiting:
        typer.echo(
            f"An opt-in at page '{row.page_id}' waits for their answer until {row.expires_at:%Y-%m-%d %H:%M} UTC."
        )
    for one in links:
        typer.echo(f"{one.seller_id}, last contacted {one.at:%Y-%m-%d %H:%M} UTC: {one.link}")
    if not links:
        typer.echo("Nobody has contacted this number within a year; `orchestrator suppress` stops them all the same.")


def _require_harmless(keyword: str | None) -> None:
    """A word that stops, or asks for help, must go on doing just that."""
    words = load_opt_out_words(config_dir())
    if keyword is not None and classify(keyword, words) in {Intent.STOP, Intent.UNSURE, Intent.HELP}:
        raise UserError(f"keyword: '{keyword}' is a word that stops our texts or asks for help; take another word.")


def _form(house: House, stored: StoredPage, counts: dict[str, int]) -> dict[str, Any]:
    page = stored.page
    return {
        "id": page.id,
        "seller": page.seller,
        "brand": page.brand,
        "version": page.version,
        "state": _state(stored),
        "address": _address(house, page.id),
        "sender": page.sender or page.messaging_service,
        "keyword": page.keyword,
        "list": page.list_name,
        "countries": list(page.countries),
        "languages": list(page.languages),
        "opt_ins": {state.value: counts.get(state.value, 0) for state in OptInState},
    }


def _state(stored: StoredPage) -> str:
    return "open" if stored.is_open else f"closed {stored.closed_at:%Y-%m-%d}"


def _stored(found: StoredPage | None, page_id: str) -> StoredPage:
    if found is None:
        raise UserError(f"There is no opt-in page '{page_id}'; `orchestrator opt-ins list` shows those there are.")
    return found


def _people_url(house: House) -> str:
    return house.settings.people_url or house.settings.public_url or ""


def _address(house: House, page_id: str) -> str:
    return f"{_people_url(house)}/people/{page_id}"


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not text in UTF-8; save it as UTF-8.") from None


def _number(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        raise UserError("That is no valid number; write it in E.164, as in +12125550100.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
