"""What detection lets us guess of a greeting that we cannot hear: always marked as an estimate."""

from datetime import datetime, timedelta
from typing import Any

from orchestrator.domain.carrier import VERDICT_LISTENS_SECONDS, AnsweredBy

SOURCE = "detection"


def estimates(
    answered_at: datetime, answered_by: AnsweredBy | None, detection_seconds: float | None, heard_at: datetime
) -> dict[str, Any]:
    """When the person began to speak and when they ended, as columns; nothing without a verdict of a person.

    A verdict of a person comes a known silence after they ended: ``detection_seconds`` after the answer where the
    carrier says so, else when we heard of it. Speech is taken to begin with the answer, the earliest that it can.
    """
    if answered_by is not AnsweredBy.HUMAN:
        return {}
    verdict_at = heard_at if detection_seconds is None else answered_at + timedelta(seconds=detection_seconds)
    ended_at = max(answered_at, verdict_at - timedelta(seconds=VERDICT_LISTENS_SECONDS))
    return {"speech_start_at": answered_at, "greeting_end_at": ended_at, "estimates_from": SOURCE}
