"""One rehearsed day: the pipeline's own steps, rung on the virtual clock.

A worker rings them every second; here a second in which nothing was heard and nobody came free is passed over, so that
hours pass in minutes: up to four in a row where machines dial or an agent is ready, else up to thirty.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from orchestrator.domain.agent import AgentState
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import attempts, enrollments
from orchestrator.persistence.tables.agents import agents as agents_table
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.pipeline import agents, control, follow_up, offers, settlement, tick
from orchestrator.pipeline.dispatch import Dispatcher
from orchestrator.pipeline.pacing_desk import PacingDesk
from orchestrator.rehearsal.exchange import Exchange
from orchestrator.rehearsal.staff import Staff
from orchestrator.rehearsal.wires import Wires

SECOND = timedelta(seconds=1)
QUIET_AT_MOST = timedelta(seconds=4)  # between two looks at whom to call while somebody is due
SEEN_TO_EVERY = timedelta(seconds=30)  # what no event calls for: offers that ran out, campaigns that end
Progress = Callable[[datetime], None]
STATE = select(campaigns.c.state).where(campaigns.c.id == bindparam("b_id"))
WRAPPING = select(agents_table.c.state_since, agents_table.c.wrap_up_seconds).where(
    agents_table.c.state == AgentState.WRAPPING
)


@dataclass
class Day:
    """The hours of a rehearsal. ``look_at``: when to look next whether somebody can be contacted."""

    dispatcher: Dispatcher
    pacing: PacingDesk
    wires: Wires
    exchange: Exchange
    staff: Staff
    campaign_id: int
    start: datetime
    end: datetime
    look_at: datetime
    see_to_at: datetime
    wrapped_up_at: datetime | None = None

    def play(self, progress: Progress) -> None:
        """Place until the end, then let what is in flight come to its own."""
        now = self.start
        while now < self.end:
            self._serve(now)
            self._look(now)
            progress(now)
            now = min(self.end, self._next_second(now))
        while self.wires.agenda.next_at is not None and self._live():
            now = _whole(self.wires.agenda.next_at)
            self._serve(now)
        progress(self.end)

    def _serve(self, now: datetime) -> None:
        """Let happen what is due, each at its own moment, and apply it."""
        while (entry := self.wires.agenda.pop_until(now)) is not None:
            self.wires.clock.set_to(entry.at)
            entry.do()
        self.wires.clock.set_to(now)
        if self.wires.stirred or (self.wires.unsettled and now >= self.look_at):
            self._settle(now)
        if now >= self.see_to_at or (self.wrapped_up_at is not None and now >= self.wrapped_up_at):
            self._see_to_agents(now)

    def _look(self, now: datetime) -> None:
        """Place what can be placed, where something has changed since the last look or that was long ago."""
        if now < self.look_at and not self.wires.stirred:
            return
        self.wires.stirred = False
        self.dispatcher.abandonment.forget(self.campaign_id)  # of another moment of the world
        done = tick.run_once(self.dispatcher, self.pacing)
        self.staff.look_at_offers()
        self.look_at = now + SECOND if done.planned or done.claimed else self._next_look(now)

    def _next_look(self, now: datetime) -> datetime:
        """When somebody falls due; where somebody is due already, when a line may have opened though nothing was heard.

        Machines may dial for agents who are about to come free; every other lane waits for what will be heard, and a
        text that falls due meanwhile may leave half a minute late.
        """
        with self.wires.store.read() as tx:
            runs = tx.execute(STATE, {"b_id": self.campaign_id}).scalar() == CampaignState.RUNNING
            due = [lane for lane in Lane if enrollments.any_due(tx, self.campaign_id, lane, now)]
            due_at = now if due else enrollments.next_moment(tx, self.campaign_id)
            watched = Lane.PREDICTIVE in due or self.staff.any_ready(tx)
        if due_at is None or not runs:
            return self.see_to_at if self.wires.agenda.next_at is not None else self.end
        if due_at > now:
            return due_at
        return now + (QUIET_AT_MOST if watched else SEEN_TO_EVERY)

    def _settle(self, now: datetime) -> None:
        """Apply what was heard, take back what must not go on, and give the next step to what has ended."""
        store = self.wires.store
        while settlement.run_once(store, now).more:
            pass
        if self.wires.to_take_back:
            control.run_once(store, self.exchange, now)
        while follow_up.run_once(store, now).more:
            pass
        self.wires.unsettled = self.wires.to_take_back = False
        self.wrapped_up_at = self._first_wrapped_up()

    def _see_to_agents(self, now: datetime) -> None:
        """End wrap-ups; now and then also time out offers, and open and close campaigns."""
        store = self.wires.store
        agents.run_once(store, self.exchange, now, lambda _queue: None)
        if now >= self.see_to_at:
            offers.time_out(store, now)
            control.run_once(store, self.exchange, now)
            self.see_to_at = now + SEEN_TO_EVERY
        self.wrapped_up_at, self.wires.stirred = self._first_wrapped_up(), True

    def _first_wrapped_up(self) -> datetime | None:
        with self.wires.store.read() as tx:
            rows = tx.execute(WRAPPING).all()
        return min((row.state_since + timedelta(seconds=row.wrap_up_seconds) for row in rows), default=None)

    def _next_second(self, now: datetime) -> datetime:
        """The next in which something is due."""
        waits = (self.wires.agenda.next_at, self.wrapped_up_at, self.look_at)
        return max(_whole(min(at for at in waits if at is not None)), now + SECOND)

    def _live(self) -> bool:
        with self.wires.store.read() as tx:
            return attempts.count_live(tx) > 0


def _whole(moment: datetime) -> datetime:
    """The first whole second that is not before the moment."""
    return datetime.fromtimestamp(math.ceil(moment.timestamp()), moment.tzinfo)
