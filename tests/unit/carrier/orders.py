"""Orders and settings that name only what matters."""

from uuid import UUID

from orchestrator.domain.carrier import CallOrder, MessageOrder
from orchestrator.settings import Settings

ACCOUNT, TOKEN = "AC" + "7" * 32, "a-token-of-tests"
ATTEMPT = UUID("019ab4a0-0000-7000-8000-000000000001")
PERSON, CALLER_ID = "+12125550123", "+12125550100"


def settings(**others: object) -> Settings:
    values = {"public_url": "https://calls.example.com", "account_sid": ACCOUNT, "auth_token": TOKEN, **others}
    return Settings(**values)  # type: ignore[arg-type]


def a_call(**others: object) -> CallOrder:
    values = {"reference": ATTEMPT, "to": PERSON, "from_": CALLER_ID, "ring_timeout_seconds": 25, **others}
    return CallOrder(**values)  # type: ignore[arg-type]


def a_message(**others: object) -> MessageOrder:
    values = {"reference": ATTEMPT, "to": PERSON, "from_": CALLER_ID, "body": "Hi", "validity_seconds": 600, **others}
    return MessageOrder(**values)  # type: ignore[arg-type]
