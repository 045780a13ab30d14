"""Twilio's lists as our client reads and writes them, with the sandbox at its other end."""

from datetime import date

import pytest
import requests

from orchestrator.carrier.lists import TwilioLists, lists_of
from orchestrator.domain.carrier_lists import ConsentNews
from orchestrator.domain.errors import CarrierBusyError, CarrierError
from sandbox.server import RunningSandbox
from tests.contract.conftest import CALLER_ID, NOW, OTHER_PERSON, PERSON, settings_for

DAY = date(2026, 11, 22)


@pytest.fixture
def lists(sandbox: RunningSandbox) -> TwilioLists:
    return lists_of(settings_for(sandbox.url))


def news(number: str = PERSON, *, ordinal: int = 0, **others: str) -> ConsentNews:
    values = {"sender": CALLER_ID, "status": "opt-out", "source": "opt-out-message", **others}
    return ConsentNews(correlation_id=f"{ordinal:032d}", number=number, said_at=NOW, **values)


def test_a_days_file_is_read_to_its_last_line(sandbox: RunningSandbox, lists: TwilioLists) -> None:
    told = {"day": DAY.isoformat(), "numbers": [PERSON, OTHER_PERSON]}
    requests.post(f"{sandbox.url}/sandbox/deactivations", json=told, timeout=5).raise_for_status()
    assert lists.deactivated_on(DAY) == [PERSON, OTHER_PERSON]


def test_a_day_that_has_no_file_is_an_error_and_not_an_empty_list(lists: TwilioLists) -> None:
    with pytest.raises(CarrierError):
        lists.deactivated_on(DAY)


def test_each_item_has_its_own_verdict_though_the_answer_is_201(sandbox: RunningSandbox, lists: TwilioLists) -> None:
    found = lists.tell_consents([news(), news("+1", ordinal=1), news(ordinal=2, status="perhaps")])
    assert found == {f"{0:032d}": 0, f"{1:032d}": 30646, f"{2:032d}": 30646}
    assert sandbox.world.blocked == {(CALLER_ID, PERSON)}
    assert lists.tell_consents([news(ordinal=3, status="opt-in", source="opt-in-message")]) == {f"{3:032d}": 0}
    assert sandbox.world.blocked == set()


def test_no_request_holds_more_than_25_and_no_minute_more_than_100(lists: TwilioLists) -> None:
    with pytest.raises(CarrierError):
        lists.tell_consents([news(ordinal=n) for n in range(26)])
    for n in range(100):
        assert lists.tell_consents([news(ordinal=n)])
    with pytest.raises(CarrierBusyError):
        lists.tell_consents([news(ordinal=100)])
