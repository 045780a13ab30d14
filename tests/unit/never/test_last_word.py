"""After any history of consents, withdrawals, stops, erasures and imports a last no holds on every path."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.contact_request import Channel
from orchestrator.installation import prove
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.settings import Settings
from tests.unit.never.deeds import DEEDS
from tests.unit.never.last_words import ALL, SALES, TEXTS, Kind
from tests.unit.never.life import Life
from tests.world import CONFIG, THREE_RULES, World, rulebook_of

QUICKLY = (Phase.reuse, Phase.generate, Phase.shrink)
NOES = (CONFIG / "rules" / "everywhere" / "suppression.toml").read_text("utf-8")
# What a no forbids is the law's own; all else is let through, so that nothing but the no holds anybody back.
LENIENT = THREE_RULES.split("[[suppression]]", 1)[0] + NOES


@contextmanager
def a_life(template: Path, keyring: Keyring) -> Iterator[Life]:
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{shutil.copy(template, Path(folder) / 'life.sqlite3')}")
        carrier = InProcessCarrier(now=lambda: world.now)
        world = World(prove(Store(engine, keyring), Settings()), carrier, rulebook=rulebook_of(LENIENT))
        try:
            yield Life(world, Path(folder))
        finally:
            world.close()
            engine.dispose()


def live_through(life: Life, story: Sequence[str]) -> int:
    """Every deed a minute after the last, and what it led to is looked at; how many orders the carrier was given."""
    orders = 0
    for name in story:
        life.world.now += timedelta(minutes=1)
        DEEDS[name](life)
        for reach in life.new_orders():
            orders += 1
            told = life.words.forbid(reach.numbers, reach.kind)
            assert not told or (reach.asks and "restriction" not in told), (name, reach, told)
        life.settle_cancellations()
        for reach in life.still_on_their_way():
            assert not life.words.forbid(reach.numbers, reach.kind) or reach.asks, ("is not taken back", name, reach)
    return orders


@given(story=some.lists(some.sampled_from(sorted(DEEDS)), min_size=4, max_size=14))
@settings(max_examples=20, deadline=None, phases=QUICKLY, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_contacts_anybody_whose_last_word_was_no(
    sqlite_template: Path, keyring: Keyring, story: list[str]
) -> None:
    with a_life(sqlite_template, keyring) as life:
        live_through(life, ["agrees to all", "a list with both", "campaigns", *story, "campaigns", "work"])


ASKS = "asks what it is about"
HELD_BACK: list[tuple[str, list[str]]] = [
    ("a list claims a yes after an objection", ["objects", "a list that claims a yes"]),
    ("a ledger claims a yes after a STOP", ["STOP", "a ledger that claims a yes"]),
    ("START after a letter", ["withdraws all", "STOP", "START"]),
    ("a list says no after an objection, which service outlives", ["objects", "a ledger says no"]),
    ("a list says no after a yes that answered a STOP", ["STOP", "agrees to all", "a list says no"]),
    ("the purpose alone is taken back", ["withdraws from service", "objects"]),
    (
        "staff answers after a STOP from another number of theirs",
        ["STOP from the landline", ASKS, "an answer by staff"],
    ),
    (
        "asked to renew after a STOP from another number of theirs",
        ["agrees for a while", "STOP from the landline", "is asked to renew"],
    ),
]


@pytest.mark.parametrize(("why", "story"), HELD_BACK, ids=[why for why, _ in HELD_BACK])
def test_these_histories_end_in_silence(sqlite_template: Path, keyring: Keyring, why: str, story: list[str]) -> None:
    """Each was a contact once."""
    with a_life(sqlite_template, keyring) as life:
        live_through(life, ["agrees to all", "a list with both", *story])
        live_through(life, ["campaigns", "work", "a day", "work"])


def test_whoever_did_not_say_no_is_asked_to_renew_once(sqlite_template: Path, keyring: Keyring) -> None:
    with a_life(sqlite_template, keyring) as life:
        asked = live_through(life, ["a list with both", "agrees for a while", *["is asked to renew", "a day"] * 4])
    assert asked == 1


HOURS = ("work", "calls and texts end", "an hour") * 6
HEARD: list[tuple[list[str], set[Kind]]] = [
    ([], set(ALL)),
    (["STOP", "agrees to all"], set(ALL)),
    (["withdraws from sales"], set(ALL - SALES)),
    (["STOP", "START"], set(TEXTS)),
    (["is erased", "signs up"], {Kind(sells=True, channel=Channel.SMS)}),
]


@pytest.mark.parametrize(("story", "kinds"), HEARD, ids=[" ".join(story) or "nothing" for story, _ in HEARD])
def test_whoever_did_not_say_no_is_reached(
    sqlite_template: Path, keyring: Keyring, story: list[str], kinds: set[Kind]
) -> None:
    """Else the property would hold of a product that contacts nobody."""
    with a_life(sqlite_template, keyring) as life:
        live_through(life, ["agrees to all", "a list with both", *story, "a day"])
        reached = set()
        for name in ("campaigns", *HOURS):
            DEEDS[name](life)
            reached |= {one.kind for one in life.new_orders()}
    assert reached == kinds
