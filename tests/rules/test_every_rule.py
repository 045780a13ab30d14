"""Each case names one rule, what changes about a question that passes, and what that rule says at each moment.

A row is [moment, what the rule says, next_allowed_at where it holds]; the whole answer says the same, but where a case
gives a ``decision`` of its own ("any" where other rules have a say that is not the case's matter).
"""

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain.decision import Verdict
from tests.rules.questions import BASES, RULEBOOK, ask, resolve
from tests.rules.test_windows import SPECIAL, WINDOWS

FILES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
CASES = [case for file in FILES for case in tomllib.loads(file.read_text("utf-8"))["case"]]
WORDINGS = {rule.id for rule in RULEBOOK.wordings}  # asked about words: tests.rules.test_wording
ELSEWHERE = {row["rule"] for row in (*WINDOWS, *SPECIAL)}


def rows() -> Iterator[Any]:
    for case in CASES:
        for row in case["rows"]:
            yield pytest.param(case, row, id=f"{case['rule']}: {case['name']} at {row[0]}")


@pytest.mark.parametrize(("case", "row"), list(rows()))
def test_the_rule_says_what_its_row_says(case: dict[str, Any], row: list[str]) -> None:
    at, says, *until = row
    answer = ask(case["base"], at, case.get("set"))
    said = {rule.rule: rule for rule in answer.rules}
    assert says == (said[case["rule"]].verdict if case["rule"] in said else "silent")
    expected = case.get("decision", "allow" if says == "silent" else says)
    against = [rule for rule in answer.rules if rule.verdict is not Verdict.ALLOW]
    assert expected in {answer.verdict, "any"}, against
    if until:
        assert answer.next_allowed_at == datetime.fromisoformat(until[0])


@pytest.mark.parametrize(
    ("case", "row"),
    [
        pytest.param(case, row, id=f"{case['rule']}: {case['name']} at {row[0]}")
        for case in CASES
        for row in case["rows"]
        if len(row) > 2
    ],
)
def test_a_hold_ends_where_the_answer_says_and_not_a_second_earlier(case: dict[str, Any], row: list[str]) -> None:
    fixed = fix(case.get("set", {}), row[0])
    opens = datetime.fromisoformat(row[2])
    base = fixed_base(case["base"], row[0])
    assert ask(base, opens.isoformat(), fixed).verdict is Verdict.ALLOW
    assert ask(base, (opens - timedelta(seconds=1)).isoformat(), fixed).verdict is not Verdict.ALLOW


def fix(changes: dict[str, Any], at: str) -> dict[str, Any]:
    fixed: dict[str, Any] = resolve(changes, datetime.fromisoformat(at))
    return fixed


def fixed_base(base: str, at: str) -> str:
    """The base with its own moments counted from the first moment, not from the one that is asked about."""
    name = f"{base} as of {at}"
    BASES[name] = fix(BASES[base], at)
    return name


def test_every_rule_of_the_rulebook_is_asked_about() -> None:
    asked = {case["rule"] for case in CASES} | ELSEWHERE | WORDINGS
    assert {rule.id for rule in RULEBOOK.rules} - asked == set()
    assert asked - {rule.id for rule in RULEBOOK.rules} == set()


def test_every_rule_that_can_say_no_is_seen_saying_both() -> None:
    permissions = {rule.id for rule in RULEBOOK.rules if rule.heading.kind == "permission"}
    for rule in {case["rule"] for case in CASES} - permissions - ELSEWHERE:
        said = {row[1] for case in CASES if case["rule"] == rule for row in case["rows"]}
        assert said & {"hold", "refuse"}, rule
        assert said & {"allow", "silent"}, rule
