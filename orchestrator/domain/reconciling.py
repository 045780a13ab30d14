"""Our books held against the carrier's: what each of its calls and messages was, and what is on one side alone."""

from collections.abc import Mapping
from enum import StrEnum

ANSWERS_ONLY = frozenset({"inbound", "trunking-originating"})  # every other direction leaves the account


class Sort(StrEnum):
    """What a call or message of the carrier was, where it is on our books.

    ``unsettled``: its attempt is there, and has not learnt the carrier's name for it yet.
    """

    ATTEMPT = "attempt"
    AGENT = "agent"  # the call that holds one of our agents
    CHILD = "child"  # dialled from one of the others
    INBOUND = "inbound"
    REPLY = "reply"  # to somebody who wrote to us
    UNSETTLED = "unsettled"


class AlarmKind(StrEnum):
    """What is on one side's books alone.

    ``undecided``: it left the account, and nothing of ours decided it. ``unrecorded``: we decided it and then wrote
    that it was never made. ``not_at_carrier``: we hold the carrier's name for it, and the carrier knows none such.
    """

    UNDECIDED = "undecided"
    UNRECORDED = "unrecorded"
    NOT_AT_CARRIER = "not_at_carrier"


WHAT_TO_DO: Mapping[AlarmKind, str] = {
    AlarmKind.UNDECIDED: (
        "No decision of ours stands behind this: find in Twilio's console who or what made it (another program, a "
        "key that got out, a document of a number). Change the auth token and the API keys if you do not know; once "
        "you know, say so: orchestrator twilio settle SID --note TEXT"
    ),
    AlarmKind.UNRECORDED: (
        "We decided this and recorded that it was never made, but Twilio made it: the person was contacted and no cap "
        "counts it. See orchestrator explain for the person, suppress the number if it must rest, and settle it: "
        "orchestrator twilio settle SID --note TEXT"
    ),
    AlarmKind.NOT_AT_CARRIER: (
        "We hold a receipt for this, and Twilio knows no such call or message: check that TWILIO_ACCOUNT_SID is the "
        "account that sent it; records deleted at Twilio look the same. Settle it: "
        "orchestrator twilio settle SID --note TEXT"
    ),
}
