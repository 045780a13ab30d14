"""A declared emergency wakes the rules that ask for one, for those who may be there, and for as long as it lasts."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from orchestrator.domain.contact_request import ContactFacts
from orchestrator.domain.emergency import Emergency
from orchestrator.domain.enrollment import EnrollmentStage
from orchestrator.persistence import emergencies as stored
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.pipeline.emergencies import meets
from orchestrator.pipeline.emergency_feed import EmergencyFeed
from orchestrator.pipeline.law_in_force import standing
from orchestrator.pipeline.law_watch import LawWatch
from tests.world import NOON, THREE_RULES, World, files_of, numbers, rulebook_of

BANS = (
    THREE_RULES
    + """
[[prohibition]]
id = "test.emergency-ban"
applies = { jurisdiction = "US-NY", channel = ["voice"], purpose = "telemarketing" }
mark = "declared_emergency"
because = "An emergency is declared there."
cure = "jurisdiction"
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
"""
)
NEW_YORK = Emergency(
    name="storm",
    jurisdiction="US-NY",
    since=NOON - timedelta(hours=1),
    until=NOON + timedelta(hours=2),
    source="https://governor.example/orders",
    citation="Executive Order 1",
)
FEED = """
[[emergency]]
id = "storm"
jurisdiction = "{place}"
from = 2026-11-23T16:00:00Z
until = {until}
source = "https://governor.example/orders"
citation = "Executive Order 1"
"""


@pytest.fixture
def banned(world: World) -> World:
    """The three rules and a ban in emergencies."""
    world.engine = replace(world.engine, rulebook=rulebook_of(BANS))
    world.dispatcher = replace(world.dispatcher, engine=world.engine)
    return world


@pytest.fixture
def watch(banned: World, tmp_path: Path) -> LawWatch:
    """A worker's watch with a feed file, which is empty."""
    path = tmp_path / "feed.toml"
    path.write_text("emergency = []\n")
    files = files_of(BANS)
    ticks = count()
    feed = EmergencyFeed(path, monotonic=lambda: float(next(ticks)))
    return LawWatch(banned.store, standing(banned.store, files, banned.now), files, feed)


def let_settle(world: World, watch: LawWatch) -> None:
    """Look at the file until it has been the same for ten seconds; each look takes at least one."""
    for _ in range(11):
        watch.follow(world.dispatcher, world.now)


def write(watch: LawWatch, text: str) -> None:
    assert watch.feed is not None
    beside = watch.feed.path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(watch.feed.path)


def feed(place: str = "US-NY", until: str = "2026-11-23T19:00:00Z") -> str:
    return FEED.format(place=place, until=until)


def declare(world: World, emergency: Emergency) -> int:
    with world.store.write() as tx:
        return stored.declare(tx, emergency, stored.COMMAND, "kim", world.now)


def in_force(world: World) -> list[str]:
    with world.store.read() as tx:
        return [emergency.name for emergency in stored.in_force(tx, world.now)]


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (NOON - timedelta(hours=1, seconds=1), False),
        (NOON - timedelta(hours=1), True),
        (NOON + timedelta(hours=2, seconds=-1), True),
        (NOON + timedelta(hours=2), False),
    ],
)
def test_an_emergency_lasts_from_its_first_moment_to_before_its_last(
    banned: World, moment: datetime, *, there: bool
) -> None:
    declare(banned, NEW_YORK)
    banned.now = moment
    assert bool(in_force(banned)) is there


def test_it_blocks_by_the_law_and_opens_again_when_it_is_over(banned: World, watch: LawWatch) -> None:
    campaign, here = banned.a_campaign(), banned.a_contact(numbers(1))
    banned.enrol(campaign, here)
    declare(banned, NEW_YORK)
    assert banned.dispatch(campaign) == 0
    assert banned.enrollment(here).blocked_by == "test.emergency-ban"
    banned.now = NOON + timedelta(hours=2, seconds=-1)
    watch.follow(banned.dispatcher, banned.now)
    assert banned.enrollment(here).stage == EnrollmentStage.BLOCKED
    banned.now += timedelta(seconds=1)
    watch.follow(banned.dispatcher, banned.now)
    assert banned.enrollment(here).stage == EnrollmentStage.DUE
    assert banned.dispatch(campaign) == 1


def test_whoever_is_elsewhere_is_contacted(banned: World) -> None:
    campaign = banned.a_campaign()
    banned.enrol(campaign, banned.a_contact(["+13055550107"], region="FL"))
    declare(banned, NEW_YORK)
    assert banned.dispatch(campaign) == 1


def test_whoever_is_blocked_by_another_rule_too_is_opened_all_the_same(banned: World, watch: LawWatch) -> None:
    """The enrollment names one rule alone; the decision names both."""
    other = BANS.replace('id = "test.emergency-ban"', 'id = "test.a-first"').replace(
        'mark = "declared_emergency"\n', ""
    )
    both = BANS + other[other.index("[[prohibition]]") :]
    banned.dispatcher = replace(banned.dispatcher, engine=replace(banned.engine, rulebook=rulebook_of(both)))
    campaign, here = banned.a_campaign(), banned.a_contact(numbers(1))
    banned.enrol(campaign, here)
    number = declare(banned, NEW_YORK)
    banned.dispatch(campaign)
    assert banned.enrollment(here).blocked_by == "test.a-first"
    with banned.store.write() as tx:
        stored.end(tx, number, "kim", banned.now)
    watch.follow(banned.dispatcher, banned.now)
    assert banned.enrollment(here).stage == EnrollmentStage.DUE


def test_somebody_whom_no_emergency_blocked_stays_blocked(banned: World, watch: LawWatch) -> None:
    campaign, elsewhere = banned.a_campaign(), banned.a_contact(["+13055550107"], region="FL")
    banned.enrol(campaign, elsewhere)
    with banned.store.write() as tx:
        tx.execute(update(enrollments).values(stage=EnrollmentStage.BLOCKED, cure="consent", blocked_by="test.hours"))
    number = declare(banned, NEW_YORK)
    with banned.store.write() as tx:
        stored.end(tx, number, "kim", banned.now)
    watch.follow(banned.dispatcher, banned.now)
    assert banned.enrollment(elsewhere).stage == EnrollmentStage.BLOCKED


@pytest.mark.parametrize(
    ("area", "facts", "met"),
    [
        ({}, {"region": "NY"}, True),
        ({}, {"region": "FL", "number": "+13055550107"}, False),
        ({"postal_codes": ("122",)}, {"postal_code": "12207"}, True),
        ({"postal_codes": ("122",)}, {"postal_code": "10001"}, False),
        ({"postal_codes": ("122",)}, {}, True),  # where in the state is not known
        ({"postal_codes": ("122",)}, {"postal_code": "33101", "region": "FL"}, True),  # by the number alone in New York
        ({"counties": ("Albany",)}, {"postal_code": "12207"}, True),
        ({"counties": ("ALBANY COUNTY",)}, {"postal_code": "12207-1234"}, True),
        ({"counties": ("Albany",)}, {"postal_code": "10001"}, False),
        ({"counties": ("Saint Lawrence",)}, {"postal_code": "13617"}, True),
        ({"counties": ("St. Lawrence County",)}, {"postal_code": "13617"}, True),
        ({"counties": ("St Lawrence",)}, {"postal_code": "12207"}, False),
        ({"area_codes": ("518",)}, {}, False),
        ({"area_codes": ("212",)}, {}, True),
        ({"area_codes": ("518",)}, {"number": "+13055550107"}, True),  # a number of another state tells nothing
        ({"jurisdiction": "US", "area_codes": ("518",)}, {}, False),
        ({"jurisdiction": "US", "area_codes": ("518", "212")}, {}, True),
        ({"area_codes": ("518",), "postal_codes": ("122",)}, {"postal_code": "12207"}, True),
        ({"area_codes": ("518",), "postal_codes": ("122",)}, {"postal_code": "10001"}, False),
    ],
)
def test_an_emergency_meets_whoever_may_be_in_its_area(
    area: dict[str, object], facts: dict[str, str], *, met: bool
) -> None:
    contact = replace(ContactFacts(number=numbers(1)[0], country="US", region="NY"), **facts)  # type: ignore[arg-type]
    emergency = replace(NEW_YORK, **area)  # type: ignore[arg-type]
    assert meets(emergency, contact, rulebook_of(BANS)) is met


def test_the_feed_declares_changes_and_ends(banned: World, watch: LawWatch) -> None:
    write(watch, feed())
    watch.follow(banned.dispatcher, banned.now)
    assert in_force(banned) == ["storm"]
    write(watch, feed(until="2026-11-24T19:00:00Z"))
    let_settle(banned, watch)
    write(watch, "emergency = []")
    let_settle(banned, watch)
    assert in_force(banned) == []
    with banned.store.read() as tx:
        rows = stored.declared(tx, ended=True)
    assert [(row.declared_by, row.ended_by, row.until.day) for row in rows] == [
        ("feed feed.toml", "feed feed.toml", 23),
        ("feed feed.toml", "feed feed.toml", 24),
    ]


def test_a_feed_that_says_the_same_declares_nothing_anew(banned: World, watch: LawWatch) -> None:
    for comment in ("", "# the same\n"):
        write(watch, comment + feed())
        watch.follow(banned.dispatcher, banned.now)
    with banned.store.read() as tx:
        assert len(stored.declared(tx, ended=True)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda watch: write(watch, "[[emergency"),
        lambda watch: write(watch, feed("US-XX")),
        lambda watch: write(watch, feed() + feed()),
        lambda watch: write(watch, feed().replace("until", "untill")),
        lambda watch: write(watch, feed().replace("T16:00:00Z", "T16:00:00")),
        lambda watch: write(watch, feed(until="2026-11-23T16:00:00Z")),
        lambda watch: write(watch, feed().replace("citation", "# citation")),
        lambda watch: watch.feed.path.write_bytes(b"\xff\xfe\x00"),
        lambda watch: watch.feed.path.unlink(),
        lambda watch: write(watch, ""),
        lambda watch: write(watch, "# nothing yet\n"),
        lambda watch: write(watch, "a = " + "[" * 100_000),
        lambda watch: write(watch, "a = " + "1" * 10_000),
        lambda watch: write(watch, feed().replace("2026-11-23T16:00:00Z", "0001-01-01T00:00:00+05:00")),
        lambda watch: write(watch, feed(until="9999-12-31T23:00:00-05:00")),
        lambda watch: write(watch, "".join(feed().replace("storm", f"storm {at}") for at in range(2001))),
        lambda watch: write(watch, feed() + "#" * 2_000_000),
        lambda watch: write(watch, feed() + 'counties = ["Albny"]'),
        lambda watch: write(watch, feed() + 'postal_codes = ["704"]'),
        lambda watch: write(watch, feed() + 'area_codes = ["504"]'),
        lambda watch: instead(watch, Path.mkdir),
        lambda watch: instead(watch, os.mkfifo),
    ],
)
def test_a_damaged_feed_keeps_what_it_declared_last_and_is_complained_of(
    banned: World, watch: LawWatch, damage: Callable[[LawWatch], None]
) -> None:
    write(watch, feed())
    watch.follow(banned.dispatcher, banned.now)
    damage(watch)
    let_settle(banned, watch)
    assert watch.feed is not None
    assert in_force(banned) == ["storm"]
    assert str(watch.feed.path) in watch.feed.complaint
    if watch.feed.path.is_dir():
        watch.feed.path.rmdir()
    write(watch, "emergency = []")
    let_settle(banned, watch)
    assert (in_force(banned), watch.feed.complaint) == ([], "")


def instead(watch: LawWatch, make: Callable[[Path], None]) -> None:
    """Something else where the feed was."""
    assert watch.feed is not None
    watch.feed.path.unlink()
    make(watch.feed.path)


def test_an_emergency_is_not_lost_where_the_database_fails_once(
    banned: World, watch: LawWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(watch, feed())
    with monkeypatch.context() as patched:
        patched.setattr(stored, "declare_all", _fails)
        with pytest.raises(OperationalError):
            watch.follow(banned.dispatcher, banned.now)
    assert watch.feed is not None
    assert "is tried again" in watch.feed.complaint
    watch.follow(banned.dispatcher, banned.now)
    assert (in_force(banned), watch.feed.complaint) == (["storm"], "")


def _fails(*_: object) -> None:
    raise OperationalError("insert", {}, Exception("the disk is full"))


def test_a_feed_that_is_cut_for_a_moment_ends_nothing(banned: World, watch: LawWatch) -> None:
    """Each look takes a second at least: what is gone for less than ten is not over, what is new is at once."""
    whole = feed() + feed().replace("storm", "flood")
    write(watch, whole)
    let_settle(banned, watch)
    write(watch, feed())
    for _ in range(3):
        watch.follow(banned.dispatcher, banned.now)
        assert in_force(banned) == ["storm", "flood"]
    write(watch, whole)
    let_settle(banned, watch)
    assert in_force(banned) == ["storm", "flood"]
    write(watch, feed())
    let_settle(banned, watch)
    assert in_force(banned) == ["storm"]


def test_what_was_declared_by_hand_is_not_the_feeds_to_end(banned: World, watch: LawWatch) -> None:
    declare(banned, NEW_YORK)
    write(watch, "emergency = []  # none\n")
    let_settle(banned, watch)
    assert in_force(banned) == ["storm"]


def test_an_emergency_where_no_rule_asks_is_warned_of_and_declared(
    banned: World, watch: LawWatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(watch, feed("US-TX"))
    watch.follow(banned.dispatcher, banned.now)
    assert in_force(banned) == ["storm"]
    assert "emergencies.hold_nobody" in capsys.readouterr().out
    write(watch, feed("US-NY"))
    watch.follow(banned.dispatcher, banned.now)
    assert "emergencies.hold_nobody" not in capsys.readouterr().out
