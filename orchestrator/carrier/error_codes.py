"""Twilio's error codes, and what each means for the next attempt. Protocol knowledge, not policy."""

from collections.abc import Mapping

from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    CallerBlockedError,
    CallOverError,
    CarrierBusyError,
    CarrierError,
    DispatchUncertainError,
    NumberDeadError,
    NumberRefusedError,
    RecipientOptedOutError,
)

NUMBER_DEAD = frozenset(
    {
        13223,  # no phone number at all
        21211,  # invalid To
        21217,  # not valid
        30005,  # unknown destination handset
    }
)
NUMBER_REFUSED = frozenset(
    {
        13224,  # unsupported number
        13225,  # on Twilio's block list
        21201,  # no To
        21214,  # cannot be reached
        21216,  # on Twilio's block list
        21612,  # not reachable from this sender
        21614,  # not a mobile number
        30004,  # blocked by the recipient or their carrier
        30006,  # landline or unreachable carrier
        30450,  # suspected of pumping
        30640,  # a known litigator
        32203,  # blocked by the destination
    }
)
OPTED_OUT = frozenset({21610})
CALLER_BLOCKED = frozenset(
    {
        30007,  # filtered
        32017,  # blocked by the called party's carrier
    }
)
MISCONFIGURED = frozenset(
    {
        10001,  # account inactive
        10002,  # not in a trial
        13227,  # geographic permission
        13247,  # From is on the Do-Not-Originate list
        20003,  # credentials
        20005,  # account not active
        21205,  # invalid Url
        21210,  # From not verified
        21212,  # From invalid
        21213,  # From missing
        21215,  # geographic permission
        21219,  # a trial calls verified numbers alone
        21408,  # region not enabled
        21602,  # no body
        21603,  # no sender
        21606,  # From cannot send
        21617,  # body too long
        21703,  # messaging service without a sender
        21704,  # messaging service without a number
        30024,  # sender not provisioned
        30032,  # toll-free number not verified
        30034,  # number not registered for A2P 10DLC
        30035,  # number still being set up
        32205,  # geographic permission
        32206,  # From is on the Do-Not-Originate list
        60606,  # the lookup is not enabled for the account
    }
)
BUSY = frozenset(
    {
        10004,  # concurrency limit of the account
        14107,  # too many replies between two numbers
        16021,  # cannot join the conference
        20429,  # too many requests at once; never processed
        21611,  # the sender's queue holds over ten hours
        22005,  # call queue full
        30001,  # queue overflow
        30003,  # handset off or out of reach
        30008,  # unknown, may pass
        30017,  # the network is congested
        30022,  # rate of the 10DLC campaign
        30023,  # daily cap
        30027,  # daily cap
        30610,  # the carrier's own quiet hours
        60616,  # lookups, too many
        63018,  # channel rate
        86008,  # concurrency limit of the account
    }
)
UNCERTAIN = frozenset(
    {
        20500,  # internal error
        20503,  # unavailable
        22001,  # timed out
        30410,  # provider timeout, not repeated by Twilio on purpose
    }
)
CALL_OVER = frozenset({21220})

MEANING: Mapping[int, type[CarrierError]] = {
    code: kind
    for codes, kind in (
        (NUMBER_DEAD, NumberDeadError),
        (NUMBER_REFUSED, NumberRefusedError),
        (OPTED_OUT, RecipientOptedOutError),
        (CALLER_BLOCKED, CallerBlockedError),
        (MISCONFIGURED, AccountMisconfiguredError),
        (BUSY, CarrierBusyError),
        (UNCERTAIN, DispatchUncertainError),
        (CALL_OVER, CallOverError),
    )
    for code in codes
}


def meaning(code: int | None) -> type[CarrierError] | None:
    """What the code of an answer or of a status callback means; None where it is not one that we know."""
    return None if code is None else MEANING.get(code)


# After these a text is never sent again by itself: it was blocked or filtered, cannot be had, or may have arrived.
FOR_GOOD = (NumberRefusedError, CallerBlockedError, DispatchUncertainError)


def never_again(code: int | None) -> bool:
    """Whether a text that failed so must not be repeated to that number unless a person decides it."""
    kind = meaning(code)
    return kind is not None and issubclass(kind, FOR_GOOD)
