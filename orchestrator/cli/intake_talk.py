"""What an import says while it runs: the mapping before, progress and verdicts during, what to do next after."""

import json
import shlex
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from orchestrator.cli.counted import counted
from orchestrator.cli.tables import print_table
from orchestrator.pipeline.intake.header_words import Field
from orchestrator.pipeline.intake.importing import ImportOrder, ImportReport
from orchestrator.pipeline.intake.layout import DELIMITER_NAMES, Layout
from orchestrator.pipeline.intake.verdicts import REJECTS, Judged

SECONDS_BETWEEN_LINES = 5.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)
VERDICT_WORDS = {
    "malformed": "cannot be read",
    "invalid_number": "no valid number",
    "no_jurisdiction": "country not to be told, or without rules",
    "suppressed": "every number said no to this seller",
    "duplicate": "here already, nothing new",
    "merged": "here already, something added",
    "listed": "every number is on a registry; kept",
    "accepted": "new",
}


class Talk:
    """Tells verdicts and progress, and hears who wants to stop: the first signal ends the import after its chunk."""

    def __init__(self, records: int, *, as_json: bool) -> None:
        self._as_json = as_json
        self._records, self._done = records, 0
        self._stop = False
        self._handlers: dict[int, Any] = {}
        console = Console(stderr=True)
        bar = TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*bar, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=records)
        self._next_line_at = time.monotonic() + SECONDS_BETWEEN_LINES

    def __enter__(self) -> Self:
        """Listen for signals and show the bar."""
        self._handlers = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Give the signals back."""
        self._progress.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def hear(self, judged: Sequence[Judged]) -> None:
        """Tell these verdicts and how far we are."""
        if self._as_json:
            sys.stdout.write("".join(f"{json.dumps(record_form(one), ensure_ascii=False)}\n" for one in judged))
            sys.stdout.flush()
        self._done += len(judged)
        self._progress.update(self._task, completed=self._done)
        if self._progress.disable and time.monotonic() >= self._next_line_at:
            self._next_line_at += SECONDS_BETWEEN_LINES
            typer.echo(f"{self._done:,} of {self._records:,} records", err=True)

    def stopped(self) -> bool:
        """Whether somebody asked to stop before the last record."""
        return self._stop and self._done < self._records

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self._stop = True
        signal.signal(number, self._handlers[number])  # a second one does what it always does


def record_form(judged: Judged) -> dict[str, Any]:
    """A record's verdict as ``--json`` prints it."""
    return {
        "line": judged.line,
        "verdict": judged.verdict.value,
        "numbers": list(judged.numbers),
        "reason": judged.reason,
    }


def show_mapping(layout: Layout, records: int) -> None:
    """How the file is read, before anything is written."""
    console = Console(stderr=True)
    header = "with a header" if layout.header is not None else "without a header"
    delimiter = DELIMITER_NAMES.get(layout.delimiter, repr(layout.delimiter))
    form = f"{layout.form.encoding}, delimiter {delimiter}, {header}"
    console.print(f"{escape(layout.form.path.name)}: {counted(records, 'record')}, {form}", highlight=False)
    table = Table("column", "holds", "example")
    for column in layout.columns:
        holds = "–" if column.field is Field.IGNORE else f"{column.field.value} {column.label.strip(':')}".strip()
        table.add_row(escape(f"{column.position + 1} {column.title}"), holds, escape(column.example))
    console.print(table)


def summarise(report: ImportReport, order: ImportOrder, orders: Sequence[str], *, as_json: bool, dry_run: bool) -> None:
    """Counts by verdict and what to do next; with ``--json`` data keeps stdout to itself.

    ``orders`` are the ``--map`` of this import, which its rejects need too.
    """
    console = Console(stderr=as_json)
    table = Table("verdict", "records", "", title=escape(f"{order.list_name} ({order.seller_id})"))
    for verdict, count in report.counts.items():
        table.add_row(verdict, f"{count:,}", VERDICT_WORDS[verdict])
    console.print(table)
    if report.is_finished:
        for sentence in _next_steps(report, order, orders, dry_run=dry_run):
            typer.echo(sentence, err=True)


def _next_steps(report: ImportReport, order: ImportOrder, orders: Sequence[str], *, dry_run: bool) -> Sequence[str]:
    if dry_run:
        return ["This was a dry run: nothing was written."]
    steps = []
    if report.is_repeat:
        steps.append(f"This file was in '{order.list_name}' already: nothing was changed.")
    if report.unproven:
        steps.append(
            f"{report.unproven:,} records claim a consent without a date and evidence; such a consent counts nowhere."
        )
    if report.rejects is not None:
        count = sum(report.counts[verdict.value] for verdict in REJECTS)
        again = _import_command(report.rejects, order, orders)
        are = f"{counted(count, 'reject')} {'is' if count == 1 else 'are'}"
        steps.append(f"{are} in {report.rejects}; correct {'it' if count == 1 else 'them'} there, then: {again}")
    return [*steps, f"Next: orchestrator lists scrub {shlex.quote(order.list_name)}"]


def _import_command(file: Path, order: ImportOrder, orders: Sequence[str]) -> str:
    given = [part for one in orders for part in ("--map", one)] if order.layout.header is not None else []
    words = ["orchestrator", "lists", "import", str(file), "--country", order.country, *given]
    return shlex.join([*words, "--name", order.list_name, "--seller", order.seller_id])


def show_lists(rows: Sequence[Any]) -> None:
    """A table of lists."""
    table = Table("name", "seller", "people", "imports", "unfinished", "made")
    for row in rows:
        made = row.created_at.isoformat(" ", "minutes")
        table.add_row(
            escape(row.name), row.seller_id, f"{row.people:,}", str(row.imports), str(row.running or ""), made
        )
    print_table(table)


def show_list(row: Any, counts: Mapping[str, int], imports: Sequence[Any]) -> None:
    """A list's rows by verdict, and its imports."""
    console = Console()
    table = Table(
        "verdict", "rows", "", title=escape(f"{row.name} ({row.seller_id}): {counted(row.people, 'person', 'people')}")
    )
    for verdict, words in VERDICT_WORDS.items():
        table.add_row(verdict, f"{counts.get(verdict, 0):,}", words)
    console.print(table)
    files = Table("file", "state", "records", "started", "digest")
    for one in imports:
        started = one.started_at.isoformat(" ", "minutes")
        files.add_row(escape(one.file_name), one.state, f"{one.records_done:,}", started, one.file_digest[:12])
    console.print(files)
