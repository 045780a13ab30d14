"""``python -m bench.pacing [--days N] [--teams 5 10 …]``: utilisation and abandonment of every policy, by team size."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import Pool
from os import cpu_count
from statistics import mean

from rich.console import Console
from rich.table import Table

from bench.pacing.day import Day, Outcome, Plan, Policy
from bench.pacing.look_ahead import LookAhead
from bench.pacing.oracle import never_idle
from bench.pacing.policies import AdaptiveLevel, FixedRatio, Progressive, predictive

LIMIT = 0.03
ENOUGH_CALLS_PER_SECOND = 50.0  # for the largest team at the lowest answer rate
POLICIES: dict[str, Callable[[Plan], Policy]] = {
    "progressive": lambda _: Progressive(),
    "fixed ratio 3": lambda _: FixedRatio(3.0),
    "adaptive dial level": lambda _: AdaptiveLevel(LIMIT),
    "binomial look-ahead": lambda _: LookAhead(),
    "this pacer": lambda plan: predictive(plan.agents, plan.seconds, plan.calls_per_second, plan.ring_timeout),
}


def main(words: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.pacing", description="Compare pacing policies.")
    parser.add_argument("--days", type=int, default=4, help="seeded days of each team and policy")
    parser.add_argument("--teams", type=int, nargs="+", default=[5, 10, 25, 50, 100, 250])
    asked = parser.parse_args(words)
    jobs = [(name, team, seed) for name in POLICIES for team in asked.teams for seed in range(asked.days)]
    with Pool(cpu_count()) as pool:
        outcomes = dict(zip(jobs, pool.map(outcome, jobs, chunksize=1), strict=True))
        days = [(team, seed) for team in asked.teams for seed in range(asked.days)]
        best = dict(zip(days, pool.map(oracle, days, chunksize=1), strict=True))
    table = Table(
        "policy", *(f"{team}" for team in asked.teams), "mean", "worst day", "days over 3 %", "decide ms",
        title="Talk time as a share of the oracle's, whose agents are never idle, by team size",
    )  # fmt: skip
    for name in POLICIES:
        table.add_row(
            name, *row({job[1:]: found for job, found in outcomes.items() if job[0] == name}, best, asked.teams)
        )
    Console(width=130).print(table)
    return 0


def outcome(job: tuple[str, int, int]) -> Outcome:
    """One day of one policy."""
    name, team, seed = job
    plan = Plan(agents=team, seed=seed, calls_per_second=ENOUGH_CALLS_PER_SECOND)
    return Day(plan).run(POLICIES[name](plan))


def oracle(job: tuple[int, int]) -> float:
    """The utilisation of one day that nobody can better."""
    team, seed = job
    return never_idle(Plan(agents=team, seed=seed))


def row(
    outcomes: Mapping[tuple[int, int], Outcome], best: Mapping[tuple[int, int], float], teams: Sequence[int]
) -> list[str]:
    """A policy's figures in words."""
    by_team = [
        mean(found.utilisation for (team, _), found in outcomes.items() if team == size)
        / mean(share for (team, _), share in best.items() if team == size)
        for size in teams
    ]
    over = sum(day.abandonment > LIMIT for day in outcomes.values())
    return [
        *(f"{share:.3f}" for share in by_team),
        f"{mean(by_team):.3f}",
        f"{max(day.abandonment for day in outcomes.values()):.2%}",
        f"{over} of {len(outcomes)}",
        f"{1000 * max(day.decide_seconds for day in outcomes.values()):.2f}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
