"""People see a number near them, and the same one each time."""

from dataclasses import replace

import pytest

from orchestrator.strategies.caller_id import choose_caller_id
from tests.unit.strategies.builders import VOICE

NEW_YORK, MIAMI, TAMPA, LONDON = "+12125550100", "+13055550101", "+18135550102", "+442079460018"
LOCAL = replace(VOICE, caller_ids=(NEW_YORK, MIAMI, TAMPA, LONDON), local_presence=True)
FLORIDA = {MIAMI: "US-FL", TAMPA: "US-FL", NEW_YORK: "US-NY", "+14075550110": "US-FL"}

FLORIDA_TOO = {**FLORIDA, "+18135550110": "US-FL"}


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        ("+12125550199", {NEW_YORK}),  # same area code
        ("+14075550110", {MIAMI, TAMPA}),  # same state
        ("+13125550110", {NEW_YORK, MIAMI, TAMPA}),  # same country
        ("+442079460100", {LONDON}),
        ("+61491570156", {NEW_YORK, MIAMI, TAMPA, LONDON}),  # nowhere near
    ],
)
def test_the_nearest_numbers_take_turns(to: str, shown: set[str]) -> None:
    seen = {choose_caller_id(LOCAL, to, contact, region_of=FLORIDA.get) for contact in range(24)}
    assert seen == shown


def test_a_contact_sees_the_same_number_each_time() -> None:
    assert len({choose_caller_id(LOCAL, "+13125550110", 7) for _ in range(5)}) == 1


def test_without_local_presence_all_take_turns() -> None:
    anywhere = replace(LOCAL, local_presence=False)
    assert {choose_caller_id(anywhere, "+12125550199", contact) for contact in range(8)} == set(LOCAL.caller_ids)


def test_a_resting_number_is_not_shown() -> None:
    assert choose_caller_id(LOCAL, "+12125550199", 1, resting={NEW_YORK}) in {MIAMI, TAMPA}


def test_a_near_number_that_rests_leaves_the_next_nearest() -> None:
    shown = {choose_caller_id(LOCAL, "+18135550110", n, resting={TAMPA}, region_of=FLORIDA_TOO.get) for n in range(9)}
    assert shown == {MIAMI}


def test_where_all_rest_none_is_shown() -> None:
    assert choose_caller_id(LOCAL, "+12125550199", 1, resting=set(LOCAL.caller_ids)) is None
