"""A launch shows no number that cannot be called back."""

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import OwnedNumber
from orchestrator.domain.errors import UserError
from orchestrator.persistence import callers
from orchestrator.persistence.store import Store
from orchestrator.pipeline.callable_numbers import Elsewhere, require
from tests.integration.callers.builders import LONDON, MIAMI, NEW_YORK
from tests.world import NOON

US = "https://calls.example.com"
OURS = f"{US}/inbound/calls#rc=3&rp=all"


def own(carrier: InProcessCarrier, **answering: str | None) -> None:
    carrier.owned = {number: OwnedNumber(number=number, voice_url=url) for number, url in answering.items()}


def test_numbers_whose_calls_reach_us_are_noted(store: Store, carrier: InProcessCarrier) -> None:
    own(carrier, **{NEW_YORK: OURS, MIAMI: f"{US}/inbound/calls"})
    assert require(store, carrier, [NEW_YORK, MIAMI], US, NOON) == []
    with store.read() as tx:
        noted = callers.standing(tx, [NEW_YORK, MIAMI, LONDON], NOON)
    assert {address: one.called_back_at for address, one in noted.items()} == {
        NEW_YORK: NOON,
        MIAMI: NOON,
        LONDON: None,
    }


def test_a_number_that_reaches_somebody_else_is_told(store: Store, carrier: InProcessCarrier) -> None:
    own(carrier, **{NEW_YORK: "https://other.example.com/voice"})
    [elsewhere] = require(store, carrier, [NEW_YORK], US, NOON)
    assert elsewhere == Elsewhere(NEW_YORK, "https://other.example.com/voice")


@pytest.mark.parametrize(
    ("owned", "why"),
    [({}, "is no number of this account"), ({NEW_YORK: None}, "has no address that answers calls")],
)
def test_a_number_that_nobody_answers_is_refused_and_nothing_is_noted(
    store: Store, carrier: InProcessCarrier, owned: dict[str, str | None], why: str
) -> None:
    own(carrier, **{MIAMI: OURS, **owned})
    with pytest.raises(UserError) as refused:
        require(store, carrier, [MIAMI, NEW_YORK], US, NOON)
    assert str(refused.value).startswith(f"{NEW_YORK} {why}. ")
    assert f"{US}/inbound/calls" in str(refused.value)
    with store.read() as tx:
        assert callers.standing(tx, [MIAMI], NOON)[MIAMI].called_back_at is None
