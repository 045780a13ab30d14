"""Running campaigns are scrubbed once a night, whatever happened to the worker meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.lists import scrubs
from orchestrator.pipeline import scrub
from orchestrator.pipeline.nightly_scrub import last_struck, run_once
from orchestrator.pipeline.scrub import load_shelf
from tests.integration.scrub.conftest import NOW, Town

HOUR = 6
LISTED = "+15045550107"


def nightly(town: Town, now: datetime) -> list[int | None]:
    """The campaigns that were scrubbed."""
    reports = run_once(town.store, lambda: load_shelf(town.store, town.registries), now, HOUR)
    return [report.campaign_id for report in reports]


def a_campaign(town: Town, state: str = "running", name: str = "autumn", launched_at: datetime | None = NOW) -> int:
    campaign = town.campaign("acme", state, name)
    with town.store.write() as tx:
        tx.execute(update(campaigns).where(campaigns.c.id == campaign).values(launched_at=launched_at))
    return campaign


@pytest.mark.parametrize(
    ("now", "struck"),
    [
        ("2026-11-23T05:59:59", "2026-11-22T06:00:00"),
        ("2026-11-23T06:00:00", "2026-11-23T06:00:00"),
        ("2026-11-24T00:00:00", "2026-11-23T06:00:00"),
    ],
)
def test_the_night_begins_when_the_hour_strikes(now: str, struck: str) -> None:
    assert last_struck(HOUR, datetime.fromisoformat(now).replace(tzinfo=UTC)) == datetime.fromisoformat(struck).replace(
        tzinfo=UTC
    )


def test_a_campaign_is_scrubbed_once_a_night(town: Town) -> None:
    campaign = a_campaign(town)
    nights = [NOW + timedelta(days=days, hours=hours) for days in range(3) for hours in (0, 14, 15, 20)]
    night = [[], [], [campaign], []]  # the hour strikes between the second look and the third
    assert [nightly(town, at) for at in nights] == night * 3


def test_a_night_that_nobody_worked_is_made_up_for_once(town: Town) -> None:
    campaign = a_campaign(town)
    later = NOW + timedelta(days=4, hours=3)
    assert [nightly(town, later), nightly(town, later)] == [[campaign], []]


def test_a_scrub_that_was_cut_off_is_done_again_after_half_an_hour(town: Town) -> None:
    campaign = a_campaign(town)
    tomorrow = NOW + timedelta(days=1)
    assert nightly(town, tomorrow) == [campaign]
    with town.store.write() as tx:
        tx.execute(update(scrubs).values(finished_at=None))
    later = [nightly(town, tomorrow + timedelta(minutes=minutes)) for minutes in (1, 29, 30, 31)]
    assert later == [[], [], [campaign], []]


def test_a_campaign_that_cannot_be_scrubbed_keeps_no_other_from_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = a_campaign(town), a_campaign(town, name="winter")
    count = scrub.count

    def fail_first(*arguments: Any) -> scrub.Tally:
        if str(broken) in {str(value) for value in arguments[2].compile().params.values()}:
            raise OSError("disk")
        return count(*arguments)

    monkeypatch.setattr(scrub, "count", fail_first)
    tomorrow = NOW + timedelta(days=1)
    assert [nightly(town, tomorrow + timedelta(minutes=minutes)) for minutes in range(5)] == [[sound], [], [], [], []]
    with town.store.read() as tx:
        assert len(tx.execute(select(scrubs).where(scrubs.c.campaign_id == broken)).all()) == 1


def test_a_clock_that_was_a_year_ahead_for_a_night_stops_no_later_scrub(town: Town) -> None:
    campaign = a_campaign(town)
    assert nightly(town, NOW + timedelta(days=365)) == [campaign]
    assert nightly(town, NOW + timedelta(days=1)) == [campaign]


@pytest.mark.parametrize(
    ("state", "scrubbed"),
    [("running", 1), ("scheduled", 1), ("paused", 0), ("draft", 0), ("completed", 0), ("cancelled", 0)],
)
def test_only_campaigns_that_run_or_will_are_scrubbed(town: Town, state: str, scrubbed: int) -> None:
    a_campaign(town, state)
    assert len(nightly(town, NOW + timedelta(days=1))) == scrubbed


def test_every_campaign_has_a_record_of_its_own(town: Town) -> None:
    digest = town.registry("504,5550107\n").snapshot.digest
    first, second = a_campaign(town), a_campaign(town, name="winter")
    at = NOW + timedelta(days=1)
    assert nightly(town, at) == [first, second]
    with town.store.read() as tx:
        rows = tx.execute(select(scrubs).order_by(scrubs.c.id)).all()
    assert [(row.campaign_id, row.by, row.finished_at, row.snapshots) for row in rows] == [
        (campaign, "nightly", at, {"us-national": [digest]}) for campaign in (first, second)
    ]
