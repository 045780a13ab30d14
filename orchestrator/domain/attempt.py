"""An attempt: one call or message to one number, from the plan to its end."""

from collections.abc import Mapping
from enum import StrEnum

from orchestrator.domain.carrier import CallStatus, MessageStatus
from orchestrator.domain.contact_request import PastOutcome


class Stage(StrEnum):
    """Where an attempt stands.

    ``planned``: the row and its decision are committed, the carrier may or may not have been asked. ``submitted``: a
    message that the carrier took. ``queued``: a call that the carrier took and has not dialled. ``in_doubt``: asked,
    and no answer came. ``connected``: a person and an agent are joined. ``ended``: nothing more can happen but a later
    word on delivery.
    """

    PLANNED = "planned"
    IN_DOUBT = "in_doubt"
    SUBMITTED = "submitted"
    QUEUED = "queued"
    RINGING = "ringing"
    ANSWERED = "answered"
    CONNECTED = "connected"
    ENDED = "ended"


class Outcome(StrEnum):
    """How an attempt ended."""

    REACHED = "reached"  # a person spoke with an agent
    ABANDONED = "abandoned"  # a person answered and no agent was there
    HUNG_UP = "hung_up"  # a person answered and left before an agent or our message
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MACHINE = "machine"
    FAX = "fax"
    FAILED = "failed"
    NOT_IN_SERVICE = "not_in_service"
    CANCELED = "canceled"  # taken back before anybody answered; a contact only if it rang
    REFUSED = "refused"  # the carrier would not take it
    NEVER_SENT = "never_sent"  # proven: the carrier was never asked
    LOST = "lost"  # never to be known; counts in every cap
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


RANK: Mapping[Stage, int] = {stage: rank for rank, stage in enumerate(Stage)}

CALL_STAGE: Mapping[CallStatus, Stage] = {
    CallStatus.QUEUED: Stage.QUEUED,
    CallStatus.INITIATED: Stage.QUEUED,
    CallStatus.RINGING: Stage.RINGING,
    CallStatus.IN_PROGRESS: Stage.ANSWERED,
    CallStatus.COMPLETED: Stage.ENDED,
    CallStatus.BUSY: Stage.ENDED,
    CallStatus.FAILED: Stage.ENDED,
    CallStatus.NO_ANSWER: Stage.ENDED,
    CallStatus.CANCELED: Stage.ENDED,
}

MESSAGE_STAGE: Mapping[MessageStatus, Stage] = {
    MessageStatus.ACCEPTED: Stage.SUBMITTED,
    MessageStatus.SCHEDULED: Stage.SUBMITTED,
    MessageStatus.QUEUED: Stage.SUBMITTED,
    MessageStatus.SENDING: Stage.SUBMITTED,
    MessageStatus.SENT: Stage.ENDED,
    MessageStatus.DELIVERED: Stage.ENDED,
    MessageStatus.READ: Stage.ENDED,
    MessageStatus.UNDELIVERED: Stage.ENDED,
    MessageStatus.FAILED: Stage.ENDED,
    MessageStatus.CANCELED: Stage.ENDED,
}

# Every lawful step: news may overtake news, and never leads back. A pair that is not here changes nothing. Calls and
# messages have a table each, since both know the word "queued".
CALL_TRANSITIONS: Mapping[tuple[Stage, CallStatus], Stage] = {
    (stage, status): target for status, target in CALL_STAGE.items() for stage in Stage if RANK[target] > RANK[stage]
}
MESSAGE_TRANSITIONS: Mapping[tuple[Stage, MessageStatus], Stage] = {
    (stage, status): target for status, target in MESSAGE_STAGE.items() for stage in Stage if RANK[target] > RANK[stage]
}


def advance_call(stage: Stage, status: CallStatus) -> Stage:
    """Return the next stage; late and repeated news leave it unchanged."""
    return CALL_TRANSITIONS.get((stage, status), stage)


def advance_message(stage: Stage, status: MessageStatus) -> Stage:
    """Return the next stage; late and repeated news leave it unchanged."""
    return MESSAGE_TRANSITIONS.get((stage, status), stage)


CALL_OUTCOME: Mapping[CallStatus, Outcome] = {
    CallStatus.BUSY: Outcome.BUSY,
    CallStatus.FAILED: Outcome.FAILED,
    CallStatus.NO_ANSWER: Outcome.NO_ANSWER,
    CallStatus.CANCELED: Outcome.CANCELED,
}

MESSAGE_OUTCOME: Mapping[MessageStatus, Outcome] = {
    MessageStatus.SENT: Outcome.SENT,
    MessageStatus.DELIVERED: Outcome.DELIVERED,
    MessageStatus.READ: Outcome.DELIVERED,
    MessageStatus.UNDELIVERED: Outcome.UNDELIVERED,
    MessageStatus.FAILED: Outcome.UNDELIVERED,
    MessageStatus.CANCELED: Outcome.CANCELED,
}

# What a call that an agent took may turn out to have been.
MARKABLE = (Outcome.REACHED, Outcome.HUNG_UP, Outcome.MACHINE, Outcome.FAX, Outcome.NOT_IN_SERVICE)

# A later word on an ended message may only make it more certain; on a call it is the agent's, who heard it.
REFINEMENTS: Mapping[Outcome, frozenset[Outcome]] = {
    **{outcome: frozenset(MARKABLE) - {outcome} for outcome in MARKABLE},
    Outcome.SENT: frozenset({Outcome.DELIVERED, Outcome.UNDELIVERED}),
    Outcome.LOST: frozenset({Outcome.SENT, Outcome.DELIVERED, Outcome.UNDELIVERED}),
}

# What an attempt is in the history that caps count. Attempts that never rang anybody are no contact.
PAST_OUTCOME: Mapping[Outcome, PastOutcome] = {
    Outcome.REACHED: PastOutcome.CONVERSATION,
    Outcome.ABANDONED: PastOutcome.ABANDONED,
    Outcome.HUNG_UP: PastOutcome.CONVERSATION,
    Outcome.NO_ANSWER: PastOutcome.NO_ANSWER,
    Outcome.BUSY: PastOutcome.BUSY,
    Outcome.MACHINE: PastOutcome.MACHINE,
    Outcome.FAX: PastOutcome.MACHINE,
    Outcome.FAILED: PastOutcome.FAILED,
    Outcome.NOT_IN_SERVICE: PastOutcome.NOT_IN_SERVICE,
    Outcome.LOST: PastOutcome.NO_ANSWER,
    Outcome.SENT: PastOutcome.SENT,
    Outcome.DELIVERED: PastOutcome.DELIVERED,
    Outcome.UNDELIVERED: PastOutcome.UNDELIVERED,
}
NO_CONTACT: frozenset[Outcome] = frozenset({Outcome.CANCELED, Outcome.REFUSED, Outcome.NEVER_SENT})
