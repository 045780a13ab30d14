"""The application over a house with two sellers, and a carrier that signs."""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from orchestrator.clock import Clock
from orchestrator.domain.attempt import Stage
from orchestrator.persistence.store import Store
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.unsubscribing.links import token_for
from orchestrator.settings import Settings
from tests.integration.opt_ins.pages import a_page, open_page
from tests.integration.reception.world import ACME, an_attempt, classify, open_house
from tests.unit.webhooks.guests import BASE, TOKEN, Guest, Sent
from webhooks.app import create_app

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


@pytest.fixture
def guest(sqlite_store: Store) -> Guest:
    open_page(sqlite_store, a_page())
    return Guest(sqlite_store)


@pytest.fixture
def sent(house: Store) -> Sent:
    """A message that went to somebody, and the token in it."""
    attempt_id = an_attempt(
        house, channel="sms", stage=Stage.SUBMITTED, to_sealed=house.keyring.seal("+12125550123", TO)
    )
    token = token_for(house.keyring, attempt_id, ACME, house.keyring.number_key("+12125550123"))
    return Guest(house).client, house, attempt_id, token
