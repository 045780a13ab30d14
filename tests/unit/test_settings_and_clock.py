"""A missing or malformed setting is named at start, and a moved clock never decides about real people."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from orchestrator.clock import Clock
from orchestrator.domain.errors import SettingError
from orchestrator.settings import load

STARTED = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MOVED = "2026-11-23T15:00:00Z x30 @2026-11-22T02:00:00Z"


@pytest.mark.parametrize(("real_seconds", "world_seconds"), [(-3600, 0), (0, 0), (1, 30), (60, 1800), (3600.5, 108015)])
def test_the_clock_stands_until_its_anchor_and_then_runs_at_its_speed(
    real_seconds: float, world_seconds: float
) -> None:
    clock = Clock.parse(MOVED)
    with time_machine.travel(STARTED + timedelta(seconds=real_seconds), tick=False):
        assert clock.now() == datetime(2026, 11, 23, 15, 0, tzinfo=UTC) + timedelta(seconds=world_seconds)


def test_the_clock_reads_back_what_it_writes() -> None:
    assert Clock.parse(str(Clock.parse(MOVED))) == Clock.parse(MOVED)
    assert str(Clock()) == ""


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "2026-11-23T15:00:00Z x0 @2026-11-22T02:00:00Z", "2026-11-23T15:00:00 x30 @2026-11-22T02:00:00Z"],
)
def test_a_clock_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(SettingError, match='must read "START xSPEED @ANCHOR"'):
        Clock.parse(text)


@pytest.mark.parametrize("base", [None, "https://api.example.com", "https://10.0.0.7:8900"])
def test_a_moved_clock_is_refused_unless_the_carrier_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, base: str | None
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_CLOCK", MOVED)
    if base is not None:
        monkeypatch.setenv("ORCHESTRATOR_TWILIO_API_URL", base)
    with pytest.raises(SettingError, match="ORCHESTRATOR_CLOCK is refused"):
        load()


@pytest.mark.parametrize("base", ["http://127.0.0.1:8900", "http://localhost:8900", "http://[::1]:8900"])
def test_a_moved_clock_goes_with_a_carrier_on_loopback(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("ORCHESTRATOR_CLOCK", MOVED)
    monkeypatch.setenv("ORCHESTRATOR_TWILIO_API_URL", base)
    assert load().clock.speed == 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORCHESTRATOR_PUBLIC_URL", "calls.example.com"),
        ("ORCHESTRATOR_PUBLIC_URL", "https://my_host.example.com"),
        ("ORCHESTRATOR_TWILIO_API_URL", "http://10.0.0.7:8900"),
        ("ORCHESTRATOR_CALLS_PER_SECOND", "0"),
        ("ORCHESTRATOR_CALLS_PER_SECOND", "many"),
        ("ORCHESTRATOR_PLACEMENT_THREADS", "0"),
    ],
)
def test_a_malformed_setting_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=name) as error:
        load()
    assert value not in str(error.value) or value in {"0", "many"}


def test_a_missing_setting_is_named_by_its_environment_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    with pytest.raises(SettingError, match="TWILIO_AUTH_TOKEN is not set"):
        load().require("auth_token")


def test_secrets_never_print_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "a-token-to-hide")
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", "k1:c2VjcmV0")
    assert "a-token-to-hide" not in repr(load())
    assert "c2VjcmV0" not in repr(load())
