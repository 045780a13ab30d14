"""What a record of a list claims, as an entry of the ledger."""

from datetime import UTC, datetime

import pytest

from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, ConsentSource, Purpose
from orchestrator.pipeline.intake.consent_cells import ConsentClaim
from orchestrator.pipeline.intake.rows import consent_event

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def a_claim(text: str, source: ConsentSource | None = None) -> ConsentClaim:
    return ConsentClaim(
        channel=ConsentChannel.SMS,
        level=ConsentLevel.EXPRESS,
        given_at=NOW,
        source=source,
        evidence={"text": text},
        purpose=Purpose.TELEMARKETING,
    )


@pytest.mark.parametrize(
    ("text", "source", "named", "ours"),
    [
        ("I agree", None, None, True),
        ("I agree", ConsentSource.PURCHASED_LIST, None, False),
        ("I agree that ACME roofing may text me", ConsentSource.PURCHASED_LIST, "Acme Roofing", True),
        ("I agree that partners may text me", None, "Acme Roofing", False),
        ("", None, "Acme Roofing", False),
    ],
)
def test_a_consent_on_a_bought_list_is_the_sellers_where_its_text_names_them(
    text: str, source: ConsentSource | None, named: str | None, ours: bool
) -> None:
    assert consent_event("acme", a_claim(text, source), NOW, named=named).to_caller is ours


def test_consents_are_told_apart_by_what_they_are_for() -> None:
    claim = a_claim("I agree")
    assert claim.identity(b"key")[-2:] == ("telemarketing", NOW)
