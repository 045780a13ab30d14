"""Deleting at Twilio what an erasure names. Each request may be repeated: what is gone already is gone."""

from collections.abc import Callable
from typing import Any

from orchestrator.carrier.errors import asking
from orchestrator.domain.carrier import Erased
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierBusyError, CarrierError

NO_SUCH_RECORD = 20404
MOST = 1000  # recordings of one call, or files of one message: far more than there can be


def erase_call(account: Any, sid: str) -> Erased:
    """Delete the recordings, which outlive their call, and then the call."""
    with asking():
        recordings = [one.sid for one in _listed(lambda: account.calls(sid).recordings.list(limit=MOST))]
    for recording in recordings:
        _gone(lambda recording=recording: account.recordings(recording).delete())  # type: ignore[misc]
    return Erased.DELETED if _gone(account.calls(sid).delete) else Erased.GONE


def erase_message(account: Any, sid: str) -> Erased:
    """Delete the media, and then the message; where Twilio will not, take at least its words."""
    message = account.messages(sid)
    with asking():
        media = [one.sid for one in _listed(lambda: message.media.list(limit=MOST))]
    for one in media:
        _gone(lambda one=one: message.media(one).delete())  # type: ignore[misc]
    try:
        return Erased.DELETED if _gone(message.delete) else Erased.GONE
    except (CarrierBusyError, AccountMisconfiguredError):
        raise
    except CarrierError:
        with asking():
            message.update(body="")
        raise


def _listed(ask: Callable[[], list[Any]]) -> list[Any]:
    """What the carrier lists under a record; nothing where the record is gone."""
    try:
        with asking():
            return ask()
    except CarrierError as error:
        if error.carrier_code == NO_SUCH_RECORD:
            return []
        raise


def _gone(delete: Callable[[], object]) -> bool:
    """Delete; False where it had been."""
    try:
        with asking():
            delete()
    except CarrierError as error:
        if error.carrier_code == NO_SUCH_RECORD:
            return False
        raise
    return True
