"""When an attempt that is lawful now stops being so: a message's validity, and when queued calls are cancelled."""

from dataclasses import replace
from datetime import datetime, timedelta

from orchestrator.compliance.gate import decide
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import ContactRequest
from orchestrator.domain.decision import Answer

HORIZON = timedelta(hours=4)
STRIDE = timedelta(minutes=15)  # no window in the rulebook is shorter
Place = tuple[object, ...]


class Closings:
    """Remembers the closing of each kind of place, since thousands of people share one."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._known: dict[Place, datetime] = {}

    def closes_at(self, request: ContactRequest, answer: Answer) -> datetime:
        """The first moment at which this, allowed now, is not; at most four hours ahead."""
        place = _place(request, answer)
        if place not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[place] = self._search(request)
        return self._known[place]

    def _search(self, request: ContactRequest) -> datetime:
        opened, limit = request.at, request.at + HORIZON
        while opened < limit:
            ahead = opened + STRIDE
            if not self._allowed(request, ahead):
                return self._narrow(request, opened, ahead)
            opened = ahead
        return limit

    def _narrow(self, request: ContactRequest, opened: datetime, closed: datetime) -> datetime:
        while closed - opened > timedelta(seconds=1):
            middle = opened + (closed - opened) / 2
            opened, closed = (middle, closed) if self._allowed(request, middle) else (opened, middle)
        return closed.replace(microsecond=0)

    def _allowed(self, request: ContactRequest, at: datetime) -> bool:
        return decide(replace(request, at=at), self._rulebook).allowed


def _place(request: ContactRequest, answer: Answer) -> Place:
    """What windows depend on. Within one stride the same closing holds, or an earlier one has been passed."""
    start = request.at.replace(minute=request.at.minute // 15 * 15, second=0, microsecond=0)
    return (
        answer.jurisdictions,
        answer.time_zones,
        request.attempt.channel,
        request.attempt.mode or "",
        request.campaign.purpose,
        request.contact.subscriber,
        request.campaign.caller.kind,
        request.campaign.product,
        request.campaign.codes,
        tuple((c.channel, c.level, c.automated, c.given_at, c.expires_at) for c in request.consents),
        start,
    )
