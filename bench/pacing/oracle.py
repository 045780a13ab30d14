"""The best that anybody could do: a person is on the line at the very tick at which an agent is free."""

import numpy as np

from bench.pacing.day import Plan
from bench.pacing.team import Team


def never_idle(plan: Plan) -> float:
    """Talk time over time logged in on that day, with nobody abandoned and nobody waiting."""
    random = np.random.default_rng(plan.seed)
    people = plan.population
    team = Team(plan.agents, plan.seconds, people.wrap_seconds, random)
    talked = 0.0
    for second in range(plan.seconds):
        team.settle(float(second))
        for agent in team.ready():
            talk = random.gamma(people.talk_shape, people.talk_seconds / people.talk_shape)
            talked += min(talk, plan.seconds - second)
            team.talk(int(agent), float(second), talk, machine=False)
    return talked / max(1.0, team.logged_seconds)
