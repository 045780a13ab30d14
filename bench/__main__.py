"""``python -m bench [NAME …] [--registry-numbers N]``: every measure beside a plain baseline of the same run."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from rich.console import Console
from rich.table import Table

MEASURES = {
    "intake": "rows of a clean list imported",
    "gate": "questions answered",
    "picks": "picks end to end: claimed, decided, written, placed, receipt written",
    "placement": "calls placed at 150 ms carrier latency",
    "rehearsal": "a rehearsed day of eight hours, its processor time",
    "tick": "a tick of the pacing desk: 250 agents, 500 calls in flight",
    "callbacks": "callbacks received, synchronous=FULL",
    "messages": "texts under every fault of the sandbox, with workers killed",
    "sealing": "entries of sealed logs entered and verified",
    "registries": "a national do-not-call list built, looked up and scrubbed against",
}
Row = tuple[str, float, str]


def main(words: list[str]) -> int:
    """Run the measures named, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, beside plain baselines.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument("--registry-numbers", type=int, metavar="N", help="a shorter do-not-call list, as in 2500000")
    asked = parser.parse_args(words)
    names: list[str] = asked.names
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        sys.stderr.write(f"There is no measure '{unknown[0]}'; there are {', '.join(MEASURES)}.\n")
        return 2
    table = Table("measure", "what", "value", "unit", title="On SQLite, this machine, this run", title_justify="left")
    for name in names or list(MEASURES):
        sys.stderr.write(f"{name}: {MEASURES[name]} …\n")
        for what, value, unit in _measured(name, asked.registry_numbers):
            table.add_row(name, what, f"{value:,.0f}" if value >= 10 else f"{value:.2f}", unit)
    Console(width=140).print(table)
    return 0


def _measured(name: str, registry_numbers: int | None) -> Sequence[Row]:
    measure = import_module(f"bench.{name}").measure
    rows: Sequence[Row] = measure(registry_numbers) if name == "registries" and registry_numbers else measure()
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
