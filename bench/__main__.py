"""``python -m bench [NAME …]``: every measure beside a plain baseline of the same run, as a table."""

import sys
from importlib import import_module

from rich.console import Console
from rich.table import Table

MEASURES = {
    "intake": "rows of a clean list imported",
    "gate": "questions answered",
    "picks": "picks end to end: claimed, decided, written, placed, receipt written",
    "placement": "calls placed at 150 ms carrier latency",
    "callbacks": "callbacks received, synchronous=FULL",
}


def main(names: list[str]) -> int:
    """Run the measures named, or all."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        sys.stderr.write(f"There is no measure '{unknown[0]}'; there are {', '.join(MEASURES)}.\n")
        return 2
    table = Table("measure", "what", "value", "unit", title="On SQLite, this machine, this run", title_justify="left")
    for name in names or list(MEASURES):
        sys.stderr.write(f"{name}: {MEASURES[name]} …\n")
        for what, value, unit in import_module(f"bench.{name}").measure():
            table.add_row(name, what, f"{value:,.0f}" if value >= 10 else f"{value:.2f}", unit)
    Console(width=140).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
