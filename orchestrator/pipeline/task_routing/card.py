"""What a worker is shown of the person: no more than who it is, what time it is there, what to say, and why so."""

from collections.abc import Mapping
from datetime import datetime

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.errors import UserError
from orchestrator.persistence.store import Store
from orchestrator.pipeline.preview_card import card_for

# Tasks lie at the carrier: a number, a consent or an earlier call has no place in one.
SHOWN = ("campaign", "name", "local_time", "language", "script", "why")


def task_card(store: Store, rulebook: Rulebook, agent_id: str, now: datetime) -> Mapping[str, object]:
    """The card of what lies before the agent; empty where nothing does any more."""
    try:
        card = card_for(store, rulebook, agent_id, now)
    except UserError:
        return {}
    return {name: card[name] for name in SHOWN if card.get(name)}
