"""No command opens what is sealed about people without a note of who read it, or a reason why it needs none."""

from functools import cache

import pytest

from tests.unit.accountability.commands import commands
from tests.unit.accountability.reach import Source

NOTING = "orchestrator.persistence.accesses.record"
A_CARD = "a preview is one person at a time, which is the work itself: the offer is its note"
NOT_SHOWN = "the numbers are compared or counted, and none is shown"
BEYOND = {  # what opens and shows nobody on a list
    "orchestrator.bootstrap.replay_erasures": "every start does again what erasures did; it shows nobody anything",
    "orchestrator.persistence.sealing.logs.key_of": "keys of the logs are nobody's data",
    "orchestrator.persistence.sealing.signing.signing_key": "the installation's own key",
    "orchestrator.persistence.protection.of_seller": "who answers for data is named to be shown",
}
TAKEN_AWAY = "an erasure or a run of retention opens what goes, and shows nothing of it"
DECLARED = {
    "agents callback": A_CARD,
    "agents dial": A_CARD,
    "agents offer": A_CARD,
    "campaigns launch": NOT_SHOWN,
    "campaigns preflight": NOT_SHOWN,
    "campaigns resume": NOT_SHOWN,
    "consents expiring": "numbers are opened for the law of their country; ids and days are shown",
    "consents import": "a person's numbers are opened so that their no reaches each of them, and none is shown",
    "documents show": "a paper of the seller's, and nobody's on a list",
    "opt-ins renew": "numbers are opened to be written to and for the law of their country, and shown by two digits",
    "messages answer": "the number is opened to be written to, and not shown",
    "messages threads": "numbers are shown by their last two digits",
    "restore": TAKEN_AWAY,
    "retention holds": "why a hold was placed is shown, and nobody's number",
    "retention preview": NOT_SHOWN,
    "retention run": TAKEN_AWAY,
    "rights continue": TAKEN_AWAY,
    "rights erase": TAKEN_AWAY,
    "rights journal replay": TAKEN_AWAY,
    "rights rectify": "one person's fields are changed as they asked; what was there before is sealed",
    "demo": "its people are invented, and it only counts them",
    "lists import": "profiles are opened to find who is on record already; the rejects are of the file itself",
    "lists scrub": NOT_SHOWN,
    "rehearse": "people are copied into memory and shown as counts; numbers are masked",
    "twilio reconcile": "alarms show masked numbers",
    "worker": "it contacts people, and shows nobody anything",
}


@cache
def source() -> Source:
    return Source.read()


@pytest.mark.parametrize(("name", "function"), sorted(commands()))
def test_whoever_opens_what_is_sealed_is_noted_or_declared_with_a_reason(name: str, function: str) -> None:
    assert function in source().definitions, "the walker does not know this command"
    opened = source().opened(function, BEYOND)
    opens = bool(opened)
    notes = NOTING in source().reached(function, BEYOND)
    assert not opens or notes or name in DECLARED, f"{name} opens {sorted(opened)}"
    assert (name in DECLARED) <= (opens and not notes), f"{name} is declared and need not be"


def test_every_declared_command_is_one() -> None:
    assert set(DECLARED) <= {name for name, _ in commands()}


def test_a_command_that_opens_in_secret_is_found_however_far_away() -> None:
    found = Source()
    found.add("cli.peep", "from pipeline import far\ndef peep():\n    far.look()\n")
    look = "HOW = [lambda: _read()]\ndef look():\n    HOW[0]()\n"
    found.add("pipeline.far", f"{look}def _read(store):\n    store.keyring.open(1, 'x')\n")
    assert found.opened("cli.peep.peep") == {"pipeline.far._read"}
