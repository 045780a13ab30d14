"""Which consents a strategy may build on. The gate asks more; this is what no configuration can talk away."""

from collections.abc import Iterable
from datetime import datetime

from orchestrator.domain.contact_request import Channel, ConsentFacts, ConsentLevel, LineType, Mode
from orchestrator.strategies.state import NumberState

NEVER_AUTOMATED = frozenset({ConsentLevel.IMPLIED, ConsentLevel.SOFT_OPT_IN})
GUARANTEED_AGENT = frozenset({Mode.PREVIEW, Mode.PROGRESSIVE})


def is_usable(consent: ConsentFacts, channel: Channel, now: datetime) -> bool:
    """Whether it is proven, given to this caller for this channel, and in force."""
    in_force = consent.given_at <= now and (consent.expires_at is None or now < consent.expires_at)
    proven = consent.evidence and consent.to_caller and consent.withdrawn_at is None
    return in_force and proven and consent.channel.covers(channel)


def allows_messages(consents: Iterable[ConsentFacts], now: datetime) -> bool:
    """Whether a message may be sent on them."""
    return any(is_usable(consent, Channel.SMS, now) for consent in consents)


def allows_automated_calls(consents: Iterable[ConsentFacts], now: datetime) -> bool:
    """Whether a machine may dial on them."""
    return any(
        consent.automated and consent.level not in NEVER_AUTOMATED and is_usable(consent, Channel.VOICE, now)
        for consent in consents
    )


def permitted_mode(wanted: Mode, fallback: Mode, number: NumberState, now: datetime) -> Mode:
    """``wanted`` where an agent is guaranteed, the line is a landline, or consent covers it; else ``fallback``.

    Whatever is not known to be a landline is treated as a mobile.
    """
    is_landline = number.line_type is LineType.LANDLINE
    if wanted in GUARANTEED_AGENT or is_landline or allows_automated_calls(number.consents, now):
        return wanted
    return fallback
