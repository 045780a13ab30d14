"""From a form on the open page to the first message, under the law as it ships, and out again by the link in it."""

import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from orchestrator.persistence import suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.lists import list_rows, lists
from orchestrator.persistence.tables.people import consents
from tests.integration.opt_ins.pages import PAGE_TOML, PERSON
from tests.journeys.stage import Stage, staged
from tests.world import CONFIG

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]
FOR_A_MONTH = (
    PAGE_TOML.replace("[[choices]]", '[valid_days]\n"*" = 30\n\n[[choices]]', 1)
    .replace("[texts.en]", '[texts.en]\nvalidity = "Your consent holds for 30 days."')
    .replace("[texts.es]", '[texts.es]\nvalidity = "Su consentimiento vale 30 días."')
)
POPULATION = "line_types = { mobile = 1.0 }"
CAMPAIGN = """
name = "Tips"
seller = "acme"
purpose = "telemarketing"
lists = ["web"]

[sms]
senders = ["+12125550101"]
templates.en = "Acme Roofing: your roof check is due. Stop: {unsubscribe} or reply STOP."

[attempts]
cadence = "demo"
"""


def orchestrator(stage: Stage, *words: str) -> str:
    """A command as somebody types it."""
    command = [sys.executable, "-m", "orchestrator", *words]
    done = subprocess.run(
        command, env={**os.environ, **stage.environment}, cwd=CONFIG.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def under_the_law(stage: Stage) -> None:
    rules = Path(stage.environment["ORCHESTRATOR_CONFIG_DIR"]) / "rules"
    shutil.rmtree(rules)
    shutil.copytree(CONFIG / "rules", rules)


def texts(stage: Stage) -> list[dict[str, Any]]:
    """What the person was sent, as the carrier has it."""
    with stage.store.read() as tx:
        sids = (
            tx.execute(select(attempts.c.sid).where(attempts.c.sid.is_not(None)).order_by(attempts.c.id))
            .scalars()
            .all()
        )
    found = [requests.get(_message(stage, sid), auth=_account(stage), timeout=10).json() for sid in sids]
    return [one for one in found if one["to"] == PERSON]


def _account(stage: Stage) -> tuple[str, str]:
    return stage.environment["TWILIO_ACCOUNT_SID"], stage.environment["TWILIO_AUTH_TOKEN"]


def _message(stage: Stage, sid: str) -> str:
    return f"{stage.url}/2010-04-01/Accounts/{_account(stage)[0]}/Messages/{sid}.json"


def heard(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(consents.c.event).order_by(consents.c.id)).scalars())


def listed(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(lists.c.name).join(list_rows, list_rows.c.list_id == lists.c.id)).scalars())


def test_double_opt_in_to_the_first_message_and_out_again(tmp_path: Path, sqlite_store: Store) -> None:
    with staged(tmp_path, sqlite_store, POPULATION) as stage:
        with stage.building() as world:
            world.a_seller()
        under_the_law(stage)
        (tmp_path / "page.toml").write_text(FOR_A_MONTH)
        (tmp_path / "campaign.toml").write_text(CAMPAIGN)
        orchestrator(stage, "opt-ins", "add", str(tmp_path / "page.toml"))
        stage.open()
        stage.start_worker()
        stage.pin(PERSON, replies=["Yes!", None, "Yes!"], reply_delay_seconds=5, delivery_seconds=2)
        address = f"{stage.environment['ORCHESTRATOR_PUBLIC_URL']}/people/roof-tips"
        sign_up(address)
        stage.until(lambda: heard(sqlite_store) == ["requested", "given"], "their yes")
        (asked,) = texts(stage)
        assert asked["body"].startswith(
            "Acme Roofing: reply YES to confirm tips and offers (Up to 4 messages a month)."
        )
        stage.until(lambda: listed(sqlite_store) == ["web"], "the list")
        orchestrator(stage, "campaigns", "create", str(tmp_path / "campaign.toml"))
        orchestrator(stage, "campaigns", "launch", "Tips")
        stage.until(lambda: len(texts(stage)) == 2, "the first message")
        link = re.search(r"http\S+", texts(stage)[1]["body"])
        assert link is not None
        shown = unescape(requests.get(link[0], timeout=10).text)
        assert "on a web page" in shown
        assert "Text me, also by automated means." in shown, "on which words the message rests"
        assert heard(sqlite_store) == ["requested", "given"], "reading changes nothing"
        orchestrator(stage, "opt-ins", "renew", "roof-tips", "--within", "30d")
        stage.until(lambda: heard(sqlite_store)[2:] == ["requested", "given"], "their yes to renewing")
        assert texts(stage)[2]["body"].startswith("Acme Roofing: your consent to tips and offers ends on ")
        requests.post(link[0], data={"List-Unsubscribe": "One-Click"}, timeout=10).raise_for_status()
        with sqlite_store.read() as tx:
            (stop,) = suppressions.standing(tx, "acme", sqlite_store.keyring.number_key(PERSON))
        assert (stop.kind, stop.channel) == ("do_not_call", "any")


def sign_up(address: str) -> None:
    """As a browser without scripts does, twice."""
    shown = requests.get(address, timeout=10)
    ticket = re.search(r'name="ticket" value="([^"]*)"', shown.text)
    assert ticket is not None
    entered = {"ticket": ticket[1], "number": PERSON, "choice": "texts", "own": "yes", "name": "Ada"}
    for _ in range(2):
        assert requests.post(address, data=entered, timeout=10).url.partition("?")[0] == f"{address}/sent"
