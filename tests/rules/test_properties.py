"""What holds for every question: more reasons against never help, and a hold ends where it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.compliance.gate import decide
from orchestrator.domain import contact_request as nouns
from orchestrator.domain.contact_request import ContactRequest
from orchestrator.domain.decision import STRICTNESS, Answer, Verdict
from tests.rules.questions import ABROAD, RULEBOOK, US_REGISTRIES

START = datetime(2026, 10, 1, tzinfo=UTC)
NUMBERS = [
    "+12125550123",
    "+13055550123",
    "+15045550123",
    "+12155550123",
    "+12145550123",
    "+16055550123",
    "+442079460123",
    "+447400123456",
    "+14165550123",
    "+16045550123",
    "+61491570156",
    "+12075550123",
    "+16175550123",
    "+33123456789",
    "+34612345678",
    "+390212345678",
    "+4721234567",
    "+493012345678",
    "+3222345678",
    "+85221234567",
    "+97122345678",
    "+576012345678",
    "+97221234567",
]
REGISTRIES = [*US_REGISTRIES, *ABROAD, "uk-tps", "uk-ctps", "ca-dncl", "au-dncr"]


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), strategy)


moments = st.integers(0, 200 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
lately = st.integers(-60 * 24 * 60, 0).map(lambda minutes: START + timedelta(minutes=minutes))
texts = st.sampled_from(["a", "b"])


def past_contacts(at: datetime) -> st.SearchStrategy[nouns.PastContact]:
    return st.builds(
        nouns.PastContact,
        at=st.integers(0, 32 * 24 * 60).map(lambda minutes: at - timedelta(minutes=minutes)),
        channel=st.sampled_from(nouns.Channel),
        direction=st.just(nouns.Direction.OUTBOUND),
        outcome=st.sampled_from(nouns.PastOutcome),
        mode=maybe(st.sampled_from(nouns.Mode)),
        subject=maybe(texts),
        debt=maybe(texts),
        amd=st.booleans(),
    )


def consents(at: datetime) -> st.SearchStrategy[nouns.ConsentFacts]:
    return st.builds(
        nouns.ConsentFacts,
        channel=st.sampled_from(nouns.ConsentChannel),
        level=st.sampled_from(nouns.ConsentLevel),
        given_at=st.integers(-100, 400 * 24).map(lambda hours: at - timedelta(hours=hours)),
        automated=st.booleans(),
        evidence=st.integers(0, 4).map(bool),
        source=maybe(st.sampled_from(nouns.ConsentSource)),
        expires_at=maybe(st.integers(-100, 100).map(lambda hours: at + timedelta(hours=hours))),
        agreed_time=st.booleans(),
        opt_out_offered_at_collection=maybe(st.booleans()),
    )


def suppressions(at: datetime) -> st.SearchStrategy[nouns.SuppressionFacts]:
    return st.builds(
        nouns.SuppressionFacts,
        kind=st.sampled_from(nouns.SuppressionKind),
        channel=st.sampled_from(nouns.ConsentChannel),
        at=st.integers(0, 900).map(lambda days: at - timedelta(days=days)),
        campaign=maybe(texts),
        scope=st.sampled_from(nouns.SuppressionScope),
    )


def answers(at: datetime) -> st.SearchStrategy[tuple[nouns.RegistryAnswer, ...]]:
    """What every registry said, drawn from one seed: there are too many to draw one by one."""

    def answer(registry: str, chance: Random) -> nouns.RegistryAnswer:
        return nouns.RegistryAnswer(
            registry=registry,
            obtained_at=at - timedelta(hours=chance.randrange(33 * 24)),
            listed=chance.random() < 0.05,
            listed_since=chance.choice([None, at - timedelta(hours=chance.randrange(60 * 24))]),
        )

    def of(seed: int) -> tuple[nouns.RegistryAnswer, ...]:
        chance = Random(seed)
        return tuple(answer(registry, chance) for registry in REGISTRIES)

    return st.integers(0, 10**9).map(of)


def reassigned(at: datetime) -> st.SearchStrategy[nouns.ReassignedAnswer]:
    checked = st.integers(0, 40 * 24).map(lambda hours: at - timedelta(hours=hours))
    return st.builds(nouns.ReassignedAnswer, checked_at=checked, result=st.sampled_from(nouns.ReassignedResult))


@st.composite
def questions(draw: st.DrawFn) -> ContactRequest:
    """Questions that a fair share of the rules lets pass."""
    at = draw(moments)
    message = nouns.Message(
        marketing=draw(maybe(st.booleans())),  # type: ignore[arg-type]
        sender_identified=True,
        opt_out_notice=draw(st.integers(0, 5)) > 0,
        own_similar_products=True,
    )
    return ContactRequest(
        at=at,
        attempt=nouns.AttemptFacts(
            channel=draw(st.sampled_from(nouns.Channel)),
            mode=draw(maybe(st.sampled_from(nouns.Mode))),  # type: ignore[arg-type]
            ring_timeout_seconds=20,
            message=message,
        ),
        campaign=nouns.CampaignFacts(
            purpose=draw(st.sampled_from(nouns.Purpose)),
            caller=nouns.CallerFacts(kind=draw(st.sampled_from(nouns.CallerKind)), registrations=("all",)),
            id="a",
            subject=draw(maybe(texts)),  # type: ignore[arg-type]
            lawful_basis=nouns.LawfulBasis.LEGITIMATE_INTEREST,
            codes=draw(st.sampled_from([(), ("uk-dma",)])),
            abandonment=nouns.AbandonmentCounts(
                live_answered=100,
                abandoned=draw(st.integers(0, 6)),
                window_started_at=draw(maybe(st.just(at - timedelta(hours=5)))),  # type: ignore[arg-type]
            ),
        ),
        contact=nouns.ContactFacts(
            number=draw(st.sampled_from(NUMBERS)),
            line_type=draw(st.sampled_from(nouns.LineType)),
            subscriber=draw(st.sampled_from(nouns.Subscriber)),
        ),
        consents=tuple(draw(st.lists(consents(at), max_size=3))),
        registries=draw(answers(at)),
        reassigned=draw(maybe(reassigned(at))),  # type: ignore[arg-type]
        suppressions=tuple(draw(st.lists(suppressions(at), max_size=draw(st.sampled_from([0, 0, 0, 1]))))),
        history=tuple(draw(st.lists(past_contacts(at), max_size=9))),
        debt="a",
    )


def verdict(request: ContactRequest) -> Verdict:
    return decide(request, RULEBOOK).verdict


def no_milder(before: Verdict, after: Verdict) -> bool:
    """Whether what was not allowed stays not allowed."""
    return before is Verdict.ALLOW or after is not Verdict.ALLOW


@settings(max_examples=100, deadline=None)
@given(questions(), st.data())
def test_another_no_never_turns_a_denial_into_an_allowance(request: ContactRequest, data: st.DataObject) -> None:
    no = data.draw(suppressions(request.at))
    assert no_milder(verdict(request), verdict(replace(request, suppressions=(*request.suppressions, no))))


@settings(max_examples=100, deadline=None)
@given(questions())
def test_a_consent_less_never_turns_a_denial_into_an_allowance(request: ContactRequest) -> None:
    for gone in range(len(request.consents)):
        fewer = (*request.consents[:gone], *request.consents[gone + 1 :])
        assert no_milder(verdict(request), verdict(replace(request, consents=fewer)))


@settings(max_examples=100, deadline=None)
@given(questions(), st.data())
def test_another_attempt_never_turns_a_denial_into_an_allowance(request: ContactRequest, data: st.DataObject) -> None:
    entry = data.draw(past_contacts(request.at))
    assert no_milder(verdict(request), verdict(replace(request, history=(*request.history, entry))))


@settings(max_examples=100, deadline=None)
@given(questions(), st.sampled_from(["America/Los_Angeles", "Pacific/Honolulu", "America/New_York", "Asia/Kolkata"]))
def test_another_possible_zone_never_turns_a_denial_into_an_allowance(request: ContactRequest, zone: str) -> None:
    # A stated zone stands for the whole country outside of the United States, so there the country's zones stand first.
    known = decide(request, RULEBOOK).time_zones
    first = replace(request, contact=replace(request.contact, time_zone=known[0])) if known else request
    if len(decide(first, RULEBOOK).time_zones) == 1 and known:
        both = replace(first, contact=replace(first.contact, time_zone=zone))
        if set(decide(both, RULEBOOK).time_zones) >= set(decide(first, RULEBOOK).time_zones):
            assert no_milder(verdict(first), verdict(both))


@settings(max_examples=100, deadline=None)
@given(questions())
def test_a_hold_ends_where_it_says_and_not_a_second_earlier(request: ContactRequest) -> None:
    answer = decide(request, RULEBOOK)
    if answer.next_allowed_at is None:
        assert answer.verdict is not Verdict.HOLD
        return
    # An agreed time was agreed for the moment of the question alone.
    lasting = tuple(replace(consent, agreed_time=False) for consent in request.consents)
    counted = tuple(consent for consent in lasting if consent.given_at <= request.at)
    then = replace(request, consents=counted)
    assert answer.next_allowed_at > request.at
    assert verdict(replace(then, at=answer.next_allowed_at)) is Verdict.ALLOW
    assert verdict(replace(then, at=answer.next_allowed_at - timedelta(seconds=1))) is not Verdict.ALLOW


@settings(max_examples=100, deadline=None)
@given(questions())
def test_no_moment_between_is_open(request: ContactRequest) -> None:
    answer = decide(request, RULEBOOK)
    if answer.next_allowed_at is None:
        return
    counted = tuple(
        replace(consent, agreed_time=False) for consent in request.consents if consent.given_at <= request.at
    )
    step = (answer.next_allowed_at - request.at) / 7
    for part in range(1, 7):
        then = replace(request, consents=counted, at=request.at + part * step)
        assert verdict(then) is not Verdict.ALLOW


@settings(max_examples=100, deadline=None)
@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(request: ContactRequest, random: Random) -> None:
    shuffled = replace(
        request,
        consents=random.sample(request.consents, len(request.consents)),
        suppressions=random.sample(request.suppressions, len(request.suppressions)),
        registries=random.sample(request.registries, len(request.registries)),
        history=random.sample(request.history, len(request.history)),
    )
    assert told(decide(request, RULEBOOK)) == told(decide(shuffled, RULEBOOK))


def told(answer: Answer) -> object:
    return answer.verdict, answer.next_allowed_at, [(rule.rule, rule.verdict, rule.until) for rule in answer.rules]


@settings(max_examples=100, deadline=None)
@given(questions())
def test_the_strictest_rule_stands_first_and_decides(request: ContactRequest) -> None:
    answer = decide(request, RULEBOOK, all_rules=True)
    strictness = [STRICTNESS[rule.verdict] for rule in answer.rules]
    assert strictness == sorted(strictness, reverse=True)
    assert answer.rules[0].verdict is answer.verdict
