"""What every view needs, built once with the application."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app

from orchestrator.carrier.urls import CallbackUrls
from orchestrator.clock import Clock
from orchestrator.persistence.store import Store
from orchestrator.pipeline.reception.stops import Classify

EXTENSION = "orchestrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The store, the clock and how to read what people write; ``auth_token`` is the account's primary one."""

    store: Store
    clock: Clock
    classify: Classify
    public_url: str
    auth_token: str = field(repr=False)

    @property
    def urls(self) -> CallbackUrls:
        """The addresses that documents name."""
        return CallbackUrls(self.public_url)

    def now(self) -> datetime:
        """The world's moment."""
        return self.clock.now()


def desk() -> Desk:
    """The desk of the application that serves this request."""
    found: Desk = current_app.extensions[EXTENSION]
    return found
