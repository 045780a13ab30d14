"""What is next for an enrollment: the strategy's options in order, and the gate asked about each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orchestrator.domain.attempt import NO_CONTACT, Outcome
from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.contact_request import Channel
from orchestrator.domain.decision import Answer, Cure, RuleVerdict, Verdict
from orchestrator.domain.enrollment import DoneReason, Lane
from orchestrator.strategies.cadence import Cadence
from orchestrator.strategies.hours import opening
from orchestrator.strategies.state import (
    CAMPAIGN_HOURS,
    CAMPAIGN_START,
    REST,
    Ask,
    Blocked,
    EnrollmentState,
    Finished,
    NextStep,
    NumberState,
    Option,
    PastAttempt,
    Take,
    Wait,
)
from orchestrator.strategies.strategy import Step, Strategy

# Which fact is likeliest to come, and soonest: the first is the most promising.
PROMISING = (
    Cure.REASSIGNED,
    Cure.REGISTRY,
    Cure.LINE_TYPE,
    Cure.JURISDICTION,
    Cure.CAMPAIGN,
    Cure.REGISTRATION,
    Cure.DOCUMENT,
    Cure.RULEBOOK,
    Cure.CONSENT,
)
ENDINGS = {Outcome.REACHED: DoneReason.REACHED}
WANTS_CONSENT = "strategy.consent-to-messages"
WANTS_SHARED_HOURS = "strategy.campaign-hours-never-open"
NO_ZONE_WAIT = timedelta(days=1)  # allowed where no zone is known: the campaign's hours cannot be told, so not now


def next_step(
    state: EnrollmentState, plan: CampaignPlan, strategy: Strategy, cadence: Cadence, now: datetime, ask: Ask
) -> NextStep:
    """Take, Wait, Blocked or Finished. ``ask`` is called once an option at most, in order, until one is taken."""
    return _Walk(state, plan, strategy, cadence, now, ask).decide()


@dataclass(frozen=True, slots=True)
class _Held:
    until: datetime
    by: str
    option: Option


@dataclass(slots=True)
class _Walk:
    """One walk over the options; what was met on the way is kept until the end."""

    state: EnrollmentState
    plan: CampaignPlan
    strategy: Strategy
    cadence: Cadence
    now: datetime
    ask: Ask
    asked: list[tuple[Option, Answer]] = field(default_factory=list)
    held: list[_Held] = field(default_factory=list)

    def decide(self) -> NextStep:
        if self.state.chosen is not None:
            return self._chosen(self.state.chosen)
        ended = self._already_over()
        if ended is not None:
            return Finished(reason=ended)
        options = list(self._options())
        if not options:
            return self._nothing_left()
        return self._held_as_a_whole(options[0]) or self._first_that_may(options)

    def _chosen(self, option: Option) -> NextStep:
        """A person chose it: the gate and the campaign's hours are asked, and nothing else."""
        met = self._answered(option)
        if isinstance(met, Take):
            return met
        self.held += [met] if met is not None else []
        return self._wait() if self.held else self._refused()

    def _already_over(self) -> DoneReason | None:
        if self.plan.ends_at is not None and self.now >= self.plan.ends_at:
            return DoneReason.CAMPAIGN_OVER
        final = [past.outcome for past in self.state.attempts if past.outcome in ENDINGS and not past.goes_on]
        return ENDINGS[final[0]] if final else None

    def _options(self) -> Iterator[Option]:
        if len(self._counted()) >= min(self.plan.attempts.per_contact, self.cadence.per_contact):
            return
        for step in self._steps_in_turn():
            for number in self._open_numbers(step):
                if step.fits(number, self.now):
                    yield step.option(number, self.plan, self.now)

    def _steps_in_turn(self) -> Iterator[Step]:
        counted = sorted(self._counted(), key=lambda past: past.ended_at)
        return (step for step in self.strategy.steps_of(self.plan) if step.may_come(counted))

    def _open_numbers(self, step: Step) -> Iterator[NumberState]:
        in_order = sorted(self.state.numbers, key=lambda number: number.position)
        return (number for number in in_order if not self._is_exhausted(number, step.channel))

    def _is_exhausted(self, number: NumberState, channel: Channel) -> bool:
        past = self._past(number.key, channel)
        counted = [attempt for attempt in past if attempt.outcome not in NO_CONTACT]
        allowed = min(self.plan.attempts.per_number, self.cadence.per_number[channel])
        return number.dead or any(map(self._ends_number, past)) or len(counted) >= allowed

    def _ends_number(self, past: PastAttempt) -> bool:
        return past.leaves_number or (past.outcome in self.cadence.final and not past.goes_on)

    def _past(self, key: bytes, channel: Channel) -> list[PastAttempt]:
        return [past for past in self.state.attempts if (past.key, past.channel) == (key, channel)]

    def _counted(self) -> list[PastAttempt]:
        return [past for past in self.state.attempts if past.outcome not in NO_CONTACT]

    def _nothing_left(self) -> Finished | Blocked:
        if not any(not number.dead for number in self.state.numbers):
            return Finished(reason=DoneReason.NO_NUMBER)
        if not self._counted() and self._waits_for_consent():
            return Blocked(rule=WANTS_CONSENT, cure=Cure.CONSENT, cure_detail=Channel.SMS, lane=Lane.SMS)
        return Finished(reason=DoneReason.EXHAUSTED)

    def _waits_for_consent(self) -> bool:
        """Whether a number is of the right kind for a message, and only the person's word is missing."""
        return any(
            number.line_type in step.line_types
            for step in self._steps_in_turn()
            if step.channel is Channel.SMS
            for number in self._open_numbers(step)
        )

    def _held_as_a_whole(self, first: Option) -> Wait | Blocked | None:
        """What holds every option alike: the campaign's start and hours, and the rest of the contact."""
        lane = first.lane
        if self.plan.starts_at is not None and self.now < self.plan.starts_at:
            return Wait(until=self.plan.starts_at, held_by=CAMPAIGN_START, lane=lane)
        rested = max(map(self._leaves_in_peace, self._counted()), default=self.now)
        earliest = max(self.now, rested)
        opens = self._opening(earliest)
        if opens is None:
            return Blocked(rule=WANTS_SHARED_HOURS, cure=Cure.CAMPAIGN, cure_detail="hours", lane=lane)
        if opens > earliest:
            return Wait(until=opens, held_by=CAMPAIGN_HOURS, lane=lane)
        return Wait(until=earliest, held_by=REST, lane=lane) if earliest > self.now else None

    def _leaves_in_peace(self, past: PastAttempt) -> datetime:
        """Until when the person is not tried on any number; a rest that an agent's word asks for is the person's."""
        return past.ended_at + (self.cadence.between if past.rest is None else past.rest)

    def _opening(self, moment: datetime) -> datetime | None:
        """When the campaign's own hours are open; where no zone is known yet, the gate's answer tells it."""
        if self.plan.hours is None or not self.state.zones:
            return moment
        return opening(self.plan.hours, moment, self.state.zones)

    def _first_that_may(self, options: Sequence[Option]) -> NextStep:
        for option in options:
            turn = self._awaits_turn(option)
            met = turn or self._resting(option) or self._answered(option)
            if isinstance(met, Take):
                return met
            if met is not None:
                self.held.append(met)
            if turn is not None or (met is not None and met.until - self.now <= self._patience(option)):
                return self._wait()
        return self._wait() if self.held else self._refused()

    def _awaits_turn(self, option: Option) -> _Held | None:
        """A step that waits since the last attempt: what stands after it in the strategy does not overtake it."""
        wait = self._wait_of(option)
        until = (
            max((past.ended_at + wait for past in self._counted()), default=self.now) if wait is not None else self.now
        )
        return _Held(self._opening(until) or until, REST, option) if until > self.now else None

    def _wait_of(self, option: Option) -> timedelta | None:
        step = self.strategy.step_of(option)
        return step.wait if step is not None else None

    def _resting(self, option: Option) -> _Held | None:
        past = self._past(option.key, option.channel)
        if not past or self._wait_of(option) is not None:
            return None
        rested = max(self._rested(past, attempt) for attempt in past)
        until = self.cadence.preferred(rested, self.state.zones)
        until = self._opening(until) or until
        return _Held(until, REST, option) if until > self.now else None

    def _rested(self, past: Sequence[PastAttempt], attempt: PastAttempt) -> datetime:
        if attempt.rest is not None:
            return attempt.ended_at + attempt.rest
        so_far = sum(1 for other in past if other.ended_at <= attempt.ended_at and other.outcome not in NO_CONTACT)
        return self.cadence.rest_after(attempt.outcome, so_far, attempt.ended_at)

    def _answered(self, option: Option) -> Take | _Held | None:
        answer = self.ask(option)
        self.asked.append((option, answer))
        if answer.verdict is Verdict.ALLOW:
            return self._within_hours(option, answer)
        if answer.verdict is Verdict.HOLD:
            return _Held(answer.next_allowed_at or self.now + self._patience(option), _deciding(answer), option)
        return None

    def _within_hours(self, option: Option, answer: Answer) -> Take | _Held:
        zones = self.state.zones or answer.time_zones
        if self.plan.hours is not None:
            opens = opening(self.plan.hours, self.now, zones) if zones else None
            if opens is None:
                return _Held(self.now + NO_ZONE_WAIT, CAMPAIGN_HOURS, option)
            if opens > self.now:
                return _Held(opens, CAMPAIGN_HOURS, option)
        return Take(option=option, answer=answer, asked=tuple(self.asked))

    def _patience(self, option: Option) -> timedelta:
        limit = self.cadence.patience_seconds
        seconds = option.patience_seconds if limit is None else min(limit, option.patience_seconds)
        return timedelta(seconds=seconds)

    def _wait(self) -> Wait:
        first = min(self.held, key=lambda held: held.until)
        return Wait(until=first.until, held_by=first.by, lane=first.option.lane, asked=tuple(self.asked))

    def _refused(self) -> Finished | Blocked:
        curable = [(option, needed) for option, answer in self.asked if (needed := _last_to_cure(answer)) is not None]
        if not curable:
            return Finished(reason=DoneReason.SUPPRESSED, asked=tuple(self.asked))
        option, needed = min(curable, key=lambda pair: PROMISING.index(pair[1].cure))
        return Blocked(
            rule=needed.rule,
            cure=needed.cure,
            cure_detail=needed.cure_detail,
            lane=option.lane,
            asked=tuple(self.asked),
        )


def _last_to_cure(answer: Answer) -> RuleVerdict | None:
    """Of the rules that refuse, the one least likely to be cured; None where one of them never can be."""
    refusing = [rule for rule in answer.rules if rule.verdict is Verdict.REFUSE]
    if not refusing or any(rule.cure is Cure.NONE for rule in refusing):
        return None
    return max(refusing, key=lambda rule: PROMISING.index(rule.cure))


def _deciding(answer: Answer) -> str:
    return answer.deciding.rule if answer.deciding is not None else ""
