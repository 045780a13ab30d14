"""Consents for tests that need one and do not ask about the rest."""

from datetime import UTC, datetime
from typing import Any

from orchestrator.domain.consent_event import Collection, ConsentEvent, ConsentState, Evidence
from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, ConsentSource, Purpose

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NUMBER = "+12125550107"


def a_consent(seller: str, **facts: Any) -> ConsentEvent:
    """Somebody ticked a box for marketing texts, a moment ago."""
    said: dict[str, Any] = {
        "seller_id": seller,
        "number": NUMBER,
        "event": ConsentState.GIVEN,
        "channel": ConsentChannel.SMS,
        "level": ConsentLevel.EXPRESS,
        "purpose": Purpose.TELEMARKETING,
        "happened_at": NOW,
        "source": ConsentSource.OWN_FORM,
        "collection": Collection.WEB_FORM,
        "evidence": {Evidence.TEXT: "Yes, text me offers", Evidence.IP: "198.51.100.7"},
    }
    return ConsentEvent(**{**said, **facts})
