"""What every carrier promises about deleting, and what Twilio keeps apart."""

import pytest

from orchestrator.domain.carrier import Carrier, Erased
from orchestrator.domain.errors import CarrierError
from sandbox.records import Recording
from sandbox.server import RunningSandbox
from tests.contract.conftest import NOW, PERSON, a_call, a_message


def test_a_call_that_is_over_is_deleted_and_then_gone(carrier: Carrier) -> None:
    sid = carrier.place_call(a_call()).sid
    with pytest.raises(CarrierError):
        carrier.erase_call(sid)
    carrier.cancel_call(sid)
    assert [carrier.erase_call(sid) for _ in range(2)] == [Erased.DELETED, Erased.GONE]
    with pytest.raises(CarrierError):
        carrier.fetch_call(sid)


def test_a_message_that_is_over_is_deleted_and_then_gone(carrier: Carrier) -> None:
    sid = carrier.send_message(a_message()).sid
    with pytest.raises(CarrierError):
        carrier.erase_message(sid)
    carrier.cancel_message(sid)
    assert [carrier.erase_message(sid) for _ in range(2)] == [Erased.DELETED, Erased.GONE]
    assert not carrier.find_messages(to=PERSON, since=NOW)


def test_recordings_go_with_their_call_even_where_the_call_went_before(
    twilio: Carrier, sandbox: RunningSandbox
) -> None:
    sids = [twilio.place_call(a_call()).sid for _ in range(2)]
    for sid in sids:
        twilio.cancel_call(sid)
        recording = Recording(call_sid=sid, created_at=0.0)
        sandbox.world.recordings[recording.sid] = recording
    sandbox.world.calls.remove(sids[1])  # we were killed between the two, or somebody deleted it by hand
    assert [twilio.erase_call(sid) for sid in sids] == [Erased.DELETED, Erased.GONE]
    assert sandbox.world.recordings == {}


def test_the_words_go_at_least_while_the_rest_cannot(twilio: Carrier, sandbox: RunningSandbox) -> None:
    sid = twilio.send_message(a_message()).sid
    with pytest.raises(CarrierError):
        twilio.erase_message(sid)
    assert [message.body for message in sandbox.world.messages] == [""]
