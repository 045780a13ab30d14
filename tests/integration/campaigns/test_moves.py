"""Who moved a campaign, from where, to where and why: on record in the transaction that moves it."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.campaign_file import parse_campaign
from orchestrator.persistence import campaign_moves
from orchestrator.persistence.campaigns import Campaign, fetch
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns as campaigns_table
from orchestrator.persistence.tables.proof import actions
from orchestrator.pipeline import campaign_drafts, campaigns, control, launching
from tests.integration.campaigns.builders import CADENCES, NOW, SCRUBBER, STRATEGIES, a_list, a_seller
from tests.unit.campaigns.files import CALLS_ONLY
from tests.unit.strategies.builders import TIERED
from tests.world import NOON, World, numbers

OPS = "cli:ops"
ENGINE = Path(campaigns.__file__).parents[1]


def fresh(store: Store, campaign: Campaign) -> Campaign:
    with store.read() as tx:
        return fetch(tx, campaign.id)


def moves(store: Store) -> list[tuple[str, str | None, str, str | None]]:
    """By whom, from, to, why."""
    with store.read() as tx:
        rows = tx.execute(select(actions).where(actions.c.action == campaign_moves.MOVED).order_by(actions.c.id)).all()
    return [(row.by, row.detail["from"], row.detail["to"], row.reason) for row in rows]


def test_a_life_from_draft_to_archive_names_every_hand(store: Store) -> None:
    a_seller(store)
    a_list(store, ["accepted"])
    plan = parse_campaign(CALLS_ONLY, {"lists": ["autumn"]})
    campaign = campaign_drafts.create(store, plan, NOW, STRATEGIES, CADENCES, OPS)
    campaign_drafts.replace_draft(store, plan, NOW, STRATEGIES, CADENCES, "cli:kim")
    launching.launch(store, fresh(store, campaign), NOW, SCRUBBER, TIERED)
    campaigns.pause(store, fresh(store, campaign), NOW, OPS, "complaints")
    campaigns.resume(store, fresh(store, campaign), NOW, SCRUBBER)
    campaigns.stop(store, fresh(store, campaign), NOW, OPS)
    campaigns.archive(store, fresh(store, campaign), NOW, OPS)
    assert moves(store) == [
        ("tests", "draft", "running", None),
        (OPS, "running", "paused", "complaints"),
        ("tests", "paused", "running", None),
        (OPS, "running", "cancelled", "stopped by hand"),
        (OPS, "cancelled", "archived", "stopped by hand"),
    ]
    with store.read() as tx:
        rows = tx.execute(select(actions).order_by(actions.c.id)).all()
    assert [(row.action, row.by) for row in rows[:2]] == [
        ("campaign created", OPS),
        ("campaign draft replaced", "cli:kim"),
    ]
    assert {(row.about, row.seller_id) for row in rows} == {(f"campaign {campaign.id}", plan.seller)}


def test_what_the_engine_does_by_itself_is_said_to_be_its_own(store: Store) -> None:
    """A canary that is over, and an end that has come."""
    world = World(store, InProcessCarrier(now=lambda: NOON))
    campaign = world.a_campaign()
    with store.write() as tx:
        tx.execute(update(campaigns_table).values(canary_left=1, launched_at=NOON))
    world.enrol(campaign, world.a_contact(numbers(1), automated=True))
    assert world.dispatch(campaign) == 1
    with store.write() as tx:
        tx.execute(update(campaigns_table).values(state="running", ends_at=NOON))
    attempt = world.attempts()[0]
    world.close()
    assert attempt.campaign_id == campaign
    [(by, was, becomes, why)] = moves(store)
    assert (by, was, becomes) == ("step:dispatch", "running", "paused")
    assert str(why).startswith("The canary is over")


def test_a_campaign_that_opens_and_ends_on_time_is_moved_by_the_clock(store: Store) -> None:
    a_seller(store)
    a_list(store, ["rejected"])  # nobody to contact, so nothing is left to do
    begins, ends = NOW + timedelta(days=1), NOW + timedelta(days=2)
    span = {"lists": ["autumn"], "starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
    campaign = campaign_drafts.create(store, parse_campaign(CALLS_ONLY, span), NOW, STRATEGIES, CADENCES, OPS)
    launching.launch(store, campaign, NOW, SCRUBBER, TIERED)
    carrier = InProcessCarrier(now=lambda: begins)
    control.run_once(store, carrier, begins)
    assert moves(store)[1:] == [
        ("step:control", "scheduled", "running", None),
        ("step:control", None, "completed", None),
    ]


def test_nothing_else_changes_a_campaigns_state() -> None:
    """Whoever moves a campaign past the record would do it unseen."""
    users = {path.name for path in ENGINE.rglob("*.py") if "change_state(" in path.read_text("utf-8")}
    assert users == {"campaigns.py", "campaign_moves.py"}
    (stored,) = (path for path in ENGINE.rglob("campaigns.py") if path.parent.name == "pipeline")
    assert "change_state(" not in stored.read_text("utf-8")
