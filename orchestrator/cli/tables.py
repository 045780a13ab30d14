"""Tables for people: nothing is cut, on a terminal by folding, in a pipe or a file by lines as long as they must be."""

from rich.console import Console
from rich.table import Table

AS_WIDE_AS_NEEDED = 10_000


def print_table(table: Table) -> None:
    """Print it so that no id, date or name loses a letter."""
    console = Console()
    for column in table.columns:
        column.overflow, column.no_wrap = "fold", False
    if console.is_terminal:
        console.print(table)
    else:
        Console(width=AS_WIDE_AS_NEEDED).print(table)
