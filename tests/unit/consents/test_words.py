"""What became of a consent, as `explain` tells it."""

from types import SimpleNamespace

import pytest

from orchestrator.domain.consent_event import ConsentState
from orchestrator.pipeline.explain_words import consented


def said(event: ConsentState, **facts: object) -> str:
    row = {"event": event.value, "channel": "sms", "purpose": None, "level": "express", "automated": False}
    proof = {"evidence_sealed": b"", "source": "own_form", "expires_at": None}
    return consented(SimpleNamespace(**{**row, **proof, **facts}), "+12125550107")  # type: ignore[arg-type]


@pytest.mark.parametrize("event", sorted(set(ConsentState) - {ConsentState.GIVEN}))
def test_every_event_has_its_words(event: ConsentState) -> None:
    assert said(event, purpose="debt_collection").startswith("Consent to messages for debt collection to +12125550107 ")


def test_a_consent_is_told_with_what_it_is_for_and_whether_it_is_proven() -> None:
    assert said(ConsentState.GIVEN) == (
        "A consent (express) to messages to +12125550107 was given from own form, with proof."
    )
    unproven = said(ConsentState.GIVEN, purpose="research", evidence_sealed=None)
    assert " for research " in unproven
    assert unproven.endswith("without proof, so it counts nowhere.")
