"""Agents of a simulated day: who is ready, talking, wrapping up or away on a break."""

import numpy as np
from numpy.typing import NDArray

from orchestrator.pacing.snapshot import AGENT_AWAY, AGENT_READY, AGENT_TALKING, AGENT_WRAPPING, PacingEvent

BREAKS = ((0.15, 0.35, 600, 900), (0.42, 0.58, 1500, 2100), (0.70, 0.90, 600, 900))  # share of the day, seconds


class Team:
    """Each agent asks for three breaks a day, and takes each once the call and its wrap-up are over."""

    def __init__(self, agents: int, seconds: int, wrap_seconds: float, random: np.random.Generator) -> None:
        self.random, self.wrap_seconds = random, wrap_seconds
        self.state: NDArray[np.int8] = np.zeros(agents, np.int8)
        self.since, self.until = np.zeros(agents), np.full(agents, np.inf)
        self.asked: NDArray[np.bool_] = np.zeros(agents, np.bool_)
        self.met_machine: NDArray[np.bool_] = np.zeros(agents, np.bool_)
        self._breaks = [self._plan(seconds) for _ in range(agents)]
        self._next = np.array([plan[0][0] for plan in self._breaks])
        self.logged_seconds = 0.0

    def _plan(self, seconds: int) -> list[tuple[float, float]]:
        return [
            (self.random.uniform(first, last) * seconds, self.random.uniform(short, long))
            for first, last, short, long in BREAKS
        ]

    @property
    def seen(self) -> NDArray[np.int8]:
        """The states as a pacer sees them: whoever asked for a break is away from that moment."""
        return np.where(self.asked, np.int8(AGENT_AWAY), self.state)

    def ready(self) -> NDArray[np.intp]:
        """Who is ready, the longest first."""
        ready = np.flatnonzero(self.state == AGENT_READY)
        return ready[np.argsort(self.since[ready], kind="stable")]

    def talk(self, agent: int, now: float, seconds: float, *, machine: bool) -> float:
        """Begin a call; how long the agent was ready for it."""
        waited = now - self.since[agent]
        self._enter(agent, AGENT_TALKING, now, seconds)
        self.met_machine[agent] = machine
        return float(waited)

    def settle(self, now: float) -> list[PacingEvent]:
        """End what is over."""
        events = [event for agent in np.flatnonzero(self.until <= now) for event in self._over(int(agent), now)]
        for agent in np.flatnonzero((self._next <= now) & ~self.asked):
            self.asked[agent], self._next[agent] = True, np.inf
            if self.state[agent] == AGENT_READY:
                self._leave(int(agent), now)
        self.logged_seconds += float(np.count_nonzero(self.state != AGENT_AWAY))
        return events

    def _over(self, agent: int, now: float) -> list[PacingEvent]:
        lasted = now - self.since[agent]
        if self.state[agent] == AGENT_TALKING:
            machine, self.met_machine[agent] = bool(self.met_machine[agent]), False
            self._enter(agent, AGENT_WRAPPING, now, self.random.gamma(3.0, self.wrap_seconds / 3.0))
            return [PacingEvent("talk_end", lasted), *([PacingEvent("machine_disposition")] if machine else [])]
        if self.state[agent] == AGENT_WRAPPING:
            if self.asked[agent]:
                self._leave(agent, now)
            else:
                self._enter(agent, AGENT_READY, now, np.inf)
            return [PacingEvent("wrap_end", lasted)]
        self.asked[agent] = False
        self._next[agent] = self._breaks[agent][0][0] if self._breaks[agent] else np.inf
        self._enter(agent, AGENT_READY, now, np.inf)
        return []

    def _leave(self, agent: int, now: float) -> None:
        _, seconds = self._breaks[agent].pop(0)
        self._enter(agent, AGENT_AWAY, now, seconds)

    def _enter(self, agent: int, state: int, now: float, seconds: float) -> None:
        self.state[agent], self.since[agent], self.until[agent] = state, now, now + seconds
