"""`orchestrator twilio reconcile` and `settle`, as they are typed."""

import json
from datetime import timedelta

from sandbox.records import Message
from sandbox.server import RunningSandbox
from tests.integration.account.conftest import NOW, Typed

STRANGER = "+12125550199"


def a_stray(account: RunningSandbox) -> str:
    """A message that somebody sent yesterday with the account's keys."""
    at = (NOW - timedelta(days=1)).timestamp()
    message = Message(
        to=STRANGER, from_="+12125550100", body="", direction="outbound-api", created_at=at, status="delivered"
    )
    message.sent_at = at
    account.world.messages.add(message)
    return message.sid


def test_a_quiet_day_ends_well(typed: Typed) -> None:
    done = typed("twilio", "reconcile")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2026-11-23 (UTC): Twilio lists 0 calls and messages." in done.stdout
    assert "No alarm of this day is open." in done.stdout


def test_an_alarm_says_what_to_do_and_shows_no_number(typed: Typed, account: RunningSandbox) -> None:
    sid = a_stray(account)
    done = typed("twilio", "reconcile", "--day", "2026-11-23")
    assert done.returncode == 1
    assert sid in done.stdout
    assert "orchestrator twilio settle SID" in done.stderr
    assert STRANGER not in done.stdout + done.stderr
    assert "…99" in done.stdout


def test_a_script_reads_the_same(typed: Typed, account: RunningSandbox) -> None:
    sid = a_stray(account)
    done = typed("twilio", "reconcile", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["day"], said["open"], said["found"]) == (1, "2026-11-23", 1, {"sms.undecided": 1})
    assert (said["alarms"][0]["sid"], said["alarms"][0]["to"]) == (sid, "…99")


def test_what_was_settled_stays_settled(typed: Typed, account: RunningSandbox) -> None:
    sid = a_stray(account)
    typed("twilio", "reconcile")
    assert typed("twilio", "settle", sid, "--note", "a test from the console").returncode == 0
    assert typed("twilio", "reconcile").returncode == 0
    again = typed("twilio", "settle", sid, "--note", "twice")
    assert (again.returncode, f"No alarm is open on '{sid}'" in again.stderr) == (1, True)


def test_a_day_to_come_and_an_empty_note_are_refused_in_words(typed: Typed) -> None:
    tomorrow = typed("twilio", "reconcile", "--day", "2026-11-25")
    assert (tomorrow.returncode, "has not begun yet" in tomorrow.stderr) == (1, True)
    ancient = typed("twilio", "reconcile", "--day", "0001-01-01")
    assert (ancient.returncode, "Twilio lists no day so old" in ancient.stderr) == (1, True)
    empty = typed("twilio", "settle", "CA1", "--note", " ")
    assert (empty.returncode, "--note is empty" in empty.stderr) == (1, True)


def test_an_account_that_does_not_answer_is_said_in_one_sentence(typed: Typed, account: RunningSandbox) -> None:
    account.stop()
    done = typed("twilio", "reconcile")
    assert (done.returncode, done.stderr) == (1, "Twilio gave no answer that can be read; run it again in a while.\n")


def test_of_many_alarms_the_last_lines_say_how_to_see_the_rest_and_what_to_do(
    typed: Typed, account: RunningSandbox
) -> None:
    sids = [a_stray(account) for _ in range(101)]
    done = typed("twilio", "reconcile", "--day", "2026-11-23")
    assert sum(sid in done.stdout for sid in sids) == 100
    *_, rest, settle = done.stderr.splitlines()
    assert rest == "1 more are open: `orchestrator twilio reconcile --day 2026-11-23 --all` shows them all."
    assert settle == 'Each stays open until it is settled: orchestrator twilio settle SID --note "what it was"'
    every = typed("twilio", "reconcile", "--day", "2026-11-23", "--all")
    assert (every.returncode, sum(sid in every.stdout for sid in sids)) == (1, 101)
    assert every.stderr.splitlines()[-1] == settle
