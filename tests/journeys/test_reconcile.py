"""After a day with every fault on, the carrier lists nothing that we did not decide; a stray call is found."""

from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.account import carrier_alarms
from orchestrator.pipeline.reconcile import DayReport, reconcile_day
from tests.journeys.stage import ACCOUNT, TOKEN, Stage, staged
from tests.journeys.test_faults import POPULATION, fail_in_every_way
from tests.world import CALLER_ID, NOON, numbers

pytestmark = pytest.mark.long
STRANGER = "+12125550199"


def look(stage: Stage) -> DayReport:
    return reconcile_day(stage.store, stage.carrier, NOON.date(), "tests", stage.clock.now)


def alarms(store: Store) -> list[tuple[str, str]]:
    with store.read() as tx:
        return [(row.kind, row.sid) for row in tx.execute(select(carrier_alarms))]


def stray_call(stage: Stage) -> str:
    """Somebody else's call with the account's own keys."""
    fields = {"To": STRANGER, "From": CALLER_ID, "Twiml": "<Response><Hangup/></Response>"}
    url = f"{stage.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    answer = requests.post(url, data=fields, auth=(ACCOUNT, TOKEN), timeout=10)
    answer.raise_for_status()
    sid = str(answer.json()["sid"])
    stage.until(lambda: stage.carrier.fetch_call(sid).status != CallStatus.QUEUED, "the stray call")
    return sid


def test_a_day_of_faults_holds_nothing_undecided_and_a_stray_call_is_found(tmp_path: Path, sqlite_store: Store) -> None:
    with staged(tmp_path, sqlite_store, POPULATION) as stage:
        with stage.building() as world:
            calls, texts = world.a_campaign("Calls"), world.a_campaign("Texts", voice=False, sms=True)
            world.enrol(calls, *[world.a_contact([number], automated=True) for number in numbers(30)])
            texted = numbers(10, start=40)
            people = [world.a_contact([number], line_type=LineType.MOBILE, texts=True) for number in texted]
            world.enrol(texts, *people, lane=Lane.SMS)
        stage.sign_in(3)
        stage.open()
        for number in texted:
            stage.pin(number, line_type="mobile", message_outcome="delivered", reply="STOP", reply_delay_seconds=5)
        fail_in_every_way(stage)
        stage.start_worker()
        stage.until_quiet()
        requests.delete(f"{stage.url}/sandbox/faults", timeout=10).raise_for_status()
        quiet = look(stage)
        stray = stray_call(stage)
        alarmed = look(stage)
    assert (quiet.raised, quiet.open, quiet.unasked) == (0, 0, 0), (quiet, alarms(stage.store))
    assert {"voice.attempt", "voice.agent", "sms.attempt", "sms.inbound", "sms.reply"} <= quiet.tally.keys()
    assert (alarmed.raised, alarms(stage.store)) == (1, [("undecided", stray)])
