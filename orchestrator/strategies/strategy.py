"""A strategy: ordered steps, each saying which numbers are tried, how, and how long a hold is borne."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.contact_request import Channel, LineType, Mode
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import UserError
from orchestrator.domain.toml_reading import OneOf, SetOf, Several, Table, checked, parse_toml
from orchestrator.strategies.consent import GUARANTEED_AGENT, allows_automated_calls, allows_messages, permitted_mode
from orchestrator.strategies.state import NumberState, Option, PastAttempt

LANES = {Mode.PREDICTIVE: Lane.PREDICTIVE, Mode.PROGRESSIVE: Lane.PROGRESSIVE, Mode.PREVIEW: Lane.PREVIEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Which numbers, how, and for how long a hold is waited out before the next step.

    ``automated_consent`` None: with or without. ``mode`` None: as the campaign says for mobiles without consent.
    ``times`` None: as often as the cadence lets it; else so often a person. ``wait`` None: the cadence's rests; else
    since the person's last attempt, and later steps wait as well. ``after``: only if that one ended so; empty: however.
    """

    name: str
    channel: Channel
    line_types: frozenset[LineType]
    automated_consent: bool | None
    mode: Mode | None
    patience_seconds: float
    message: str | None = None
    times: int | None = None
    wait: timedelta | None = None
    after: frozenset[Outcome] = frozenset()

    def may_come(self, counted: Sequence[PastAttempt]) -> bool:
        """Whether it is this step's turn, after those attempts, the latest last."""
        taken = sum(1 for past in counted if past.step == self.name)
        if self.times is not None and taken >= self.times:
            return False
        return not self.after or (bool(counted) and counted[-1].outcome in self.after)

    def fits(self, number: NumberState, now: datetime) -> bool:
        """Whether the step is about this number; a message asks for consent to messages, whatever the file says."""
        if number.line_type not in self.line_types:
            return False
        if self.channel is Channel.SMS and not allows_messages(number.consents, now):
            return False
        return self.automated_consent in {None, allows_automated_calls(number.consents, now)}

    def option(self, number: NumberState, plan: CampaignPlan, now: datetime) -> Option:
        """The attempt that the step means for this number."""
        mode = self._mode(number, plan, now)
        return Option(
            key=number.key,
            number=number.number,
            channel=self.channel,
            mode=mode,
            lane=LANES[mode] if mode else Lane.SMS,
            patience_seconds=self.patience_seconds,
            step=self.name,
            message=self.message,
        )

    def lane(self, plan: CampaignPlan) -> Lane:
        """The lane that the step is meant for."""
        if plan.voice is None or self.channel is Channel.SMS:
            return Lane.SMS
        return LANES.get(self.mode or plan.voice.mobile_without_consent, Lane.PREVIEW)

    def _mode(self, number: NumberState, plan: CampaignPlan, now: datetime) -> Mode | None:
        if self.channel is Channel.SMS or plan.voice is None:
            return None
        chosen = plan.voice.mobile_without_consent
        without_consent = chosen if chosen in GUARANTEED_AGENT else Mode.PREVIEW
        return permitted_mode(self.mode or without_consent, without_consent, number, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """Steps in the order in which the gate is asked."""

    name: str
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str, what: str = "The strategy file") -> Self:
        """Read a file of config/strategies, called ``what``; raises UserError that names what to change."""
        form = checked(_StrategyTable, parse_toml(text, what), what)
        return cls(name=form.name, steps=tuple(step.step() for step in form.step))

    def steps_of(self, plan: CampaignPlan) -> Iterator[Step]:
        """The steps on channels that the campaign has."""
        has = {Channel.VOICE: plan.voice is not None, Channel.SMS: plan.sms is not None}
        return (step for step in self.steps if has[step.channel])

    def step_of(self, option: Option) -> Step | None:
        """The step that the option belongs to; None where a person chose it."""
        return next((step for step in self.steps if step.name == option.step), None)

    def require_messages(self, plan: CampaignPlan) -> None:
        """Raise UserError where a step sends a text of a name that the campaign does not have."""
        known = plan.sms.messages if plan.sms is not None else {}
        for step in self.steps_of(plan):
            if step.message is not None and step.message not in known:
                raise UserError(
                    f"Strategy '{self.name}' sends the message '{step.message}' in its step '{step.name}'; write it "
                    f'into the campaign, as in sms.messages.{step.message}.en = "…".'
                )

    def first_lane(self, plan: CampaignPlan) -> Lane:
        """Where a new enrollment waits first; raises UserError where no step fits the campaign's channels."""
        first = next(self.steps_of(plan), None)
        if first is None:
            raise UserError(f"Strategy '{self.name}' has no step for the channels of campaign '{plan.name}'.")
        return first.lane(plan)


class _StepTable(Table):
    name: Annotated[str, Field(min_length=1)]
    channel: OneOf[Channel]
    line_types: Annotated[SetOf[LineType], Field(min_length=1)]
    automated_consent: bool | None = None
    mode: Literal["predictive", "progressive", "preview", "as-campaign"] | None = None
    patience_hours: Annotated[float, Field(ge=0)] | None = None
    patience_seconds: Annotated[float, Field(ge=0)] | None = None
    message: Annotated[str, Field(min_length=1)] | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    wait_hours: Annotated[float, Field(ge=0)] | None = None
    after: SetOf[Outcome] = frozenset()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.patience_hours is None) == (self.patience_seconds is None):
            raise ValueError("must say either patience_hours or patience_seconds, one of the two")
        if (self.channel is Channel.VOICE) != (self.mode is not None):
            raise ValueError("must say a mode where its channel is voice, and none where it is sms")
        if self.channel is Channel.VOICE and self.message is not None:
            raise ValueError("must name a message only where its channel is sms")
        beyond_landlines = self.line_types - {LineType.LANDLINE}
        if self.mode == "predictive" and beyond_landlines and self.automated_consent is not True:
            raise ValueError("must ask for automated_consent = true where predictive calls go beyond landlines")
        return self

    def step(self) -> Step:
        seconds = self.patience_seconds if self.patience_hours is None else self.patience_hours * 3600
        return Step(
            name=self.name,
            channel=self.channel,
            line_types=self.line_types,
            automated_consent=self.automated_consent,
            mode=None if self.mode is None or self.mode == "as-campaign" else Mode(self.mode),
            patience_seconds=seconds or 0.0,
            message=self.message,
            times=self.times,
            wait=None if self.wait_hours is None else timedelta(hours=self.wait_hours),
            after=self.after,
        )


class _StrategyTable(Table):
    name: Annotated[str, Field(min_length=1)]
    step: Annotated[Several[_StepTable], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        names = [step.name for step in self.step]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"names two steps '{twice[0]}'; attempts are counted by the step's name")
        return self
