"""Which calls of a log were unlawful, which are unproven for want of facts, and by which rule."""

from typing import Any

import pytest

from tests.unit.audit.conftest import Audit, judged, lacking, standing

ADA, BEA, CY, DEE = "+12125550123", "+12125550124", "+13055550125", "+12125550126"
HEAD = "to,at,mode,outcome,ring\n"


def one(audit: Audit, row: str, *options: str, **lists: str) -> dict[str, Any]:
    [call] = judged(audit(HEAD + row + "\n", "--json", *options, **lists))
    return call


@pytest.mark.parametrize(
    ("at", "is_unlawful"),
    [
        ("2026-11-23T07:59:59-05:00", True),
        ("2026-11-23T08:00:00-05:00", False),
        ("2026-11-23T20:59:59-05:00", False),
        ("2026-11-23T21:00:00-05:00", True),
    ],
)
def test_a_call_outside_of_the_hours_was_unlawful(audit: Audit, at: str, is_unlawful: bool) -> None:
    call = one(audit, f"{ADA},{at},manual,busy,20")
    assert ("us.fcc.calling-window" in standing(call)) is is_unlawful
    assert call["finding"] == ("unlawful" if is_unlawful else "unproven")


def test_a_registry_that_nobody_asked_is_not_known_and_so_the_call_is_unproven(audit: Audit) -> None:
    call = one(audit, f"{ADA},2026-11-23T12:00:00-05:00,manual,busy,20")
    assert (call["decision"], call["finding"]) == ("refuse", "unproven")
    assert lacking(call) == {"whether us-national listed the number"}


def test_a_call_with_everything_known_and_nothing_against_it_was_lawful(audit: Audit) -> None:
    call = one(audit, f"{BEA},2026-11-23T12:00:00-05:00,predictive,busy,20")
    assert (call["decision"], call["finding"], call["rules"]) == ("allow", "lawful", [])


def test_a_call_after_a_no_was_unlawful_and_the_rule_is_cited(audit: Audit) -> None:
    call = one(audit, f"{CY},2026-11-23T12:00:00-05:00,manual,busy,20")
    assert call["finding"] == "unlawful"
    stop = next(rule for rule in call["rules"] if rule["rule"] == "stop.marketing")
    assert stop["class"] == "law"
    assert "47 CFR 64.1200(d)" in stop["citation"]
    assert stop["because"] == "The person said no: do not call."


@pytest.mark.parametrize(("day", "finding"), [("2026-11-22", "unproven"), ("2026-11-23", "unlawful")])
def test_a_no_with_its_date_binds_from_then_on(audit: Audit, day: str, finding: str) -> None:
    assert one(audit, f"{DEE},{day}T12:00:00-05:00,manual,busy,20")["finding"] == finding


def test_a_machine_call_to_a_mobile_without_consent_was_unlawful_where_the_list_tells_of_consents(audit: Audit) -> None:
    people = "Phone,Zip,Line Type,Consent\n+12125550130,10001,mobile,no\n"
    row = "+12125550130,2026-11-23T12:00:00-05:00,predictive,busy,20"
    assert "us.fcc.wireless-sales" in standing(one(audit, row, people=people))


def test_where_the_list_is_silent_about_consent_it_is_not_known(audit: Audit) -> None:
    people = "Phone,Zip,Line Type\n+12125550130,10001,mobile\n"
    call = one(audit, "+12125550130,2026-11-23T12:00:00-05:00,predictive,busy,20", people=people)
    assert call["finding"] == "unproven"
    assert "whether the person consented" in lacking(call)


def test_an_unknown_line_type_is_not_taken_for_a_mobile(audit: Audit) -> None:
    people = "Phone,Zip,Consent\n+12125550130,10001,no\n"
    call = one(audit, "+12125550130,2026-11-23T12:00:00-05:00,predictive,busy,20", people=people)
    assert "us.fcc.wireless-sales" not in standing(call)


@pytest.mark.parametrize(
    ("at", "finding"),
    [
        ("2026-11-24T01:30:00Z", "unproven"),  # 20:30 in Miami's time, 19:30 in Pensacola's: Florida closes at 20:00
        ("2026-11-24T02:30:00Z", "unlawful"),  # 21:30 and 20:30
    ],
)
def test_hours_are_broken_for_certain_only_if_they_are_wherever_the_person_may_be(
    audit: Audit, at: str, finding: str
) -> None:
    people = "Phone,Line Type\n+18505550100,landline\n"  # the area code lies in two time zones
    call = one(audit, f"+18505550100,{at},manual,busy,20", people=people)
    assert call["finding"] == finding
    assert call["decision"] == "refuse"


def test_calls_before_it_to_the_same_person_count_on_any_of_their_numbers(audit: Audit) -> None:
    people = "Phone,Phone 2,Zip,Line Type\n+13055550130,+13055550131,33101,landline\n"
    rows = [f"+1305555013{n % 2},2026-11-23T{10 + n}:00:00-05:00,manual,no answer,20,Roof" for n in range(4)]
    log = "to,at,mode,outcome,ring,campaign\n" + "\n".join(reversed(rows)) + "\n"
    calls = judged(audit(log, "--json", people=people))
    assert [call["line"] for call in calls] == [5, 4, 3, 2]
    assert ["us-fl.three-in-a-day" in standing(call) for call in calls] == [False, False, False, True]


def test_a_cap_by_subject_proves_nothing_where_no_subject_is_known(audit: Audit) -> None:
    people = "Phone,Zip,Line Type\n+13055550130,33101,landline\n"
    rows = [f"+13055550130,2026-11-23T{10 + n}:00:00-05:00,manual,no answer,20" for n in range(4)]
    calls = judged(audit(HEAD + "\n".join(rows) + "\n", "--json", people=people))
    assert "which subject each call was about" in lacking(calls[3])


def test_a_call_that_came_in_is_history_and_is_not_judged(audit: Audit) -> None:
    log = f"from,to,at,direction\n{ADA},+12125550100,2026-11-23T03:00:00-05:00,inbound\n"
    assert judged(audit(log, "--json")) == []
    assert "1  came in" in audit(log).stdout


def test_the_summary_counts_by_rule_with_citation_and_examples(audit: Audit) -> None:
    rows = [f"{ADA},2026-11-2{day}T06:30:00-05:00,manual,busy,20" for day in range(3, 8)]
    told = audit(HEAD + "\n".join(rows) + "\n").stdout
    assert "5 outbound calls, asked about as telemarketing by a commercial caller:" in told
    assert "5  unlawful" in told
    assert "us.fcc.calling-window (law): 47 CFR 64.1200(c)(1); 16 CFR 310.4(c)" in told
    assert told.count("it is 06:30 in New York's time zone") == 2 * 3  # three examples of each of two rules
    assert "1 people are marked do-not-call without a date" in told


def test_the_purpose_decides_which_rules_are_asked(audit: Audit) -> None:
    row = f"{ADA},2026-11-23T12:00:00-05:00,manual,busy,20"
    assert one(audit, row, "--purpose", "research")["finding"] == "lawful"
