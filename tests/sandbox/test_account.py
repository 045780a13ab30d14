"""The account's own affairs, through the official SDK."""

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import NUMBER, Here


def test_a_messaging_service_keeps_what_it_is_told(here: Here) -> None:
    made = here.client.messaging.v1.services.create(
        friendly_name="Texts", inbound_request_url="https://calls.example.com/inbound/messages"
    )
    here.client.messaging.v1.services(made.sid).update(use_inbound_webhook_on_number=True)
    found = here.client.messaging.v1.services(made.sid).fetch()
    assert (found.friendly_name, found.inbound_request_url, found.use_inbound_webhook_on_number) == (
        "Texts", "https://calls.example.com/inbound/messages", True,
    )  # fmt: skip
    assert [one.sid for one in here.client.messaging.v1.services.list()] == [made.sid]


def test_a_number_is_in_one_service_at_most(here: Here) -> None:
    number = here.client.incoming_phone_numbers.create(phone_number=NUMBER)
    services = [here.client.messaging.v1.services.create(friendly_name=name) for name in ("one", "two")]
    services[0].phone_numbers.create(phone_number_sid=number.sid)
    with pytest.raises(TwilioRestException) as refused:
        services[1].phone_numbers.create(phone_number_sid=number.sid)
    assert refused.value.code == 21710
    assert [one.sid for one in services[0].phone_numbers.list()] == [number.sid]
    assert services[1].phone_numbers.list() == []


def test_campaigns_permissions_profiles_and_flex_are_as_they_were_told(here: Here) -> None:
    service = here.client.messaging.v1.services.create(friendly_name="Texts")
    here.control("POST", "account", {
        "no_calls_to": ["FR"], "profiles": ["in-review", "twilio-approved"], "flex_workspace": "WS1",
        "campaigns": {service.sid: ["IN_PROGRESS"]}, "caller_ids": [NUMBER],
    })  # fmt: skip
    countries = here.client.voice.v1.dialing_permissions.countries
    assert [countries(code).fetch().low_risk_numbers_enabled for code in ("FR", "US")] == [False, True]
    assert [one.campaign_status for one in service.us_app_to_person.list()] == ["IN_PROGRESS"]
    assert len(here.client.trusthub.v1.customer_profiles.list(status="twilio-approved")) == 1
    assert here.client.flex_api.v1.configuration().fetch().taskrouter_workspace_sid == "WS1"
    assert [one.phone_number for one in here.client.outgoing_caller_ids.list()] == [NUMBER]


def test_without_flex_there_is_no_configuration(here: Here) -> None:
    with pytest.raises(TwilioRestException) as missing:
        here.client.flex_api.v1.configuration().fetch()
    assert missing.value.status == 404


def test_an_account_is_told_nothing_that_it_has_not(here: Here) -> None:
    answer = requests.post(f"{here.url}/sandbox/account", json={"colour": "red"}, timeout=5)
    assert (answer.status_code, "no 'colour'" in answer.json()["error"]) == (400, True)


def test_answers_bear_the_date_that_the_account_believes_in(here: Here) -> None:
    before = here.client.api.v2010.account.fetch_with_http_info().headers["Date"]
    here.control("POST", "account", {"date_offset": 86_400 * 2})
    assert here.client.api.v2010.account.fetch_with_http_info().headers["Date"][:16] != before[:16]
