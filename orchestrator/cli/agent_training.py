"""An agent takes calls for no seller who asks for training that the agent has not got."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from orchestrator.domain.errors import UserError


def require_training(tx: Connection, agent: Any, now: datetime) -> None:
    """Raise UserError where the agent's queue serves a seller for whom their training is missing or over."""
    from orchestrator.pipeline.papers_on_file import untrained_for

    lacking = untrained_for(tx, agent.id, agent.queue, now.date())
    if lacking:
        raise UserError(
            f"Agent '{agent.id}' has no training in force for {', '.join(lacking)}, whose campaigns '{agent.queue}' "
            f"serves. File it with `orchestrator documents add FILE --seller {lacking[0]} --kind training --agent "
            f"{agent.id}`."
        )
