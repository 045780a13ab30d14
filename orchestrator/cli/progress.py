"""A line on standard error that counts while something lasts, where a person watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

CONSOLE = Console(stderr=True)  # one for all: a line within a line stands below it


@contextmanager
def counting(what: str, unit: str = "people") -> Iterator[Callable[[int], None]]:
    """Yield a function that is told how many more are done."""
    columns = SpinnerColumn(), TextColumn(f"{{task.description}} {{task.completed:,.0f}} {unit}"), TimeElapsedColumn()
    with Progress(*columns, console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.update(task, advance=count)
