"""What strategy tests start from; each builder names only what matters."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestrator.domain.attempt import Outcome
from orchestrator.domain.campaign import AttemptsPlan, CampaignPlan, SmsPlan, VoicePlan
from orchestrator.domain.contact_request import (
    Channel,
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    LineType,
    Mode,
    Purpose,
)
from orchestrator.domain.decision import Answer, Cure, RuleClass, RuleVerdict, Verdict
from orchestrator.strategies.cadence import Cadence
from orchestrator.strategies.next_step import next_step
from orchestrator.strategies.state import EnrollmentState, NextStep, NumberState, Option, PastAttempt
from orchestrator.strategies.strategy import Strategy

CONFIG = Path(__file__).parents[3] / "config"
NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)  # a Monday, noon in New York
NEW_YORK = ("America/New_York",)
TIERED = Strategy.parse((CONFIG / "strategies" / "consent-tiered.toml").read_text("utf-8"))
CADENCE = Cadence.parse((CONFIG / "cadences.toml").read_text("utf-8"))
VOICE = VoicePlan(caller_ids=("+12125550100",), queue="sales", information_message="This is Acme Roofing.")
SMS = SmsPlan(templates={"en": "Acme Roofing. Reply STOP to opt out."}, senders=("+12125550100",))
WRITTEN = ConsentFacts(
    channel=ConsentChannel.ANY,
    level=ConsentLevel.EXPRESS_WRITTEN,
    given_at=NOW - timedelta(days=30),
    automated=True,
    evidence=True,
)
Ask = Callable[[Option], Answer]


def a_plan(**fields: Any) -> CampaignPlan:
    given = {"voice": VOICE, "sms": SMS, "attempts": AttemptsPlan(), **fields}
    return CampaignPlan(
        name="Spring", seller="acme", purpose=Purpose.TELEMARKETING, lists=("spring",), subject="roof", **given
    )


def a_number(line_type: LineType, *consents: ConsentFacts, position: int = 1, dead: bool = False) -> NumberState:
    number = f"+1212555{100 + position:04d}"
    return NumberState(
        key=number.encode(), number=number, position=position, line_type=line_type, dead=dead, consents=consents
    )


LANDLINE = a_number(LineType.LANDLINE, position=1)
MOBILE = a_number(LineType.MOBILE, position=2)
CONSENTED_MOBILE = a_number(LineType.MOBILE, WRITTEN, position=3)


def past(
    number: NumberState, outcome: Outcome, ago: timedelta, channel: Channel = Channel.VOICE, mode: Mode | None = None
) -> PastAttempt:
    return PastAttempt(key=number.key, channel=channel, mode=mode, outcome=outcome, ended_at=NOW - ago)


def allow(_option: Option) -> Answer:
    return Answer(verdict=Verdict.ALLOW, rules=(), rulebook="test", time_zones=NEW_YORK)


def hold(until: datetime, rule: str = "us.hours") -> Answer:
    held = RuleVerdict(rule=rule, verdict=Verdict.HOLD, rule_class=RuleClass.LAW, citation="", until=until)
    return Answer(verdict=Verdict.HOLD, rules=(held,), rulebook="test", next_allowed_at=until)


def refuse(*cures: Cure, detail: str = "") -> Answer:
    rules = tuple(
        RuleVerdict(
            rule=f"needs-{cure}",
            verdict=Verdict.REFUSE,
            rule_class=RuleClass.LAW,
            citation="",
            cure=cure,
            cure_detail=detail,
        )
        for cure in cures
    )
    return Answer(verdict=Verdict.REFUSE, rules=rules, rulebook="test")


def answers(by_number: dict[NumberState, Answer]) -> Ask:
    """Answers by number; every other number is allowed."""
    known = {number.key: answer for number, answer in by_number.items()}
    return lambda option: known.get(option.key, allow(option))


def step(
    numbers: Iterable[NumberState],
    *attempts: PastAttempt,
    ask: Ask = allow,
    plan: CampaignPlan | None = None,
    strategy: Strategy = TIERED,
    cadence: Cadence = CADENCE,
    zones: tuple[str, ...] = NEW_YORK,
    now: datetime = NOW,
) -> NextStep:
    state = EnrollmentState(numbers=tuple(numbers), attempts=attempts, zones=zones)
    return next_step(state, plan or a_plan(), strategy, cadence, now, ask)
