"""The sentences of an explanation, for somebody who was not there."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.contact_request import SuppressionKind
from orchestrator.domain.decision import Answer, Cure, Verdict
from orchestrator.domain.enrollment import DoneReason, EnrollmentStage
from orchestrator.persistence.tables.columns import Record
from orchestrator.strategies.state import (
    CALLERS_REST,
    CALLERS_SPENT,
    CAMPAIGN_HOURS,
    CAMPAIGN_START,
    REST,
    SENDER_RATE,
    SENDERS_REST,
    SENDERS_SPENT,
)

MOST_ZONES = 3
VERDICTS = {Verdict.ALLOW: "allowed", Verdict.HOLD: "held", Verdict.REFUSE: "refused"}
OUTCOMES = {
    Outcome.REACHED: "the person spoke with an agent",
    Outcome.ABANDONED: "the person answered and no agent was there (abandoned)",
    Outcome.HUNG_UP: "the person hung up before an agent or our message",
    Outcome.NO_ANSWER: "nobody answered",
    Outcome.BUSY: "the line was busy",
    Outcome.MACHINE: "a machine answered",
    Outcome.FAX: "a fax answered",
    Outcome.FAILED: "it failed",
    Outcome.NOT_IN_SERVICE: "the number is not in service",
    Outcome.CANCELED: "it was taken back before it reached anybody",
    Outcome.REFUSED: "the carrier would not take it",
    Outcome.NEVER_SENT: "it is proven that the carrier was never asked",
    Outcome.LOST: "what became of it was never learnt, so it counts as a contact",
    Outcome.SENT: "it was sent",
    Outcome.DELIVERED: "it was delivered",
    Outcome.UNDELIVERED: "it was not delivered",
}
CURES = {
    Cure.REGISTRY: "a fresh answer of the registry {detail}",
    Cure.CONSENT: "a consent of the person with proof {detail}",
    Cure.REGISTRATION: "the caller's registration {detail}",
    Cure.LINE_TYPE: "the number's line type, by a lookup",
    Cure.REASSIGNED: "a newer answer of the Reassigned Numbers Database, by a lookup",
    Cure.RULEBOOK: "a rule that covers {detail}",
    Cure.JURISDICTION: "where the person is: a country, region or postal code",
    Cure.DOCUMENT: "a paper on file: {detail}",
    Cure.CAMPAIGN: "a change of the campaign itself {detail}",
    Cure.NONE: "nothing but the person's own new yes",
}
DONE = {
    DoneReason.REACHED: "the person was reached",
    DoneReason.SUPPRESSED: "the person said no",
    DoneReason.EXHAUSTED: "every attempt that the plan allows was made",
    DoneReason.NO_NUMBER: "no number is left",
    DoneReason.CAMPAIGN_OVER: "the campaign is over",
    DoneReason.ERASED: "the person was erased",
}
NOES = {
    SuppressionKind.DO_NOT_CALL: "The person asked not to be called",
    SuppressionKind.STOP_REPLY: "The person replied with a stop",
    SuppressionKind.KEYPRESS_OPT_OUT: "The person opted out by a key",
    SuppressionKind.OBJECTION: "The person objected",
    SuppressionKind.RESTRICTION: "The use of the person's data is restricted",
    SuppressionKind.ERASED: "The person was erased",
    SuppressionKind.CEASE_REQUEST: "The person asked the collector to cease",
    SuppressionKind.ATTORNEY_REPRESENTED: "The person is represented by an attorney",
}
HELD = {
    REST: "the pause that the cadence leaves after an attempt",
    CAMPAIGN_HOURS: "the campaign's own hours",
    CAMPAIGN_START: "the campaign's start",
    CALLERS_REST: "the rest of every caller id of the campaign",
    CALLERS_SPENT: "the daily caps of the campaign's caller ids",
    SENDERS_REST: "the rest of the campaign's senders of texts",
    SENDERS_SPENT: "the daily caps of the campaign's senders of texts, or of their brand",
    SENDER_RATE: "the rate of the sender that texts this person",
}


def when(at: datetime, zones: Sequence[str]) -> str:
    """The moment in UTC and on the person's clocks: every zone that the person may be in, where they differ."""
    clocks = _clocks(at, zones)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC ({clocks} there)" if clocks else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _clocks(at: datetime, zones: Sequence[str]) -> str:
    shown: dict[str, str] = {}
    for name in zones:
        wall = at.astimezone(ZoneInfo(name))
        same_day = wall.date() == at.date()
        shown.setdefault(f"{wall:%H:%M:%S}" if same_day else f"{wall:%a %d %b %H:%M:%S}", name)
    told = [f"{clock} {name}" for clock, name in shown.items()]
    more = [f"{len(told) - MOST_ZONES} other zones"] if len(told) > MOST_ZONES else []
    return " or ".join([*told[:MOST_ZONES], *more])


def what(channel: str, mode: str | None) -> str:
    """The attempt in words, as in a predictive call."""
    return "a message" if channel == "sms" else f"a {mode} call" if mode else "a call"


def decided(decision: Record, number: str, zones: Sequence[str]) -> str:
    """What the gate said, about what, and how often."""
    until = f" until {when(decision.until, zones)}" if decision.until else ""
    often = ""
    if decision.times > 1:
        often = f" The same answer was given {decision.times} times, last at {when(decision.last_at, zones)}."
    about = f"{what(decision.channel, decision.mode)} to {number} for campaign '{decision.campaign_name}'"
    return f"The gate {VERDICTS[Verdict(decision.verdict)]} {about}{until}.{often}"


def rules(answer: Answer) -> list[str]:
    """Every rule that held or refused: the sentence with its law, then its id and class."""
    return [f"{rule.because} [{rule.rule}, {rule.rule_class.value}]" for rule in answer.rules]


def attempted(attempt: Record, number: str, zones: Sequence[str]) -> str:
    """One attempt from its plan to its end."""
    head = (
        f"Attempt {attempt.ordinal} of campaign '{attempt.campaign_name}': {what(attempt.channel, attempt.mode)} "
        f"to {number} from {attempt.from_address}{_attested(attempt)}{by_hand(attempt)}"
    )
    steps = [
        ("fate unknown from", attempt.doubted_at),
        ("rang at", attempt.ringing_at),
        (f"answered{_answerer(attempt)} at", attempt.answered_at),
        (f"joined with agent {attempt.agent_id} at", attempt.connected_at),
        ("left without an agent at", attempt.abandoned_at),
        ("the machine was left our message from", attempt.message_at),
        (f"to be taken back ({attempt.cancelled_for}) from", attempt.cancelled_at),
    ]
    told = [f"{words} {when(at, zones)}" for words, at in steps if at is not None]
    return "; ".join([head, *told, _ended(attempt, zones)]) + "."


def _attested(attempt: Record) -> str:
    return f" (attested {attempt.stir_status})" if attempt.stir_status else ""


def by_hand(attempt: Record) -> str:
    """Who wrote it, where it is a person's answer."""
    return f", written by {attempt.written_by}" if attempt.written_by else ""


def _answerer(attempt: Record) -> str:
    return f" by a {attempt.answered_by}" if attempt.answered_by in {"human", "machine", "fax"} else ""


def _ended(attempt: Record, zones: Sequence[str]) -> str:
    if attempt.ended_at is None:
        return f"it has not ended: {attempt.stage.replace('_', ' ')}"
    lasted = f" after {attempt.duration_seconds} s" if attempt.duration_seconds else ""
    error = f" (carrier error {attempt.error_code})" if attempt.error_code else ""
    outcome = OUTCOMES[Outcome(attempt.outcome)] if attempt.outcome else "its outcome is not known"
    return f"ended at {when(attempt.ended_at, zones)}{lasted}: {outcome}{error}"


BECAME = {
    ConsentState.REQUESTED: "was asked for",
    ConsentState.REFUSED: "was refused",
    ConsentState.WITHDRAWN: "was withdrawn",
    ConsentState.EXPIRED: "expired",
    ConsentState.INVALIDATED: "counts no more: the number turned out to be somebody else's",
}


def consented(consent: Record, number: str) -> str:
    """What became of a consent."""
    channel = {"any": "calls and messages", "voice": "calls", "sms": "messages"}[consent.channel]
    meant = f" for {consent.purpose.replace('_', ' ')}" if consent.purpose else ""
    if consent.event != ConsentState.GIVEN:
        return f"Consent to {channel}{meant} to {number} {BECAME[ConsentState(consent.event)]}."
    level = (consent.level or "").replace("_", " ")
    machines = ", automated ones too" if consent.automated else ""
    proof = "with proof" if consent.evidence_sealed is not None else "without proof, so it counts nowhere"
    source = f" from {consent.source.replace('_', ' ')}" if consent.source else ""
    ends = f", until {consent.expires_at:%Y-%m-%d}" if consent.expires_at else ""
    return f"A consent ({level}) to {channel}{meant}{machines} to {number} was given{source}{ends}, {proof}."


def stopped(suppression: Record, number: str) -> str:
    """A no."""
    reach = {"any": "every channel", "voice": "calls", "sms": "messages"}[suppression.channel]
    scope = f" of campaign {suppression.campaign_id}" if suppression.scope == "campaign" else ""
    said = NOES[SuppressionKind(suppression.kind)]
    return f"{said}: this forbids {reach} to {number}{scope}. Recorded as “{suppression.source}”."


def heard(inbound: Record, number: str, body: str | None) -> str:
    """The person contacted the seller."""
    agent = f" and spoke with agent {inbound.agent_id}" if inbound.agent_id else ""
    said = f": “{body}”" if body else ""
    verb = "wrote to" if inbound.channel == "sms" else "called"
    return f"{number} {verb} {inbound.sender}{agent}{said}."


def cure_words(cure: str, detail: str | None) -> str:
    """What would open it again."""
    return CURES[Cure(cure)].format(detail=f"({detail})" if detail else "").replace("  ", " ").strip()


def stands(enrollment: Record, zones: Sequence[str], now: datetime) -> str:
    """Where the person stands in one campaign, and what would change that."""
    return f"Campaign '{enrollment.campaign_name}' ({enrollment.campaign_state}): {_stage(enrollment, zones, now)}."


def _stage(enrollment: Record, zones: Sequence[str], now: datetime) -> str:
    stage = EnrollmentStage(enrollment.stage)
    if stage is EnrollmentStage.DONE:
        return f"done, {DONE[DoneReason(enrollment.done_reason)]}" if enrollment.done_reason else "done"
    if stage is EnrollmentStage.BLOCKED:
        cure = cure_words(enrollment.cure or Cure.NONE, enrollment.cure_detail)
        return f"blocked by {enrollment.blocked_by}; what would open it is {cure}"
    if stage is not EnrollmentStage.DUE:
        return {"in_flight": "an attempt is under way", "offered": "offered to an agent"}.get(
            stage, "being decided now"
        )
    if enrollment.next_eligible_at <= now:
        return f"due since {when(enrollment.next_eligible_at, zones)}, by {enrollment.lane}"
    held = HELD.get(enrollment.held_by, enrollment.held_by)
    return f"waits until {when(enrollment.next_eligible_at, zones)}" + (f", held by {held}" if held else "")
