"""`orchestrator opt-ins renew`: people whose consent ends soon are asked once whether they give it anew."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.tables import print_table
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from datetime import datetime

    from orchestrator.bootstrap import House
    from orchestrator.domain.opt_in import OptInPage
    from orchestrator.pipeline.opt_ins.renewing import Person

DAYS = re.compile(r"([1-9]\d{0,3})d")
LONGEST_MESSAGE = 459  # three segments, as a confirmation


def renew(
    page: Annotated[str, typer.Argument(metavar="PAGE", help="The page's id, as `opt-ins list` shows it.")],
    within: Annotated[str, typer.Option(help="Whose consent ends within that time, as in 30d.")],
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many, the soonest to end first.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show who would be asked, and ask nobody.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask whoever's consent for a choice of the page ends soon to renew it, once, in lawful hours, by the worker."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.opt_ins import renewing

    length, house = _days(within), bootstrap.build()
    now = house.clock.now()
    shown = _open_page(house, page)
    people = renewing.people(house.store, house.rulebook, shown, now, now + length)[:limit]
    messages = _messages(shown, people)
    asked = people
    if not dry_run:
        asked = [one for one in people if renewing.ask(house.store, shown, one, messages[one.number_key], now)]
        _note(house, shown, len(asked), within, now)
    if as_json:
        forms = [_form(one, messages[one.number_key]) for one in asked]
        typer.echo(json.dumps({"page": shown.id, "asked": not dry_run, "people": forms}, ensure_ascii=False))
        return
    _tell(shown, asked, within, dry_run=dry_run)


def _days(text: str) -> timedelta:
    read = DAYS.fullmatch(text.strip())
    if read is None:
        raise UserError(f"--within: '{text[:20]}' must be days, as in 30d.")
    return timedelta(days=int(read[1]))


def _open_page(house: "House", page_id: str) -> "OptInPage":
    from orchestrator.persistence import opt_in_pages

    with house.store.read() as tx:
        stored = opt_in_pages.find(tx, page_id)
    if stored is None:
        raise UserError(f"There is no opt-in page '{page_id}'; `orchestrator opt-ins list` shows those there are.")
    if not stored.is_open:
        raise UserError(f"Page '{page_id}' is closed; `orchestrator opt-ins add PAGE.toml` opens it again.")
    return stored.page


def _messages(page: "OptInPage", people: "Sequence[Person]") -> dict[bytes, str]:
    """What each of them is sent; the words are those of config/people.toml on this day, and kept with the consent."""
    from orchestrator.config_files import load_people_words
    from orchestrator.settings import config_dir

    words = load_people_words(config_dir()).by_language
    return {one.number_key: _message(page, one, words.get(one.language, words["en"])["renewal"]) for one in people}


def _message(page: "OptInPage", person: "Person", words: str) -> str:
    text = page.texts[person.language]
    facts = {"offer": text.offer, "frequency": text.frequency.rstrip(". "), "rates": text.rates.rstrip(". ")}
    try:
        message = words.format(brand=page.brand, ends=person.ends_on.isoformat(), **facts)
    except (LookupError, ValueError):
        raise UserError(
            f"people.toml: '{person.language}.renewal' may name {{brand}}, {{offer}}, {{ends}}, {{frequency}} and "
            "{rates} alone; take the others out."
        ) from None
    if len(message) > LONGEST_MESSAGE:
        raise UserError(
            f"The message in {person.language} has {len(message)} characters; shorten the page's brand, offer or "
            f"frequency under a new version, until it has {LONGEST_MESSAGE} at most."
        )
    return message


def _note(house: "House", page: "OptInPage", asked: int, within: str, now: "datetime") -> None:
    from orchestrator.persistence import actions

    if not asked:
        return
    with house.store.write() as tx:
        about, what = actions.of_seller(page.seller), {"page": page.id, "asked": asked, "within": within.strip()}
        actions.setting(tx, about, "renewals asked", who(), now, page.seller, **what)


def _form(one: "Person", message: str) -> dict[str, Any]:
    from orchestrator.compliance.answer_form import moment_form
    from orchestrator.log import masked

    return {
        "number": masked(one.number),
        "country": one.country,
        "language": one.language,
        "ends_at": moment_form(one.ends_at),
        "message": message,
        "renewals": [
            {
                "choice": each.choice.id,
                "consent": each.entry.id,
                "ends_at": moment_form(each.term.ends_at),
                "ends_by": each.term.by,
                "citation": each.term.citation,
            }
            for each in one.renewals
        ],
    }


def _tell(page: "OptInPage", people: "Sequence[Person]", within: str, *, dry_run: bool) -> None:
    from rich.table import Table

    from orchestrator.log import masked

    if not people:
        typer.echo(f"Nobody is left to be asked whose consent at page '{page.id}' ends within {within.strip()}.")
        return
    if not dry_run:
        people_asked = counted(len(people), "person is", "people are")
        typer.echo(f"{people_asked} asked to renew; the worker sends each message in lawful hours, once.")
        return
    table = Table("number", "country", "language", "choice", "consent", "ends", "by")
    for one in people:
        for each in one.renewals:
            facts = (each.choice.id, str(each.entry.id), f"{each.term.ends_at:%Y-%m-%d}", each.term.by)
            table.add_row(masked(one.number), one.country, one.language, *facts)
    print_table(table)
    typer.echo(f"{counted(len(people), 'person', 'people')} would be asked; nobody was.")
