"""The application over a house with two sellers, and a carrier that signs."""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from orchestrator.clock import Clock
from orchestrator.persistence.store import Store
from orchestrator.settings import Settings
from tests.integration.reception.world import classify, open_house
from webhooks.app import create_app

TOKEN, BASE = "a-token-of-tests", "https://calls.example.com"
Fields = Sequence[tuple[str, str]]


def signature(url: str, fields: Fields, token: str = TOKEN) -> str:
    """As Twilio documents it: the address, then each field's name and values, sorted, each value once."""
    text = url + "".join(f"{name}{value}" for name, value in sorted({*fields}))
    return b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


class SigningCarrier:
    """Posts forms as the carrier would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def post(self, path: str, form: Mapping[str, str] | None = None, *, signed_url: str | None = None) -> TestResponse:
        fields = list((form or {"CallSid": "CA1"}).items())
        header = signature(signed_url or BASE + path, fields)
        return self.client.post(path, data=dict(fields), headers={"X-Twilio-Signature": header})


@pytest.fixture
def house(sqlite_store: Store) -> Store:
    open_house(sqlite_store)
    return sqlite_store


@pytest.fixture
def client(house: Store) -> FlaskClient:
    settings = Settings(public_url=BASE, auth_token=TOKEN)
    return create_app(house, settings, Clock(), classify).test_client()


@pytest.fixture
def carrier(client: FlaskClient) -> SigningCarrier:
    return SigningCarrier(client)
