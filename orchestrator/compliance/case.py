"""One question made ready for the rules: what it means in law, where it may be, and what the clocks there show."""

from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from orchestrator.compliance.jurisdiction import Place
from orchestrator.domain.contact_request import (
    Channel,
    ConsentFacts,
    ContactRequest,
    LineType,
    Message,
    MessageKind,
    Mode,
    Purpose,
    ReassignedResult,
)

EVERY_MODE = frozenset(Mode)
NO_MESSAGE = Message()
SERVICE = frozenset({Purpose.INFORMATIONAL, Purpose.RESEARCH, Purpose.DEBT_COLLECTION, Purpose.EMERGENCY})
DAYS_UNTIL_A_PORT_IS_KNOWN = timedelta(days=15)
NOBODY_KNOWS = frozenset({ReassignedResult.YES, ReassignedResult.NO_DATA})


class Moment:
    """A moment, and what the clocks of every zone in question show at it."""

    __slots__ = ("at", "first_date", "last_date", "walls")

    def __init__(self, at: datetime, place: Place) -> None:
        self.at = at
        self.walls = [at.astimezone(zone) for zone in place.zones]
        days = [wall.date() for wall in self.walls] or [at.date()]
        self.first_date: date = min(days)
        self.last_date: date = max(days)


class Case:
    """The question with everything that rules would otherwise work out again, each part once."""

    def __init__(self, request: ContactRequest, place: Place) -> None:
        self.request = request
        self.place = place
        self.uncovered: tuple[str, ...] = ()
        self.at = request.at.astimezone(UTC)
        attempt, campaign = request.attempt, request.campaign
        self.channel = attempt.channel
        self.message = attempt.message or NO_MESSAGE
        self.modes = _modes(attempt.channel, attempt.mode)
        # Who answers a stop or a call for help with advertising sends a regular message.
        self.message_kind = MessageKind.REGULAR if self.message.marketing is True else self.message.kind
        self.sells = _sells(request, self.message)
        self.purposes = frozenset({campaign.purpose, Purpose.TELEMARKETING} if self.sells else {campaign.purpose})

    @cached_property
    def consents(self) -> tuple[ConsentFacts, ...]:
        """Consents that may count at some moment: proven, given to this caller, for this channel and subject."""
        return tuple(consent for consent in self.request.consents if not self.flaw(consent))

    def flaw(self, consent: ConsentFacts) -> str:
        """Why a consent never counts here, in words; empty where it may."""
        if not consent.channel.covers(self.channel):
            return f"it covers {consent.channel.value}"
        if not consent.evidence:
            return "no proof of it is stored"
        if not consent.to_caller:
            return "it was not given to this caller"
        if consent.given_at > self.at:
            return "it is dated after the attempt"
        if consent.subject is not None and consent.subject != self.request.campaign.subject:
            return f"it is about {consent.subject}"
        return self._void(consent)

    def _void(self, consent: ConsentFacts) -> str:
        """A consent of whoever held the number before it was given to somebody else."""
        answer = self.request.reassigned
        if answer is None or answer.result not in NOBODY_KNOWS or "US" not in self.place.countries:
            return ""
        return "the number may have been reassigned since" if consent.given_at <= answer.checked_at else ""

    def line_type(self, at: datetime) -> LineType:
        """What the line counts as: unknown is mobile, and so is a line ported to a mobile carrier over 15 days ago."""
        contact = self.request.contact
        if contact.line_type is LineType.UNKNOWN:
            return LineType.MOBILE
        if contact.ported_at and at - contact.ported_at > DAYS_UNTIL_A_PORT_IS_KNOWN:
            return LineType.MOBILE
        return contact.line_type


def _modes(channel: Channel, mode: Mode | None) -> frozenset[Mode]:
    """Every mode that the attempt may be in; a call whose mode is not known may be in any."""
    if channel is not Channel.VOICE:
        return frozenset()
    return frozenset({mode}) if mode else EVERY_MODE


def _sells(request: ContactRequest, message: Message) -> bool:
    """Whether the attempt sells, whatever it calls itself."""
    campaign = request.campaign
    if campaign.purpose is Purpose.TELEMARKETING or campaign.sales_component:
        return True
    return message.marketing is True and campaign.purpose in SERVICE
