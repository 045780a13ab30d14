"""A line on standard error that counts while something lasts, where a person watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def counting(what: str, unit: str = "people") -> Iterator[Callable[[int], None]]:
    """Yield a function that is told how many more are done."""
    columns = SpinnerColumn(), TextColumn(f"{{task.description}} {{task.completed:,.0f}} {unit}"), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.update(task, advance=count)
