"""Everybody on a campaign's lists, launched or not, and what the gate says of their next step. Writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from orchestrator.domain.contact_request import ContactRequest, RegistryAnswer
from orchestrator.domain.decision import Answer
from orchestrator.persistence import campaigns, prospects
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline import campaign_board, emergencies, halts
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.asking import Desk, asker, state_of
from orchestrator.pipeline.engine import Engine
from orchestrator.strategies.next_step import next_step
from orchestrator.strategies.state import NextStep, Option

PAGE = 500
Asked = Mapping[Option, tuple[ContactRequest, Answer]]


class ListedPeople:
    """The people, page by page, and the desk at which one asks about them, as of ``at``."""

    def __init__(self, engine: Engine, campaign: Campaign, at: datetime, now: datetime) -> None:
        self.engine, self.stored, self.at = engine, campaign, at
        self._abandonment = Abandonment(engine.store, engine.rulebook, our_share=engine.pacing.target_abandonment)
        with engine.store.read() as tx:
            self.live = campaign_board.one(tx, engine, campaign.id, now)
            self._halts = halts.in_force(tx, now)
            self._emergencies = emergencies.in_force(tx, at)

    def pages(self) -> Iterator[list[Dossier]]:
        """Everybody on the lists, some at a time, and each person once."""
        since = self.at - timedelta(days=self.engine.rulebook.history_days)
        store, met = self.engine.store, set[int]()
        for ids in self._ids():
            new = [contact_id for contact_id in ids if contact_id not in met]
            met.update(new)
            with store.read() as tx:
                people = prospects.load(tx, store.keyring, self.stored.id, new, since)
            yield people

    def _ids(self) -> Iterator[Sequence[int]]:
        store, plan = self.engine.store, self.stored.plan
        with store.read() as tx:
            lists = campaigns.list_ids(tx, self.stored.seller_id, plan.lists)
        for list_id in lists.values():
            after = 0
            while True:
                with store.read() as tx:
                    ids = campaigns.contacts_after(tx, list_id, after, PAGE)
                if not ids:
                    break
                yield ids
                after = ids[-1]

    def desk(self, registries: Mapping[bytes, Sequence[RegistryAnswer]]) -> Desk:
        """What the questions share."""
        return Desk(
            campaign=self.live,
            rulebook=self.engine.rulebook,
            registries=registries,
            abandonment=lambda country: self._abandonment.exposure(self.live, country, self.at),
            halts=self._halts,
            emergencies=self._emergencies,
            now=self.at,
        )


def step_of(desk: Desk, person: Dossier) -> tuple[NextStep, Asked]:
    """The person's next step at the desk's moment, and what was asked for it."""
    asked: dict[Option, tuple[ContactRequest, Answer]] = {}
    live = desk.campaign
    state = state_of(person, ())
    step = next_step(state, live.plan, live.strategy, live.cadence, desk.now, asker(desk, person, asked))
    return step, asked
