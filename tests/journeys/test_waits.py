"""ORCHESTRATOR_WAITS shortens leases and rescue's patience, and never towards a real carrier."""

import pytest

from orchestrator.domain.errors import SettingError
from orchestrator.pipeline.engine import Waits
from orchestrator.settings import load, parse_waits

LOOPBACK = "http://127.0.0.1:8900"


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        (None, Waits()),
        ("", Waits()),
        ("lease=2", Waits(lease=2)),
        (" lease=2 , doubt=0.25,silence=1,http=0.5", Waits(lease=2, doubt=0.25, silence=1, http=0.5)),
    ],
)
def test_what_is_not_named_stays_as_it_is(text: str | None, waits: Waits) -> None:
    assert Waits(**parse_waits(text)) == waits


@pytest.mark.parametrize("text", ["lease", "lease=", "lease=-1", "lease=soon", "patience=3", "lease=1;doubt=2"])
def test_what_cannot_be_read_says_how_it_is_written(text: str) -> None:
    with pytest.raises(SettingError, match=r'must read "lease=2,doubt=0.2".* doubt, http, lease, silence'):
        parse_waits(text)


def test_other_waits_are_refused_unless_the_carrier_is_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_WAITS", "lease=2")
    monkeypatch.delenv("ORCHESTRATOR_TWILIO_API_URL", raising=False)
    with pytest.raises(SettingError, match="ORCHESTRATOR_WAITS is refused unless"):
        load()
    monkeypatch.setenv("ORCHESTRATOR_TWILIO_API_URL", LOOPBACK)
    assert load().waits == {"lease": 2.0}
