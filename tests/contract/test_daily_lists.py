"""A day's calls and messages, page by page: nothing left out and nothing twice."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orchestrator.carrier import daily_lists
from orchestrator.carrier.client import connect
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.errors import CarrierBusyError
from sandbox.population import CallPlan
from sandbox.records import Call, Message
from sandbox.server import RunningSandbox
from tests.contract.conftest import CALLER_ID, NOW, PERSON, a_call, settings_for

DAY = date(2026, 11, 23)
LAST_SECOND = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)


def began(sandbox: RunningSandbox, at: datetime, *, parent: str | None = None) -> str:
    """A call that was dialled then."""
    plan = CallPlan.__new__(CallPlan)
    call = Call(
        to=PERSON, from_=CALLER_ID, direction="outbound-api", created_at=at.timestamp(), plan=plan, is_agent=False
    )
    call.status, call.dialled_at, call.parent_sid = "completed", at.timestamp(), parent
    call.ended_at = at.timestamp()
    sandbox.world.calls.add(call)
    return call.sid


def sids(carrier: Carrier, channel: Channel = Channel.VOICE, day: date = DAY) -> list[str]:
    return [record.sid for page in carrier.began_on(channel, day) for record in page]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 20, 21])
def test_every_page_is_read_to_the_end(
    sandbox: RunningSandbox, twilio: Carrier, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(daily_lists, "PAGE", 7)
    made = [began(sandbox, NOW + timedelta(seconds=n)) for n in range(count)]
    pages = [len(page) for page in twilio.began_on(Channel.VOICE, DAY)]
    assert sids(twilio) == made[::-1]
    assert pages == [7] * (count // 7) + ([count % 7] if count % 7 or not count else [])


@pytest.mark.parametrize(
    ("at", "listed"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, tzinfo=UTC), True),
        (LAST_SECOND, True),
        (LAST_SECOND + timedelta(seconds=1), False),
    ],
)
def test_a_day_is_the_carriers_own(sandbox: RunningSandbox, twilio: Carrier, at: datetime, listed: bool) -> None:
    began(sandbox, at)
    message = Message(
        to=PERSON, from_=CALLER_ID, body="", direction="inbound", created_at=at.timestamp(), status="received"
    )
    message.sent_at = at.timestamp()
    sandbox.world.messages.add(message)
    assert (len(sids(twilio)), len(sids(twilio, Channel.SMS))) == (listed, listed)


def test_what_waits_in_the_queue_has_not_begun(carrier: Carrier) -> None:
    carrier.place_call(a_call())
    assert sids(carrier) == []


def test_a_child_names_its_parent(sandbox: RunningSandbox, twilio: Carrier) -> None:
    parent = began(sandbox, NOW)
    began(sandbox, NOW, parent=parent)
    (page,) = twilio.began_on(Channel.VOICE, DAY)
    assert [record.parent_sid for record in page] == [parent, None]


def test_a_list_that_cannot_be_read_is_an_error_of_ours() -> None:
    with pytest.raises(CarrierBusyError):
        sids(connect(settings_for("http://127.0.0.1:9")))
