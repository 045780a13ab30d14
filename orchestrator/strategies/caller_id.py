"""Which of its numbers a campaign shows to whom."""

from collections.abc import Collection

from orchestrator.domain.campaign import VoicePlan
from orchestrator.strategies.nearness import PlaceOf, nearest


def _no_region(_number: str) -> str | None:
    return None


def choose_caller_id(
    voice: VoicePlan,
    to: str,
    contact_id: int,
    *,
    resting: Collection[str] = (),
    region_of: PlaceOf = _no_region,
) -> str | None:
    """The caller id for this contact, the same each time; None where all of them rest.

    A number that rests is never shown: whoever could not be called from another waits until one may be used again.

    With local presence the nearest are preferred: of the same area code, then of the same region as ``region_of``
    knows it, then of the same country. Among equals the contact decides, so that all take their turn.
    """
    usable = [number for number in voice.caller_ids if number not in resting]
    if not usable:
        return None
    if voice.local_presence:
        usable = nearest(to, usable, region_of)
    return usable[contact_id % len(usable)]
