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
        recordings = [one.sid for one in account.recordings.list(call_sid=sid, limit=MOST)]
    for recording in recordings:
        _found(account.recordings(recording).delete)
    return Erased.DELETED if _found(account.calls(sid).delete) else Erased.GONE


def erase_message(account: Any, sid: str) -> Erased:
    """Delete the media, and then the message; where Twilio will not, take at least its words."""
    message = account.messages(sid)
    if not _found(message.fetch):  # its list of media would be refused in a form that says nothing
        return Erased.GONE
    with asking():
        media = [one.sid for one in message.media.list(limit=MOST)]
    for one in media:
        _found(message.media(one).delete)
    try:
        return Erased.DELETED if _found(message.delete) else Erased.GONE
    except (CarrierBusyError, AccountMisconfiguredError):
        raise
    except CarrierError:
        with asking():
            message.update(body="")
        raise


def _found(ask: Callable[[], object]) -> bool:
    """Fetch or delete a record; False where there is none."""
    try:
        with asking():
            ask()
    except CarrierError as error:
        if error.carrier_code == NO_SUCH_RECORD:
            return False
        raise
    return True
