"""Turn what is on record about a person into the question that the gate answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from orchestrator.carrier.error_codes import never_again
from orchestrator.compliance.abandonment_clock import answer_clock
from orchestrator.compliance.abandonment_window import counts_false_positives
from orchestrator.compliance.gate import decide
from orchestrator.compliance.notices import Said
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.contact_request import (
    AttemptFacts,
    CallerFacts,
    CampaignFacts,
    Channel,
    ContactFacts,
    ContactRequest,
    LineType,
    Message,
    Mode,
    ReassignedAnswer,
    RegistryAnswer,
    Subscriber,
)
from orchestrator.domain.decision import Answer
from orchestrator.domain.disposition import AfterCall
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.message_variants import variant
from orchestrator.domain.reassignment import COVERED, holding, is_fresh, last_verified_on
from orchestrator.persistence.dossiers import Dossier, Number
from orchestrator.pipeline.abandonment import Exposure
from orchestrator.pipeline.caller_pool import CallerDesk
from orchestrator.pipeline.emergencies import Emergencies
from orchestrator.pipeline.engine import LiveCampaign
from orchestrator.pipeline.halts import Halts
from orchestrator.pipeline.sender_pool import SenderDesk
from orchestrator.pipeline.text_notices import notices_of
from orchestrator.strategies.state import EnrollmentState, NumberState, Option, PastAttempt

UNSPENT = frozenset({Outcome.CANCELED, Outcome.NEVER_SENT})  # nobody was rung: nothing was used up


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Everything about the campaign that questions share, gathered once a batch."""

    campaign: LiveCampaign
    rulebook: Rulebook
    registries: Mapping[bytes, Sequence[RegistryAnswer]]
    abandonment: Callable[[str], Exposure]  # by the number's country
    halts: Halts
    now: datetime
    emergencies: Emergencies = field(default_factory=Emergencies)
    callers: CallerDesk = field(default_factory=CallerDesk)
    senders: SenderDesk = field(default_factory=SenderDesk)
    reserved: bool = False  # an agent is reserved for every call of the predictive lane
    notices: dict[object, Message] = field(default_factory=dict)  # what each text holds, by country


def state_of(dossier: Dossier, zones: Sequence[str]) -> EnrollmentState:
    """The enrollment as strategies see it; ``zones`` are all that the person may be in."""
    return EnrollmentState(
        numbers=tuple(_number_state(number, dossier) for number in dossier.numbers),
        attempts=tuple(
            PastAttempt(
                key=bytes(row.key),
                channel=Channel(row.channel),
                mode=Mode(row.mode) if row.mode else None,
                outcome=Outcome.NO_ANSWER if row.outcome == Outcome.CANCELED else Outcome(row.outcome),
                ended_at=row.ended_at,
                said=AfterCall(row.next_step) if row.next_step else None,
                rest=None if row.rest_seconds is None else timedelta(seconds=row.rest_seconds),
                step=row.step,
                refused=row.channel == Channel.SMS and never_again(row.error_code),
            )
            for row in dossier.own_attempts
            if row.stage == Stage.ENDED and (row.outcome not in UNSPENT or row.ringing_at is not None)
        ),
        zones=tuple(zones),
    )


def _number_state(number: Number, dossier: Dossier) -> NumberState:
    return NumberState(
        key=number.key,
        number=number.number,
        position=number.position,
        line_type=LineType(number.line_type),
        dead=number.dead,
        consents=tuple(dossier.consents[number.key]),
    )


def asker(
    desk: Desk, dossier: Dossier, asked: dict[Option, tuple[ContactRequest, Answer]]
) -> Callable[[Option], Answer]:
    """A function that asks the gate about an option, and keeps question and answer in ``asked``."""
    numbers = {number.key: number for number in dossier.numbers}

    def ask(option: Option) -> Answer:
        number = numbers[option.key]
        question = request_for(desk, dossier, number, served(desk, number.country, option))
        answer = desk.halts.apply(decide(question, desk.rulebook), desk.now)
        asked[option] = (question, answer)
        return answer

    return ask


def served(desk: Desk, country: str, option: Option) -> Option:
    """The option as it may be served: an agent is reserved for each call to a regime whose budget bears no more losses.

    The budget is counted in whole calls, so small counts are never gambled with: the first few people are always met.
    Where agents are reserved for the lane anyway the person stays in it; else they go to the lane that reserves them.
    """
    if option.mode is Mode.PREDICTIVE and desk.reserved:
        return replace(option, mode=Mode.PROGRESSIVE)
    if option.mode is not Mode.PREDICTIVE or desk.abandonment(country).left >= 1:
        return option
    return replace(option, mode=Mode.PROGRESSIVE, lane=Lane.PROGRESSIVE)


def as_asked(desk: Desk, option: Option, question: ContactRequest) -> Option:
    """The option with the mode that the gate was asked about."""
    if question.attempt.mode is option.mode:
        return option
    return replace(option, mode=question.attempt.mode, lane=option.lane if desk.reserved else Lane.PROGRESSIVE)


def request_for(desk: Desk, dossier: Dossier, number: Number, option: Option) -> ContactRequest:
    """The question about one number, channel and mode at this moment."""
    return ContactRequest(
        at=desk.now,
        attempt=_attempt(desk, dossier, number.country, option),
        campaign=_campaign(desk, number.country),
        contact=desk.emergencies.marked(contact_facts(dossier, number), desk.rulebook),
        consents=dossier.consents[number.key],
        suppressions=dossier.stops_of_texts if option.channel is Channel.SMS else dossier.suppressions,
        registries=desk.registries.get(number.key, ()),
        reassigned=reassigned_answer(dossier, number, desk.now),
        history=dossier.history,
    )


def _attempt(desk: Desk, dossier: Dossier, country: str, option: Option) -> AttemptFacts:
    plan = desk.campaign.plan
    if option.channel is Channel.SMS:
        return AttemptFacts(channel=Channel.SMS, message=_message(desk, dossier, country, option))
    assert plan.voice is not None, "a voice option of a campaign without voice"  # noqa: S101
    return AttemptFacts(
        channel=Channel.VOICE,
        mode=option.mode,
        ring_timeout_seconds=plan.voice.ring_timeout_seconds,
        amd=amd_mode(desk, option.mode, country) is not AmdMode.OFF,
    )


def amd_mode(desk: Desk, mode: Mode | None, country: str) -> AmdMode:
    """How machines are told apart: as the campaign says, else by the regime, never where an agent started the call.

    A regime that counts the detection's mistakes as abandoned calls gets none: nobody has tested how many there are.
    Where the person's wait counts from the pick-up, no verdict is waited for: the detection runs beside the call.
    """
    voice = desk.campaign.plan.voice
    if voice is None or mode in {Mode.PREVIEW, Mode.MANUAL}:
        return AmdMode.OFF
    if voice.amd is AmdMode.VERDICT_FIRST and not answer_clock(desk.rulebook, country).bears_a_verdict:
        return AmdMode.CONNECT_FIRST
    if voice.amd is not None:
        return voice.amd
    return AmdMode.OFF if counts_false_positives(desk.rulebook, country) else AmdMode.CONNECT_FIRST


def _message(desk: Desk, dossier: Dossier, country: str, option: Option) -> Message:
    """What the text that this person would get is known to hold."""
    sms = desk.campaign.plan.sms
    assert sms is not None, "an SMS option of a campaign without SMS"  # noqa: S101
    language = dossier.contact.language
    key = (option.message, language, country)
    if key not in desk.notices:
        text = variant(sms.message(option.message), language)
        said = Said(text=text.template, language=text.language, seller_name=desk.campaign.seller.name)
        desk.notices[key] = notices_of(desk.rulebook, said, country, desk.now)
    return replace(desk.notices[key], marketing=sms.marketing)


def _campaign(desk: Desk, number_country: str) -> CampaignFacts:
    campaign, plan = desk.campaign, desk.campaign.plan
    return CampaignFacts(
        id=str(campaign.id),
        purpose=plan.purpose,
        sales_component=plan.sales_component,
        subject=plan.subject,
        product=plan.product,
        lawful_basis=plan.lawful_basis,
        caller=CallerFacts(
            kind=campaign.seller.kind,
            id=campaign.seller.id,
            country=campaign.seller.country,
            registrations=campaign.seller.registrations,
        ),
        codes=plan.codes,
        abandonment=desk.abandonment(number_country).counts,
    )


def reassigned_answer(dossier: Dossier, number: Number, now: datetime) -> ReassignedAnswer | None:
    """What the Reassigned Numbers Database said of the number since the person was last known to have it."""
    known = dossier.reassigned[number.key]
    return holding(known, last_verified_on(dossier.said[number.key], number.recorded_at, now)) if known else None


def lacks_own_check(desk: Desk, dossier: Dossier, number: Number) -> bool:
    """Whether the campaign itself, whatever the law asks for, wants a newer answer about the number than there is."""
    days = desk.campaign.plan.reassigned_check_days
    if days is None or number.country not in COVERED:
        return False
    answer = reassigned_answer(dossier, number, desk.now)
    return answer is None or not is_fresh(answer, days, desk.now)


def zones_of(desk: Desk, person: Dossier) -> tuple[str, ...]:
    """Every zone that the person may be in, where the campaign's own hours or preferred ones ask for it."""
    campaign = desk.campaign
    if campaign.plan.hours is None and campaign.cadence.best_hours is None:
        return ()
    found = [desk.rulebook.places.find(contact_facts(person, number)).zone_names for number in person.numbers]
    return tuple(sorted({zone for zones in found for zone in zones}))


def contact_facts(dossier: Dossier, number: Number) -> ContactFacts:
    """The person and one of their numbers as the gate sees them."""
    contact = dossier.contact
    return ContactFacts(
        number=number.number,
        id=str(contact.contact_id),
        line_type=LineType(number.line_type),
        country=contact.country,
        region=contact.region,
        postal_code=dossier.profile.get("postal_code"),
        time_zone=contact.time_zone,
        subscriber=Subscriber(contact.subscriber),
    )
