"""What is asked of a rehearsal, and a day that was played."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from orchestrator.domain.errors import UserError
from orchestrator.persistence.campaigns import Campaign
from orchestrator.pipeline.engine import Engine
from orchestrator.rehearsal.boarding import MOST_PEOPLE, Boarded
from orchestrator.rehearsal.exchange import Exchange
from orchestrator.rehearsal.memory import MemoryStore
from sandbox.errors import SandboxError
from sandbox.mix import Mix, load_mix


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What is asked for. ``agents`` None: those of the campaign's queue; more are modelled like them.

    ``population``: a file of shares and ranges that the people are drawn from, None for the sandbox's own.
    """

    start: datetime
    lasts: timedelta = timedelta(hours=8)
    agents: int | None = None
    seed: int = 1
    population: Path | None = None
    most_people: int = MOST_PEOPLE

    @property
    def end(self) -> datetime:
        """After which nothing is placed."""
        return self.start + self.lasts

    def mix(self) -> Mix:
        """The shares and ranges; raises UserError for a file that cannot be used."""
        if self.population is None:
            return Mix()
        try:
            return load_mix(self.population)
        except SandboxError as error:
            raise UserError(str(error)) from None


@dataclass(frozen=True, kw_only=True)
class Played:
    """A day that is over, as its store in memory has it. ``engine`` is the one that played it."""

    rehearsal: Rehearsal
    campaign: Campaign
    engine: Engine
    memory: MemoryStore
    boarded: Boarded
    agents: int
    exchange: Exchange
