"""What the carrier tells of the numbers that we show: attested, blocked and called back."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import CallOrder, Carrier, OwnedNumber
from orchestrator.domain.errors import CallerBlockedError, CarrierError
from orchestrator.persistence import callers
from orchestrator.pipeline import settlement
from orchestrator.pipeline.caller_health import FILED_AFTER, explain_failures
from orchestrator.strategies.caller_policy import CallerPolicy
from sandbox.server import RunningSandbox
from tests.contract.conftest import ACCOUNT, CALLER_ID, TOKEN, a_call
from tests.contract.test_whole_calls import Line, line  # noqa: F401 - a fixture
from tests.integration.reception.world import CALLER_ID as SHOWN
from tests.integration.reception.world import PERSON, an_attempt, attempt_row

VOICE_URL = "https://calls.example.com/inbound/calls"
Own = Callable[[str, str | None], None]


def control(url: str, path: str, wishes: dict[str, Any]) -> None:
    requests.post(f"{url}/sandbox/{path}", json=wishes, timeout=5).raise_for_status()


@pytest.fixture
def own(carrier: Carrier, request: pytest.FixtureRequest) -> Own:
    """Gives the account a number."""

    def owned(number: str, voice_url: str | None) -> None:
        if isinstance(carrier, InProcessCarrier):
            carrier.owned[number] = OwnedNumber(number=number, voice_url=voice_url)
            return
        sandbox: RunningSandbox = request.getfixturevalue("sandbox")
        form = {"PhoneNumber": number} | ({"VoiceUrl": voice_url} if voice_url else {})
        path = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json"
        requests.post(path, data=form, auth=(ACCOUNT, TOKEN), timeout=5).raise_for_status()

    return owned


@pytest.mark.parametrize("voice_url", [VOICE_URL, None])
def test_a_number_of_the_account_says_who_answers_a_call_to_it(
    carrier: Carrier, own: Own, voice_url: str | None
) -> None:
    own(CALLER_ID, voice_url)
    assert carrier.owned_number(CALLER_ID) == OwnedNumber(number=CALLER_ID, voice_url=voice_url)
    assert carrier.owned_number("+12125550199") is None


def test_a_call_of_which_nothing_was_filed_has_no_error_and_an_unknown_one_is_one(carrier: Carrier) -> None:
    assert carrier.call_error(carrier.place_call(a_call()).sid) is None
    with pytest.raises(CarrierError):
        carrier.call_error("CA" + "0" * 32)


def test_a_create_that_is_refused_for_its_number_says_so(twilio: Carrier, sandbox: RunningSandbox) -> None:
    control(sandbox.url, "callers", {"number": CALLER_ID, "blocked": "create"})
    with pytest.raises(CallerBlockedError) as refused:
        twilio.place_call(a_call())
    assert refused.value.carrier_code == 32017


def placed(line: Line) -> tuple[Any, str]:  # noqa: F811 - the fixture's value
    line.control("people", {"number": PERSON, "outcomes": ["no_answer"], "timeout_buffer_seconds": 0})
    attempt_id = an_attempt(line.store)
    order = CallOrder(reference=attempt_id, to=PERSON, from_=SHOWN, ring_timeout_seconds=15)
    return attempt_id, line.carrier.place_call(order).sid


@pytest.mark.parametrize("level", ["A", "B", "C", None])
def test_the_attestation_of_a_call_is_kept_with_its_attempt(line: Line, level: str | None) -> None:  # noqa: F811
    line.control("callers", {"number": SHOWN, "stir": level})
    attempt_id, _ = placed(line)
    line.until(f"/calls/{attempt_id}/status", times=3)
    settlement.run_once(line.store, datetime.now(UTC))
    assert attempt_row(line.store, attempt_id).stir_status == level


def test_a_number_that_a_carrier_blocks_rests_and_is_told(line: Line) -> None:  # noqa: F811
    line.control("callers", {"number": SHOWN, "blocked": "call"})
    attempt_id, sid = placed(line)
    line.until(f"/calls/{attempt_id}/status", times=2)
    assert line.carrier.call_error(sid) == 32017
    settlement.run_once(line.store, datetime.now(UTC))
    attempt = attempt_row(line.store, attempt_id)
    assert attempt.outcome == "failed"  # and the person's number is not taken for a dead one
    later = attempt.ended_at + FILED_AFTER
    [rest] = explain_failures(line.store, line.carrier, CallerPolicy(), later).rested
    with line.store.read() as tx:
        assert callers.standing(tx, [SHOWN], later)[SHOWN].rest == rest
