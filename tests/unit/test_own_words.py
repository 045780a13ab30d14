"""Every option that takes somebody's own words refuses the number of a payment card."""

from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from orchestrator.cli.main import app
from orchestrator.domain.errors import UserError

CARD = "4111 1111 1111 1111"
IN_OWN_WORDS = {
    *("about", "because", "complaint", "method", "note", "reason", "reference", "regulator", "verified", "what"),
    *("words", "party", "title", "chain", "data_source", "vendor", "officer", "officer_contact"),
}
REFUSED_LATER = {  # where they are kept, which console and API reach as well; tests of theirs see to it
    "agents dispose --note",
    "agents skip --reason",
    "callers rest --reason",
    "detection record --note",
    "rules accept --note",
    "twilio settle --note",
}


def _options(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    for inner in command.list_commands(None) if hasattr(command, "list_commands") else ():
        yield from _options(command.get_command(None, inner), f"{name} {inner}".strip())
    for param in command.params:
        if param.name in IN_OWN_WORDS and param.opts[0].startswith("--"):
            yield f"{name} {max(param.opts, key=len)}", param


OPTIONS = dict(_options(get_command(app)))


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_own_words_never_hold_a_card(name: str) -> None:
    param = OPTIONS[name]
    if param.callback is None:
        assert name in REFUSED_LATER
        return
    with pytest.raises(UserError, match="the number of a payment card"):
        param.callback(None, param, f"paid with {CARD}")
    assert param.callback(None, param, "as they said") == "as they said"


def test_what_is_said_to_be_refused_later_is_there() -> None:
    assert OPTIONS.keys() >= REFUSED_LATER
