"""Which of Twilio's error codes say something of the sender of a text, beside what they mean for the text itself."""

TOO_FAST = frozenset({30022})  # rate of the 10DLC campaign
DAY_SPENT = frozenset({30023, 30027})  # daily caps of a campaign or brand, until midnight in California
NOT_READY = frozenset(
    {
        21606,  # From cannot send
        30024,  # not provisioned
        30032,  # a toll-free number that is not verified
        30034,  # not registered for A2P 10DLC
        30035,  # still being set up
    }
)
FILTERED = frozenset({30007})
