"""Bought data wants a contract in force on the day and a proof that still stands at the moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from orchestrator.compliance.bought_data import NO_CONTRACT, NO_PROOF, lack_of
from orchestrator.domain.contact_request import Channel, ConsentChannel, ConsentFacts, ConsentLevel
from orchestrator.domain.paper import Bought, Contract, Origin

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TODAY, DAY, SECOND = date(2026, 11, 23), timedelta(days=1), timedelta(seconds=1)
LIST = Bought(list_id=1, name="leads", origin=Origin.PURCHASED, vendor="Lead House")
PROOF = ConsentFacts(channel=ConsentChannel.VOICE, level=ConsentLevel.ORAL, given_at=NOW, evidence=True)


@pytest.mark.parametrize(
    ("contract", "binds"),
    [
        (Contract(1, None, TODAY, TODAY), True),
        (Contract(1, None, TODAY + DAY, None), False),
        (Contract(1, None, TODAY - DAY, TODAY - DAY), False),
        (Contract(2, "Lead House", TODAY, None), False),
        (Contract(None, "Lead House", TODAY, None), True),
        (Contract(None, "Another House", TODAY, None), False),
        (Contract(None, None, TODAY, None), False),
    ],
)
def test_a_contract_is_about_the_list_or_its_vendor_and_in_force_that_day(contract: Contract, binds: bool) -> None:
    lack = lack_of([replace(LIST, contracts=(contract,))], [PROOF], Channel.VOICE, NOW)
    assert (None if lack is None else lack.rule) == (None if binds else NO_CONTRACT)


@pytest.mark.parametrize(
    ("change", "proves"),
    [
        ({}, True),
        ({"evidence": False}, False),
        ({"given_at": NOW + SECOND}, False),
        ({"withdrawn_at": NOW}, False),
        ({"withdrawn_at": NOW + SECOND}, True),
        ({"expires_at": NOW}, False),
        ({"expires_at": NOW + SECOND}, True),
        ({"channel": ConsentChannel.SMS}, False),
        ({"channel": ConsentChannel.ANY}, True),
    ],
)
def test_a_proof_stands_at_the_moment_and_covers_the_channel(change: dict[str, object], proves: bool) -> None:
    public = replace(LIST, origin=Origin.PUBLIC, vendor=None)
    lack = lack_of([public], [replace(PROOF, **change)], Channel.VOICE, NOW)  # type: ignore[arg-type]
    assert (None if lack is None else lack.rule) == (None if proves else NO_PROOF)


def test_one_list_with_a_contract_is_enough_and_no_list_asks_for_nothing() -> None:
    bound = replace(LIST, list_id=2, contracts=(Contract(2, None, TODAY, None),))
    assert lack_of([LIST, bound], [PROOF], Channel.VOICE, NOW) is None
    assert lack_of([], [], Channel.SMS, NOW) is None
