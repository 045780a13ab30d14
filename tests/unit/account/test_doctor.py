"""Each look of the doctor: what is well, what bears watching, what fails, and that something is said to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from orchestrator.domain.account import AccountFacts, Answered, Finding, OwnNumber, ServiceFacts, Verdict
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierError, CarrierUnreachableError
from orchestrator.pipeline.doctor import examine
from orchestrator.pipeline.doctor_needs import Needs

Told = TypeVar("Told")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PUBLIC = "https://calls.example.com"
CALLER, OTHER, SERVICE = "+12125550100", "+12125550101", "MG" + "1" * 32
RETRY = "#rc=3&rp=all"
NUMBER = OwnNumber(
    sid="PN1",
    number=CALLER,
    voice=True,
    sms=True,
    voice_url=f"{PUBLIC}/inbound/calls{RETRY}",
    sms_url=f"{PUBLIC}/inbound/messages{RETRY}",
    status_url=None,
)
GOOD_SERVICE = ServiceFacts(
    sid=SERVICE, inbound_url=f"{PUBLIC}/inbound/messages", by_number=False, us_campaigns=("VERIFIED",)
)
ACCOUNT = AccountFacts(
    status="active",
    is_trial=False,
    opened_at=datetime(2025, 1, 1, tzinfo=UTC),
    carrier_time=NOW,
    round_trip_seconds=0.2,
)
UP, NOTHING_THERE, REFUSED = Answered(200, "ok"), Answered(404), Answered(403)
NEEDS = Needs(
    public_url=PUBLIC,
    calls_per_second=1.0,
    callers=(CALLER,),
    texters=(),
    services=(SERVICE,),
    countries=("US",),
    agents=5,
)


@dataclass
class Patient:
    """A Survey whose answers the test sets; an error among them is raised."""

    facts: AccountFacts | CarrierError = ACCOUNT
    token: bool | CarrierError = True
    own: Sequence[OwnNumber] | CarrierError = (NUMBER,)
    verified: frozenset[str] = frozenset()
    waits: Sequence[int] | CarrierError = (0,) * 200
    profiles: int | CarrierError = 1
    closed: frozenset[str] = frozenset()
    services: dict[str, ServiceFacts] = field(default_factory=lambda: {SERVICE: GOOD_SERVICE})

    def account(self) -> AccountFacts:
        return said(self.facts)

    def token_works(self) -> bool:
        return said(self.token)

    def numbers(self) -> Sequence[OwnNumber]:
        return said(self.own)

    def verified_callers(self) -> frozenset[str]:
        return self.verified

    def queue_times_ms(self) -> Sequence[int]:
        return said(self.waits)

    def approved_profiles(self) -> int:
        return said(self.profiles)

    def may_call(self, country: str) -> bool:
        return country not in self.closed

    def service(self, sid: str) -> ServiceFacts | None:
        return self.services.get(sid)


def said(answer: Told | CarrierError) -> Told:
    if isinstance(answer, CarrierError):
        raise answer
    return answer


@dataclass
class Door:
    """A Probe whose answers the test sets."""

    well: Answered = UP
    right: Answered = NOTHING_THERE
    wrong: Answered = REFUSED

    def health(self) -> Answered:
        return self.well

    def signed(self) -> Answered:
        return self.right

    def tampered(self) -> Answered:
        return self.wrong


def looked(patient: Patient | None = None, door: Door | None = None, needs: Needs = NEEDS) -> dict[str, list[Finding]]:
    """What the doctor found, by check."""
    findings = examine(patient or Patient(), door or Door(), needs, lambda: NOW + timedelta(seconds=0.1))
    return {one.check: [other for other in findings if other.check == one.check] for one in findings}


def verdict(found: dict[str, list[Finding]], check: str) -> Verdict:
    """The worst of that check; whatever is not well says what to do."""
    findings = found[check]
    assert all(one.do for one in findings if one.verdict is not Verdict.OK)
    return max((one.verdict for one in findings), key=list(Verdict).index)


def test_an_account_that_is_well_has_no_other_finding() -> None:
    found = looked()
    assert {one.verdict for findings in found.values() for one in findings} == {Verdict.OK}
    assert list(found) == [
        "credentials", "auth token", "clock", "region", "callback reachability", "callback signature", "concurrency",
        "numbers", "messaging", "a2p", "calls per second", "geo permissions",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "word"),
    [(AccountMisconfiguredError(carrier_code=20003), "20003"), (CarrierUnreachableError(), "no answer")],
)
def test_an_account_that_cannot_be_asked_leaves_what_needs_no_account(error: CarrierError, word: str) -> None:
    found = looked(Patient(facts=error))
    assert list(found) == ["credentials", "callback reachability", "callback signature"]
    assert verdict(found, "credentials") is Verdict.FAIL
    assert word in found["credentials"][0].seen


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"status": "suspended"}, Verdict.FAIL), ({"is_trial": True}, Verdict.WARN), ({}, Verdict.OK)],
)
def test_the_account_must_be_active(changes: dict[str, object], expected: Verdict) -> None:
    found = looked(Patient(facts=replace(ACCOUNT, **changes)))  # type: ignore[arg-type]
    assert verdict(found, "credentials") is expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [(True, Verdict.OK), (False, Verdict.FAIL), (CarrierUnreachableError(), Verdict.FAIL)],
)
def test_the_auth_token_is_tried_by_itself(token: bool | CarrierError, expected: Verdict) -> None:
    assert verdict(looked(Patient(token=token)), "auth token") is expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, Verdict.OK),
        (2, Verdict.OK),
        (-2, Verdict.OK),
        (3, Verdict.WARN),
        (-3, Verdict.WARN),
        (30, Verdict.WARN),
        (31, Verdict.FAIL),
        (-31, Verdict.FAIL),
    ],
)
def test_the_clocks_are_held_against_each_other(seconds: int, expected: Verdict) -> None:
    facts = replace(ACCOUNT, carrier_time=NOW + timedelta(seconds=seconds))
    assert verdict(looked(Patient(facts=facts)), "clock") is expected


def test_a_clock_that_cannot_be_compared_is_a_warning() -> None:
    assert verdict(looked(Patient(facts=replace(ACCOUNT, carrier_time=None))), "clock") is Verdict.WARN


def test_a_region_of_the_environment_and_a_long_way_are_warned_of() -> None:
    elsewhere = looked(needs=replace(NEEDS, ignored=("TWILIO_REGION",)))
    assert verdict(elsewhere, "region") is Verdict.WARN
    assert "TWILIO_REGION" in elsewhere["region"][0].seen
    assert verdict(looked(Patient(facts=replace(ACCOUNT, round_trip_seconds=1.1))), "region") is Verdict.WARN


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (Answered(None, why="no connection could be made"), "no connection"),
        (Answered(502, "bad gateway"), "502"),
        (Answered(200, "<html>"), "not as the callbacks server"),
        (Answered(301, "", location="https://www.example.com/health"), "sends on"),
    ],
)
def test_an_address_that_is_not_ours_fails_and_gets_no_signed_request(answer: Answered, word: str) -> None:
    found = looked(door=Door(well=answer))
    assert verdict(found, "callback reachability") is Verdict.FAIL
    assert word in found["callback reachability"][0].seen
    assert "callback signature" not in found


def test_plain_http_is_warned_of() -> None:
    found = looked(needs=replace(NEEDS, public_url="http://calls.example.com"))
    assert verdict(found, "callback reachability") is Verdict.WARN


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(403, 403), (500, 403), (None, 403), (404, 404), (404, 200), (404, None)],
)
def test_a_signature_must_pass_and_a_tampered_one_must_not(right: int | None, wrong: int | None) -> None:
    found = looked(door=Door(right=Answered(right), wrong=Answered(wrong)))
    assert verdict(found, "callback signature") is Verdict.FAIL


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Verdict.OK),
        ({"voice": False}, Verdict.FAIL),
        ({"voice_url": None}, Verdict.FAIL),
        ({"voice_url": f"{PUBLIC}/inbound/callsign{RETRY}"}, Verdict.FAIL),
        ({"voice_url": f"https://old.example.com/inbound/calls{RETRY}"}, Verdict.FAIL),
        ({"voice_url": f"{PUBLIC}/inbound/calls"}, Verdict.WARN),
        ({"diverted_to": "AP1"}, Verdict.FAIL),
        ({"sms": False, "sms_url": None}, Verdict.OK),  # it only calls
        ({"number": OTHER}, Verdict.FAIL),  # and ours is nobody's
    ],
)
def test_a_caller_id_must_be_owned_able_and_answered_here(changes: dict[str, object], expected: Verdict) -> None:
    found = looked(Patient(own=[replace(NUMBER, **changes)]))  # type: ignore[arg-type]
    assert verdict(found, "numbers") is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Verdict.OK),
        ({"sms": False}, Verdict.FAIL),
        ({"sms_url": None}, Verdict.FAIL),
        ({"voice": False, "voice_url": None}, Verdict.OK),  # it only texts
    ],
)
def test_a_sender_must_be_owned_able_and_answered_here(changes: dict[str, object], expected: Verdict) -> None:
    needs = replace(NEEDS, callers=(), texters=(CALLER, "ACME"))
    assert verdict(looked(Patient(own=[replace(NUMBER, **changes)]), needs=needs), "numbers") is expected  # type: ignore[arg-type]


def test_a_caller_id_of_somebody_else_may_be_shown_and_not_texted_from() -> None:
    patient = Patient(own=(), verified=frozenset({CALLER}))
    assert verdict(looked(patient), "numbers") is Verdict.WARN
    texting = replace(NEEDS, callers=(), texters=(CALLER,))
    assert verdict(looked(patient, needs=texting), "numbers") is Verdict.FAIL


def test_no_finding_shows_a_whole_number() -> None:
    found = looked(Patient(own=()), needs=replace(NEEDS, texters=(OTHER,)))
    text = str(found)
    assert CALLER[1:] not in text
    assert OTHER[1:] not in text


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (GOOD_SERVICE, Verdict.OK),
        (None, Verdict.FAIL),
        (replace(GOOD_SERVICE, inbound_url=None), Verdict.FAIL),
        (replace(GOOD_SERVICE, inbound_url=None, by_number=True), Verdict.OK),
        (replace(GOOD_SERVICE, inbound_url="https://old.example.com/inbound/messages"), Verdict.FAIL),
    ],
)
def test_a_messaging_service_must_be_there_and_answered_here(service: ServiceFacts | None, expected: Verdict) -> None:
    assert verdict(looked(Patient(services={SERVICE: service} if service else {})), "messaging") is expected


@pytest.mark.parametrize(
    ("states", "countries", "expected"),
    [
        (("VERIFIED",), ("US",), Verdict.OK),
        (("FAILED", "VERIFIED"), ("US",), Verdict.OK),
        (("IN_PROGRESS",), ("US",), Verdict.WARN),
        (("FAILED",), ("US",), Verdict.FAIL),
        ((), ("US",), Verdict.FAIL),
        ((), ("CA", "GB"), Verdict.OK),
    ],
)
def test_texts_to_the_us_need_a_verified_campaign(
    states: tuple[str, ...], countries: tuple[str, ...], expected: Verdict
) -> None:
    patient = Patient(services={SERVICE: replace(GOOD_SERVICE, us_campaigns=states)})
    assert verdict(looked(patient, needs=replace(NEEDS, countries=countries)), "a2p") is expected


@pytest.mark.parametrize(("number", "expected"), [(CALLER, Verdict.WARN), ("+18885550100", Verdict.OK)])
def test_a_long_code_that_texts_the_us_by_itself_is_warned_of(number: str, expected: Verdict) -> None:
    assert verdict(looked(needs=replace(NEEDS, services=(), texters=(number,))), "a2p") is expected


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ((), Verdict.WARN),
        ((2000,), Verdict.OK),
        ((2001,), Verdict.WARN),
        ((10_000,), Verdict.WARN),
        ((10_001,), Verdict.FAIL),
        ((0,) * 9 + (60_000,), Verdict.FAIL),  # the tenth of ten is one in ten
        ((0,) * 10 + (60_000,), Verdict.OK),
    ],
)
def test_calls_that_queue_at_the_carrier_are_too_many(waits: Sequence[int], expected: Verdict) -> None:
    assert verdict(looked(Patient(waits=waits)), "calls per second") is expected


@pytest.mark.parametrize(
    ("changes", "profiles", "agents", "expected"),
    [
        ({"is_trial": True}, 1, 2, Verdict.WARN),
        ({"is_trial": True}, 1, 3, Verdict.FAIL),
        ({"opened_at": datetime(2026, 2, 2, 23, 59, 59, tzinfo=UTC)}, 0, 50, Verdict.OK),
        ({"opened_at": datetime(2026, 2, 3, tzinfo=UTC)}, 0, 1, Verdict.WARN),
        ({"opened_at": datetime(2026, 2, 3, tzinfo=UTC)}, 0, 2, Verdict.FAIL),
        ({"opened_at": datetime(2026, 2, 3, tzinfo=UTC)}, 1, 50, Verdict.OK),
        ({"opened_at": None}, 0, 2, Verdict.FAIL),
    ],
)
def test_each_agent_in_talk_needs_two_calls_at_once(
    changes: dict[str, object], profiles: int, agents: int, expected: Verdict
) -> None:
    patient = Patient(facts=replace(ACCOUNT, **changes), profiles=profiles)  # type: ignore[arg-type]
    assert verdict(looked(patient, needs=replace(NEEDS, agents=agents)), "concurrency") is expected


def test_a_country_that_twilio_refuses_is_named() -> None:
    found = looked(Patient(closed=frozenset({"FR"})), needs=replace(NEEDS, countries=("FR", "US")))
    assert verdict(found, "geo permissions") is Verdict.FAIL
    assert "FR" in found["geo permissions"][0].seen
    assert "US" not in found["geo permissions"][0].seen


def test_one_question_that_is_refused_leaves_the_others() -> None:
    found = looked(Patient(own=AccountMisconfiguredError(carrier_code=20403), waits=CarrierError(carrier_code=20001)))
    assert verdict(found, "numbers") is Verdict.FAIL
    assert verdict(found, "calls per second") is Verdict.FAIL
    assert verdict(found, "geo permissions") is Verdict.OK
