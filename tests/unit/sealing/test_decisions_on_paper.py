"""What was decided, and on which facts, in words that a lawyer reads."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchestrator.domain.contact_request import (
    AbandonmentCounts,
    AttemptFacts,
    CallerFacts,
    CallerKind,
    CampaignFacts,
    Channel,
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    ContactFacts,
    LawfulBasis,
    LineType,
    Mode,
    PastContact,
    PastOutcome,
    Purpose,
    ReassignedAnswer,
    ReassignedResult,
    RegistryAnswer,
    SuppressionFacts,
    SuppressionKind,
)
from orchestrator.pipeline.evidence.fact_lines import fact_lines
from orchestrator.pipeline.evidence.item_lines import item_lines
from orchestrator.pipeline.facts_form import plain

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
EVERYTHING: dict[str, Any] = {
    "at": AT,
    "attempt": AttemptFacts(channel=Channel.VOICE, mode=Mode.PREVIEW, ring_timeout_seconds=25, amd=False),
    "contact": ContactFacts(
        number="+12125550102", line_type=LineType.MOBILE, country="US", time_zone="America/New_York"
    ),
    "consents": (
        ConsentFacts(
            channel=ConsentChannel.VOICE, level=ConsentLevel.EXPRESS_WRITTEN, given_at=AT - A_DAY, expires_at=AT + A_DAY
        ),
    ),
    "suppressions": (SuppressionFacts(kind=SuppressionKind.STOP_REPLY, channel=ConsentChannel.SMS, at=AT - A_DAY),),
    "registries": (RegistryAnswer(registry="us-national", obtained_at=AT - A_DAY, listed=True),),
    "reassigned": ReassignedAnswer(checked_at=AT - A_DAY, result=ReassignedResult.NO_DATA),
    "history": (
        PastContact(at=AT - A_DAY, channel=Channel.VOICE, outcome=PastOutcome.NO_ANSWER),
        PastContact(at=AT - 2 * A_DAY, channel=Channel.VOICE, outcome=PastOutcome.NO_ANSWER),
        PastContact(at=AT, channel=Channel.SMS, outcome=None),
    ),
    "campaign": CampaignFacts(
        purpose=Purpose.DEBT_COLLECTION,
        caller=CallerFacts(kind=CallerKind.DEBT_COLLECTOR, id="acme", registrations=("US-TX", "US-FL")),
        lawful_basis=LawfulBasis.LEGITIMATE_INTEREST,
        abandonment=AbandonmentCounts(live_answered=40, abandoned=1),
    ),
    "debt": "D-7",
}
IN_WORDS = """
Asked about: 2026-11-23 17:00:00 UTC.
Attempt: a preview call; longest ring in seconds: 25; answering-machine detection: no.
Contact: number: +12125550102; line type: mobile; country: US; time zone: America/New_York; subscriber: consumer; \
in a declared emergency: no; number at work: no.
Consent to calls, express written, given 2026-11-22 17:00:00 UTC; automated contact too: no; \
says how long it lasts: no; until: 2026-11-24 17:00:00 UTC; proof on file: no; given to this caller by name: yes; \
agreed to this very time: no.
No: stop reply, against messages, 2026-11-22 17:00:00 UTC; scope: all.
Registry us-national: listed, as of 2026-11-22 17:00:00 UTC.
Reassigned Numbers Database: no data, asked 2026-11-22 17:00:00 UTC.
Earlier contacts: 3 from 2026-11-21 17:00:00 UTC to 2026-11-23 17:00:00 UTC \
(outbound call, no answer: 2; outbound message, not ended yet: 1).
  2026-11-22 17:00:00 UTC: outbound call, no answer; answering-machine detection: no.
  2026-11-21 17:00:00 UTC: outbound call, no answer; answering-machine detection: no.
  2026-11-23 17:00:00 UTC: outbound message, not ended yet; answering-machine detection: no.
Caller: kind: debt collector; id: acme; registrations: US-TX, US-FL.
Campaign: purpose: debt collection; sells too: no; product: general; lawful basis: legitimate interest.
Its calls in the span that the rule on abandoned calls counts: live answered: 40; abandoned: 1; \
people taken for machines, by estimate: 0.
Debt: D-7.
""".strip().splitlines()
RULE = {
    "rule": "us-fl.registry",
    "decision": "refuse",
    "until": None,
    "class": "law",
    "citation": "Fla. Stat. 501.059",
    "because": "The number is listed.",
}


def test_all_that_the_gate_was_told_stands_there_in_words() -> None:
    facts = {name: plain(value) for name, value in EVERYTHING.items()}
    assert list(fact_lines(facts)) == IN_WORDS


@pytest.mark.parametrize("name", EVERYTHING)
def test_what_the_gate_was_not_told_is_not_spoken_of(name: str) -> None:
    facts = {key: plain(value) for key, value in EVERYTHING.items()}
    told = set(fact_lines({name: facts[name]}))
    assert told
    assert set(fact_lines({key: value for key, value in facts.items() if key != name})) == set(IN_WORDS) - told


def test_a_fact_that_this_version_has_no_words_for_is_shown_all_the_same() -> None:
    assert list(fact_lines({"new_fact": {"some_thing": True}})) == ["New fact: some thing: yes."]


def a_decision(**changes: Any) -> list[str]:
    facts = {"words": json.dumps({"at": AT.isoformat()}), "entry": {"log": "acme", "position": 2}}
    item = {
        "sentence": "The gate refused it.",
        "row": {"verdict": "refuse", "rules": ["us-fl.registry"]},
        "asked_again": {"agrees": True, "note": None},
        "rules": [RULE],
        "facts": facts,
        "entry": {"log": "acme", "position": 1},
    }
    return [line for _, line in item_lines({**item, **changes})]


def test_a_decision_is_told_with_its_rules_their_law_and_its_facts() -> None:
    assert a_decision() == [
        "The gate refused it.",
        "Refused: The number is listed. [Fla. Stat. 501.059; rule us-fl.registry, law]",
        "Asked again when this was made, under the same rules and facts, the gate gave the same answer.",
        "What the gate was told:",
        "Asked about: 2026-11-23 17:00:00 UTC.",
        "Sealed as entry 2 of the log 'acme'.",
        "As sealed: verdict: refuse; rules: us-fl.registry",
        "Sealed as entry 1 of the log 'acme'.",
    ]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"rules": [], "row": {"verdict": "allow", "rules": []}}, "No rule held or refused it."),
        ({"rules": []}, "Decided by: us-fl.registry."),
        (
            {"rules": [{**RULE, "because": "Listed (Fla. Stat. 501.059)."}]},
            "Refused: Listed (Fla. Stat. 501.059). [rule us-fl.registry, law]",
        ),
        (
            {
                "rules": [
                    {**RULE, "rule": "hours", "decision": "hold", "until": "2026-11-23T13:00:00Z", "citation": None}
                ]
            },
            "Held besides, until 2026-11-23 13:00:00 UTC: The number is listed. [rule hours, law]",
        ),
        (
            {"asked_again": {"agrees": None, "note": "The person was erased since."}},
            "The gate could not be asked again. The person was erased since.",
        ),
    ],
)
def test_a_decision_says_what_is_known_of_its_rules_and_no_more(changes: dict[str, Any], line: str) -> None:
    assert line in a_decision(**changes)


def test_a_repeated_hold_and_withheld_facts_are_borne() -> None:
    assert "What the gate was told:" not in a_decision(facts=None)
