"""The person and a guest from outside go on without the agent, or the guest goes: nobody is left alone in a room."""

from datetime import datetime

from orchestrator.domain.carrier import Carrier
from orchestrator.domain.errors import AnswerLostError, CallOverError, CarrierError, UserError
from orchestrator.log import log
from orchestrator.persistence.store import Store
from orchestrator.pipeline.agent_desk.handing import Handing, leave, note, undo
from orchestrator.pipeline.agent_desk.line_control import THEY_LEFT

NOT_THERE = "They have not picked up: wait until they have, or take the call back with `orchestrator agents take-back`."
MAYBE_GONE = (
    "It is not known whether both have left. The worker asks Twilio; `orchestrator agents list` shows in a few seconds "
    "whether the person is still with you."
)
STAYED = "The person could not be moved and is still with you; the other was let go. Begin the transfer anew."


def out_together(store: Store, carrier: Carrier, handing: Handing, guest: str | None, now: datetime) -> None:
    """Take both into a room of their own; raises UserError where that fails, and the guest's call is ended then.

    The guest first: one who has not picked up cannot be moved, and then nobody has been.
    """
    if guest is None:
        raise UserError(NOT_THERE)
    note(store, handing, "leaving", asked_at=now)
    try:
        carrier.rooms.move(guest, handing.room_outside, ends_room=True)
    except AnswerLostError:  # they may have gone ahead
        raise _alone(store, carrier, handing, guest, now, STAYED) from None
    except CarrierError as error:
        note(store, handing, "together")
        raise (UserError(NOT_THERE) if isinstance(error, CallOverError) else error) from None
    _follow(store, carrier, handing, guest, now)
    leave(store, handing, now)


def _follow(store: Store, carrier: Carrier, handing: Handing, guest: str, now: datetime) -> None:
    try:
        carrier.rooms.move(handing.sid, handing.room_outside, ends_room=True)
    except AnswerLostError:
        raise UserError(MAYBE_GONE) from None
    except CallOverError:
        raise _alone(store, carrier, handing, guest, now, THEY_LEFT) from None
    except CarrierError:
        raise _alone(store, carrier, handing, guest, now, STAYED) from None


def _alone(store: Store, carrier: Carrier, handing: Handing, guest: str, now: datetime, told: str) -> UserError:
    """End the guest's call; what the agent is told."""
    note(store, handing, "stranded")
    let_go(store, carrier, handing, guest, now)
    return UserError(told)


def let_go(store: Store, carrier: Carrier, handing: Handing, guest: str, now: datetime) -> bool:
    """End the call of a guest who is alone; False where the carrier could not be asked, and the worker asks again."""
    try:
        carrier.hang_up(guest)
    except CallOverError:
        log.info("guest.had_gone", transfer=handing.id)
    except CarrierError as error:
        log.warning("guest.not_let_go", transfer=handing.id, error=type(error).__name__)
        return False
    undo(store, handing, "the person was not moved", now)
    return True
