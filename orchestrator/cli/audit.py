"""`orchestrator audit`: any call log against the law, without a database, an account or a setting."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from orchestrator.domain.contact_request import CallerKind, LawfulBasis, Mode, Purpose
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.pipeline.audit import Auditor
    from orchestrator.pipeline.audit_facts import Claims
    from orchestrator.pipeline.audit_log import LogReader
    from orchestrator.pipeline.audit_people import People
    from orchestrator.pipeline.audit_report import AuditReport

Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="COLUMN=FIELD", help="What a column of the log (its header, or 3) holds; repeatable."
    ),
]


def audit(
    calls: Annotated[Path, typer.Argument(metavar="CALLS.csv", help="The call log, with a header.")],
    contacts: Annotated[Path, typer.Option("--contacts", metavar="LIST.csv", help="Whom the calls went to.")],
    country: Annotated[str, typer.Option(help="How numbers and dates without a country are written.")] = "US",
    zone: Annotated[str | None, typer.Option(help="The clock that wrote moments without a zone.")] = None,
    purpose: Annotated[Purpose, typer.Option(help="Why the calls were made.")] = Purpose.TELEMARKETING,
    caller_kind: Annotated[CallerKind, typer.Option(help="What the caller is in law.")] = CallerKind.COMMERCIAL,
    mode: Annotated[Mode | None, typer.Option(help="How calls were dialled where the log does not say.")] = None,
    ring_seconds: Annotated[int | None, typer.Option(min=1, help="How long unanswered calls rang.")] = None,
    registration: Annotated[list[str] | None, typer.Option(help="Where the caller is registered; repeatable.")] = None,
    lawful_basis: Annotated[LawfulBasis | None, typer.Option(help="The campaign's, under the GDPR.")] = None,
    mapping: Maps = None,
    list_mapping: Annotated[
        list[str] | None, typer.Option("--list-map", metavar="COLUMN=FIELD", help="The same for the contact list.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a call.")] = False,
) -> None:
    """Say which calls of a log were unlawful, and by which rule. What nobody knows is said, not guessed."""
    from orchestrator.law import load_rulebook
    from orchestrator.pipeline.audit import Auditor
    from orchestrator.pipeline.audit_facts import Claims
    from orchestrator.settings import config_dir

    code = _country(country)
    reader = _log(calls, mapping or (), code, _zone(zone, code))
    people = _people(contacts, code, list_mapping or ())
    claims = Claims(
        purpose=purpose,
        caller_kind=caller_kind,
        mode=mode,
        ring_seconds=ring_seconds,
        registrations=tuple(registration or ()),
        lawful_basis=lawful_basis,
    )
    report = _run(Auditor(load_rulebook(config_dir()), people, claims), reader, as_json=as_json)
    if not as_json:
        _show(report, claims, people)


def _country(text: str) -> str:
    from orchestrator.pipeline.intake.places import country_named

    code = country_named(text)
    if code is None:
        raise UserError(f"--country {text} is no country; use its two letters, as in US or GB.")
    return code


def _zone(text: str | None, country: str) -> ZoneInfo | None:
    from orchestrator.pipeline.intake.places import zone_named

    if text is None:
        return None
    name = "UTC" if text.upper() in {"UTC", "GMT", "Z"} else zone_named(text, country)
    if name is None:
        raise UserError(f"--zone {text} is no time zone; write it as in America/New_York, or UTC.")
    return ZoneInfo(name)


def _log(path: Path, orders: "list[str] | tuple[str, ...]", country: str, zone: ZoneInfo | None) -> "LogReader":
    from orchestrator.pipeline.audit_columns import columns_of, layout_of
    from orchestrator.pipeline.audit_log import LogReader

    layout = layout_of(path, country, orders)
    return LogReader(layout, columns_of(layout, orders, path.name), country, zone)


def _people(path: Path, country: str, orders: "list[str] | tuple[str, ...]") -> "People":
    from orchestrator.pipeline.audit_people import ListReader, People
    from orchestrator.pipeline.intake.file_form import inspect
    from orchestrator.pipeline.intake.layout import count_records, lay_out

    layout = lay_out(inspect(path), country, orders)
    found = People()
    with _bar("Reading contacts", count_records(layout)) as progress:
        for people in ListReader(layout, country, datetime.now(UTC)).read():
            found = people
            progress(1)
    return found


def _run(auditor: "Auditor", reader: "LogReader", *, as_json: bool) -> "AuditReport":
    from orchestrator.pipeline.audit_log import Unreadable, in_order
    from orchestrator.pipeline.audit_report import AuditReport, call_form, unreadable_form

    report = AuditReport()

    def unreadable(row: Unreadable) -> None:
        report.skip(row)
        if as_json:
            sys.stdout.write(f"{json.dumps(unreadable_form(row), ensure_ascii=False)}\n")

    rows = reader.survey()
    with _bar("Reading and judging calls", 2 * rows) as progress:
        for call in in_order(reader, unreadable, progress):
            judged = auditor.hear(call)
            report.add(judged)
            if as_json and judged is not None:
                sys.stdout.write(f"{json.dumps(call_form(judged), ensure_ascii=False)}\n")
            progress(1)
    return report


def _show(report: "AuditReport", claims: "Claims", people: "People") -> None:
    from orchestrator.cli.audit_words import told

    for line in told(report, claims, people):
        typer.echo(line)


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda rows: progress.update(task, advance=rows)
