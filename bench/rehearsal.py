"""A rehearsed day: processor time for its hours, with the law of config/ and people in all of the United States."""

import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.opt_out import OPT_OUT_FILE, OptOutWords, classify
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import Purpose
from orchestrator.installation import prove
from orchestrator.law import load_rulebook
from orchestrator.persistence import campaigns, migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.rehearsal.cost import Prices
from orchestrator.rehearsal.played import Rehearsal
from orchestrator.rehearsal.rehearsing import rehearse
from orchestrator.rehearsal.report import Report
from orchestrator.settings import Settings
from tests.world import CONFIG, NOON, World

PEOPLE = 6000
NINE_IN_NEW_YORK, LASTS = NOON.replace(hour=14), timedelta(hours=8)
WORDS = OptOutWords.parse((CONFIG / OPT_OUT_FILE).read_text("utf-8"))
PRICES = Prices.parse((CONFIG / "prices.toml").read_text("utf-8"))


def measure() -> list[tuple[str, float, str]]:
    """The rows of the table."""
    rows: list[tuple[str, float, str]] = []
    for agents in (10, 30):
        report, seconds = played(agents, LASTS)
        calls = sum(hour.calls for hour in report.hours)
        rows.append((f"eight hours with {agents} agents, {calls:,} calls", seconds, "CPU s"))
    return rows


def played(agents: int, lasts: timedelta, people: int = PEOPLE) -> tuple[Report, float]:
    """The report, and the seconds of processor time that it took."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'live.sqlite3'}")
        migrate.upgrade(engine)
        store = prove(Store(engine, Keyring.parse(Keyring.generate())), Settings())
        rulebook = load_rulebook(CONFIG)
        world = World(store, InProcessCarrier(now=lambda: NOON), NINE_IN_NEW_YORK, rulebook=rulebook)
        campaign_id = world.a_campaign(purpose=Purpose.INFORMATIONAL)
        for number in _numbers(rulebook, people):
            world.enrol(campaign_id, world.a_contact([number], region=None))
        with store.read() as tx:
            campaign = campaigns.fetch(tx, campaign_id)
        asked = Rehearsal(start=NINE_IN_NEW_YORK, lasts=lasts, agents=agents)
        ours = replace(world.engine, calls_per_second=1.0)
        began = time.process_time()
        report = rehearse(ours, campaign, asked, partial(classify, words=WORDS), PRICES)
        seconds = time.process_time() - began
        world.close()
        engine.dispose()
    return report, seconds


def _numbers(rulebook: Rulebook, count: int) -> list[str]:
    """Fictional numbers, a hundred an area code, as they come round."""
    origins = rulebook.numbering.area_codes.items()
    codes = [code for code, origin in origins if origin.country == "US" and origin.zones]
    return [f"+1{codes[n % len(codes)]}55501{n // len(codes):02d}" for n in range(count)]
