"""``python -m bench.pacing [--days N] [--teams 5 10 …]``: utilisation and abandonment of every policy, by team size."""

import argparse
import sys
from collections.abc import Callable, Sequence
from multiprocessing import Pool
from os import cpu_count
from statistics import mean

from rich.console import Console
from rich.table import Table

from bench.pacing.day import Day, Outcome, Plan, Policy
from bench.pacing.policies import AdaptiveLevel, FixedRatio, Progressive, predictive

LIMIT = 0.03
BEST = 100.0 / 115.0  # nobody is ever idle: talk over talk and wrap-up
POLICIES: dict[str, Callable[[Plan], Policy]] = {
    "progressive": lambda _: Progressive(),
    "fixed ratio 3": lambda _: FixedRatio(3.0),
    "adaptive dial level": lambda _: AdaptiveLevel(LIMIT),
    "this pacer": lambda plan: predictive(plan.agents, plan.seconds, plan.calls_per_second, plan.ring_timeout),
}


def main(words: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.pacing", description="Compare pacing policies.")
    parser.add_argument("--days", type=int, default=4, help="seeded days of each team and policy")
    parser.add_argument("--teams", type=int, nargs="+", default=[5, 25, 100])
    asked = parser.parse_args(words)
    jobs = [(name, team, seed) for name in POLICIES for team in asked.teams for seed in range(asked.days)]
    with Pool(cpu_count()) as pool:
        outcomes = dict(zip(jobs, pool.map(outcome, jobs, chunksize=1), strict=True))
    table = Table(
        "policy", *(f"{team}" for team in asked.teams), "mean", "worst day", "days over 3 %", "decide ms",
        title="Talk time as a share of what agents who are never idle reach, by team size",
    )  # fmt: skip
    for name in POLICIES:
        table.add_row(
            name, *row([(team, [outcomes[name, team, day] for day in range(asked.days)]) for team in asked.teams])
        )
    Console(width=130).print(table)
    return 0


def outcome(job: tuple[str, int, int]) -> Outcome:
    """One day of one policy."""
    name, team, seed = job
    plan = Plan(agents=team, seed=seed)
    return Day(plan).run(POLICIES[name](plan))


def row(days: list[tuple[int, list[Outcome]]]) -> list[str]:
    """A policy's figures in words."""
    by_team = [mean(day.utilisation for day in found) / BEST for _, found in days]
    every = [day for _, found in days for day in found]
    over = sum(day.abandonment > LIMIT for day in every)
    return [
        *(f"{share:.3f}" for share in by_team),
        f"{mean(by_team):.3f}",
        f"{max(day.abandonment for day in every):.2%}",
        f"{over} of {len(every)}",
        f"{1000 * max(day.decide_seconds for day in every):.2f}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
