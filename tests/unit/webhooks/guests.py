"""A visitor of the pages that anyone may open."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from orchestrator.clock import Clock
from orchestrator.persistence.store import Store
from orchestrator.settings import Settings
from tests.integration.reception.world import classify
from webhooks.app import create_app

TOKEN, BASE = "a-token-of-tests", "https://calls.example.com"
START = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


class Guest:
    """A browser without scripts, and a clock that the test sets."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, START
        settings = Settings(public_url=BASE, auth_token=TOKEN, trusted_proxies=1)
        self.client: FlaskClient = create_app(store, settings, _Told(self), classify).test_client()

    def fill_in(
        self, *, page: str = "roof-tips", address: str = "192.0.2.7", site: str = "same-origin", **fields: Any
    ) -> TestResponse:
        """The form as a browser sends it after it was looked at."""
        shown = self.client.get(f"/people/{page}").text
        ticket = re.search(r'name="ticket" value="([^"]*)"', shown)
        entered: dict[str, Any] = {"number": "(212) 555-0123", "choice": ["texts"], "own": "yes", "name": "Ada"}
        entered["ticket"] = ticket[1] if ticket else ""
        headers = {"X-Forwarded-For": f"203.0.113.66, {address}", "User-Agent": "a browser", "Sec-Fetch-Site": site}
        return self.client.post(f"/people/{page}", data=entered | fields, headers=headers)


class _Told(Clock):
    def __init__(self, guest: Guest) -> None:
        object.__setattr__(self, "guest", guest)

    def now(self) -> datetime:
        told: datetime = object.__getattribute__(self, "guest").now
        return told


def text_of(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)))


Sent = tuple[FlaskClient, Store, UUID, str]
