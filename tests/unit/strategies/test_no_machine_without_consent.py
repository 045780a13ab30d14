"""Whatever a strategy file says, no machine dials a mobile without proven consent, and no text goes without consent."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestrator.domain.contact_request import Channel, ConsentChannel, ConsentFacts, ConsentLevel, LineType, Mode
from orchestrator.domain.decision import Answer, Cure
from orchestrator.domain.errors import UserError
from orchestrator.strategies.state import NumberState, Option
from orchestrator.strategies.strategy import Step, Strategy
from tests.unit.strategies.builders import NOW, VOICE, a_number, a_plan, refuse, step

LINE_TYPES = st.lists(st.sampled_from(list(LineType)), min_size=1, unique=True)
NEAR = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
CONSENTS = st.builds(
    ConsentFacts,
    channel=st.sampled_from(ConsentChannel),
    level=st.sampled_from(ConsentLevel),
    given_at=NEAR,
    automated=st.booleans(),
    withdrawn_at=st.none() | NEAR,
    expires_at=st.none() | NEAR,
    evidence=st.booleans(),
    to_caller=st.booleans(),
)
NUMBERS = st.lists(st.tuples(st.sampled_from(LineType), st.lists(CONSENTS, max_size=3)), min_size=1, max_size=4).map(
    lambda drawn: [a_number(kind, *given_, position=at) for at, (kind, given_) in enumerate(drawn)]
)
STEPS_AS_WRITTEN = st.lists(
    st.fixed_dictionaries(
        {"name": st.just("a step"), "channel": st.sampled_from(Channel), "line_types": LINE_TYPES},
        optional={
            "automated_consent": st.booleans(),
            "mode": st.sampled_from(["predictive", "progressive", "preview", "as-campaign", "prerecorded"]),
            "patience_hours": st.integers(0, 48),
            "patience_seconds": st.integers(0, 48),
        },
    ),
    min_size=1,
    max_size=4,
)
STEPS_AS_BUILT = st.lists(
    st.builds(
        Step,
        name=st.just("a step"),
        channel=st.sampled_from(Channel),
        line_types=LINE_TYPES.map(frozenset),
        automated_consent=st.none() | st.booleans(),
        mode=st.none() | st.sampled_from([Mode.PREDICTIVE, Mode.PROGRESSIVE, Mode.PREVIEW]),
        patience_seconds=st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=4,
)
CAMPAIGN_MODES = st.sampled_from(list(Mode))  # even those that no campaign file can hold


def as_toml(steps: list[dict[str, object]]) -> str:
    blocks = ["\n".join(f"{name} = {json.dumps(value)}" for name, value in fields.items()) for fields in steps]
    return 'name = "random"\n' + "\n".join(f"[[step]]\n{block}" for block in blocks)


def has_consent(number: NumberState, channel: Channel, now: datetime) -> bool:
    """Said again in the words of the law, apart from the code under test."""
    return any(
        consent.evidence
        and consent.to_caller
        and consent.given_at <= now
        and consent.withdrawn_at is None
        and not (consent.expires_at is not None and consent.expires_at <= now)
        and consent.channel in {ConsentChannel.ANY, ConsentChannel(channel.value)}
        and (channel is Channel.SMS or (consent.automated and consent.level.value not in {"implied", "soft_opt_in"}))
        for consent in number.consents
    )


def offered(numbers: list[NumberState], strategy: Strategy, mobile_without_consent: Mode) -> list[Option]:
    """Every option that the strategy ever asks about: each is refused, so that all of them are seen."""
    seen: list[Option] = []

    def ask(option: Option) -> Answer:
        seen.append(option)
        return refuse(Cure.CONSENT)

    voice = replace(VOICE, mobile_without_consent=mobile_without_consent)
    step(numbers, strategy=strategy, plan=a_plan(voice=voice), ask=ask)
    return seen


def assert_lawful(numbers: list[NumberState], options: list[Option]) -> None:
    by_key = {number.key: number for number in numbers}
    for option in options:
        number = by_key[option.key]
        if option.channel is Channel.SMS:
            assert has_consent(number, Channel.SMS, NOW)
        elif option.mode not in {Mode.PREVIEW, Mode.PROGRESSIVE}:
            assert number.line_type is LineType.LANDLINE or has_consent(number, Channel.VOICE, NOW)


@given(NUMBERS, STEPS_AS_WRITTEN, CAMPAIGN_MODES)
def test_no_strategy_file_makes_a_machine_dial_a_mobile_without_consent(
    numbers: list[NumberState], steps: list[dict[str, object]], mode: Mode
) -> None:
    try:
        strategy = Strategy.parse(as_toml(steps))
    except UserError:
        return
    assert_lawful(numbers, offered(numbers, strategy, mode))


AS_CAMPAIGN = Step(
    name="a step",
    channel=Channel.VOICE,
    line_types=frozenset(LineType),
    automated_consent=None,
    mode=None,
    patience_seconds=0,
)


@settings(max_examples=300)
@given(NUMBERS, STEPS_AS_BUILT, CAMPAIGN_MODES)
@example([a_number(LineType.LANDLINE), a_number(LineType.UNKNOWN)], [AS_CAMPAIGN], Mode.PRERECORDED)
def test_nor_does_any_strategy_that_no_file_could_hold(
    numbers: list[NumberState], steps: list[Step], mode: Mode
) -> None:
    strategy = Strategy(name="random", steps=tuple(steps))
    assert_lawful(numbers, offered(numbers, strategy, mode))


def test_the_property_sees_predictive_calls_to_mobiles_and_texts() -> None:
    consent = ConsentFacts(
        channel=ConsentChannel.ANY,
        level=ConsentLevel.EXPRESS_WRITTEN,
        given_at=NOW,
        automated=True,
        evidence=True,
    )
    steps: list[dict[str, object]] = [
        {"name": "a", "channel": "voice", "line_types": ["mobile"], "automated_consent": True, "mode": "predictive"},
        {"name": "b", "channel": "sms", "line_types": ["mobile"]},
    ]
    strategy = Strategy.parse(as_toml([{**fields, "patience_hours": 1} for fields in steps]))
    options = offered([a_number(LineType.MOBILE, consent)], strategy, Mode.PREVIEW)
    assert [(option.channel, option.mode) for option in options] == [
        (Channel.VOICE, Mode.PREDICTIVE),
        (Channel.SMS, None),
    ]
