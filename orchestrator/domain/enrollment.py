"""A contact in a campaign."""

from enum import StrEnum


class EnrollmentStage(StrEnum):
    """Where an enrollment stands: due (now or later), claimed, in flight, blocked until a fact changes, or done."""

    DUE = "due"
    CLAIMED = "claimed"
    OFFERED = "offered"
    IN_FLIGHT = "in_flight"
    BLOCKED = "blocked"
    DONE = "done"


class Lane(StrEnum):
    """The mode of the next step; each lane is claimed by its own capacity."""

    PREDICTIVE = "predictive"
    PROGRESSIVE = "progressive"
    PREVIEW = "preview"
    SMS = "sms"
    CALLBACK = "callback"  # a preview at a moment that the person asked for


OFFERED_LANES = frozenset({Lane.PREVIEW, Lane.CALLBACK})  # an agent's yes starts the call


class DoneReason(StrEnum):
    """Why nothing more will be tried."""

    REACHED = "reached"
    SUPPRESSED = "suppressed"
    EXHAUSTED = "exhausted"
    NO_NUMBER = "no_number"
    CAMPAIGN_OVER = "campaign_over"
    ERASED = "erased"


class OfferState(StrEnum):
    """What became of a preview offered to an agent."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    SKIPPED = "skipped"
    TIMED_OUT = "timed_out"
    DIALLED = "dialled"
    WITHDRAWN = "withdrawn"  # the gate said no at the moment of accepting, or the agent left
