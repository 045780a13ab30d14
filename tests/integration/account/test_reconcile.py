"""A day of our books against the carrier's own list: whatever is on one side alone is an alarm, and nothing else is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.attempt import Outcome, Stage
from orchestrator.domain.carrier import AgentCallOrder, CallStatus, CarrierRecord, MessageStatus
from orchestrator.domain.contact_request import Channel, LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import CarrierUnreachableError
from orchestrator.persistence import reconciliations
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.tables.account import carrier_alarms
from orchestrator.persistence.tables.account import reconciliations as looks
from orchestrator.persistence.tables.agents import agents
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.pipeline import nightly_reconcile, reconcile
from orchestrator.pipeline.reconcile import DayReport, reconcile_day
from tests.world import CALLER_ID, NOON, SENDER, World, numbers

DAY = NOON.date()
STRANGER = "+12125550199"
CALL, MESSAGE, PARENT = "CA" + "e" * 32, "SM" + "e" * 32, "CA" + "d" * 32


def look(world: World, carrier: InProcessCarrier, day: date = DAY) -> DayReport:
    return reconcile_day(world.store, carrier, day, "tests", lambda: world.now)


def alarms(world: World) -> list[Record]:
    with world.store.read() as tx:
        return list(tx.execute(select(carrier_alarms).order_by(carrier_alarms.c.id)).all())


def kinds(world: World) -> list[str]:
    return [row.kind for row in alarms(world) if row.cleared_at is None]


def at_carrier(carrier: InProcessCarrier, sid: str = CALL, **facts: object) -> CarrierRecord:
    """A record that the carrier has of itself."""
    values = {
        "sid": sid,
        "channel": Channel.VOICE if sid.startswith("CA") else Channel.SMS,
        "to": STRANGER,
        "from_": CALLER_ID,
        "status": "completed",
        "created_at": NOON,
        **facts,
    }
    carrier.records[sid] = CarrierRecord(**values)  # type: ignore[arg-type]
    return carrier.records[sid]


def dispatched(world: World, carrier: InProcessCarrier, people: int = 1, *, sms: bool = False) -> list[Record]:
    """Attempts that the carrier took, and that have begun."""
    campaign = world.a_campaign(voice=not sms, sms=sms)
    lane = Lane.SMS if sms else Lane.PREDICTIVE
    line = LineType.MOBILE if sms else LineType.LANDLINE
    everybody = [world.a_contact([number], line_type=line, automated=not sms, texts=sms) for number in numbers(people)]
    world.enrol(campaign, *everybody, lane=lane)
    assert world.dispatch(campaign, lane) == people
    for sid in list(carrier.orders):
        carrier.set_status(sid, MessageStatus.SENT if sms else CallStatus.RINGING)
    return list(world.attempts())


@pytest.mark.parametrize("sms", [False, True])
def test_what_we_decided_is_no_alarm(world: World, carrier: InProcessCarrier, sms: bool) -> None:
    dispatched(world, carrier, 3, sms=sms)
    report = look(world, carrier)
    assert report.tally == {f"{'sms' if sms else 'voice'}.attempt": 3}
    assert (report.raised, report.open, kinds(world)) == (0, 0, [])


@pytest.mark.parametrize("sid", [CALL, MESSAGE])
def test_what_nobody_decided_is_an_alarm_once(world: World, carrier: InProcessCarrier, sid: str) -> None:
    dispatched(world, carrier)
    at_carrier(carrier, sid)
    first, second = look(world, carrier), look(world, carrier)
    assert [(one.raised, one.open) for one in (first, second)] == [(1, 1), (0, 1)]
    (alarm,) = alarms(world)
    assert (alarm.kind, alarm.sid, alarm.day, alarm.attempt_id) == ("undecided", sid, DAY, None)
    ends = world.store.keyring.open_json(alarm.ends_sealed, reconciliations.ENDS)
    assert ends == {"to": STRANGER, "from": CALLER_ID}


@pytest.mark.parametrize(
    ("created_at", "raised"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), 0),
        (datetime(2026, 11, 23, 0, 0, 0, tzinfo=UTC), 1),
        (datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), 1),
        (datetime(2026, 11, 24, 0, 0, 0, tzinfo=UTC), 0),
    ],
)
def test_a_day_is_from_midnight_to_midnight_utc(
    world: World, carrier: InProcessCarrier, created_at: datetime, raised: int
) -> None:
    at_carrier(carrier, created_at=created_at)
    assert look(world, carrier).raised == raised


@pytest.mark.parametrize("direction", ["inbound", "trunking-originating"])
def test_what_came_in_is_no_alarm(world: World, carrier: InProcessCarrier, direction: str) -> None:
    at_carrier(carrier, direction=direction)
    assert look(world, carrier).tally == {"voice.inbound": 1}


@pytest.mark.parametrize("direction", ["outbound-api", "outbound-dial", "trunking-terminating", "something-new"])
def test_every_other_direction_leaves_the_account(world: World, carrier: InProcessCarrier, direction: str) -> None:
    at_carrier(carrier, direction=direction)
    assert look(world, carrier).raised == 1


def test_the_call_to_an_agent_is_no_alarm_with_or_without_its_receipt(world: World, carrier: InProcessCarrier) -> None:
    world.an_agent("kim")
    order = AgentCallOrder(agent_id="kim", address="client:kim", from_=CALLER_ID, room="agent-kim")
    named, unnamed = carrier.call_agent(order).sid, carrier.call_agent(order).sid
    with world.store.write() as tx:
        tx.execute(update(agents).values(leg_sid=named))
    for sid in (named, unnamed):
        carrier.set_status(sid, CallStatus.COMPLETED)
    assert look(world, carrier).tally == {"voice.agent": 2}


def test_a_call_to_another_client_or_sip_address_is_an_alarm(world: World, carrier: InProcessCarrier) -> None:
    world.an_agent("kim")
    at_carrier(carrier, to="sip:elsewhere@example.com")
    assert look(world, carrier).raised == 1


def test_a_child_belongs_to_its_parent(world: World, carrier: InProcessCarrier) -> None:
    (attempt,) = dispatched(world, carrier)
    at_carrier(carrier, CALL, direction="outbound-dial", parent_sid=attempt.sid)
    assert look(world, carrier).tally == {"voice.attempt": 1, "voice.child": 1}


def test_a_child_of_an_inbound_call_that_we_answered_is_no_alarm(world: World, carrier: InProcessCarrier) -> None:
    inbound(world, PARENT, Channel.VOICE, NOON)
    at_carrier(carrier, PARENT, direction="inbound", to=CALLER_ID, from_=STRANGER)
    at_carrier(carrier, CALL, direction="outbound-dial", parent_sid=PARENT)
    assert look(world, carrier).tally == {"voice.inbound": 1, "voice.child": 1}


def test_a_child_of_an_agents_call_of_another_day_is_asked_about(world: World, carrier: InProcessCarrier) -> None:
    world.an_agent("kim")
    at_carrier(carrier, PARENT, to="client:kim", created_at=NOON - timedelta(days=1))
    at_carrier(carrier, CALL, direction="outbound-dial", parent_sid=PARENT)
    assert look(world, carrier).tally == {"voice.child": 1}


def test_a_child_of_a_call_that_somebody_else_answered_is_an_alarm(world: World, carrier: InProcessCarrier) -> None:
    at_carrier(carrier, PARENT, direction="inbound", to=SENDER, from_=STRANGER)
    at_carrier(carrier, CALL, direction="outbound-dial", parent_sid=PARENT)
    assert look(world, carrier).tally == {"voice.inbound": 1, "voice.undecided": 1}


def inbound(world: World, sid: str, channel: Channel, at: datetime) -> None:
    world.a_seller()
    row = {
        "id": UUID(int=len(sid) + int(at.timestamp())),
        "seller_id": "acme",
        "number_key": world.store.keyring.number_key(STRANGER),
        "channel": channel.value,
        "sid": sid,
        "sender": CALLER_ID,
        "at": at,
    }
    with world.store.write() as tx:
        tx.execute(insert(inbound_contacts).values(row))


def test_a_reply_is_no_alarm_where_somebody_had_written(world: World, carrier: InProcessCarrier) -> None:
    inbound(world, "SM" + "a" * 32, Channel.SMS, NOON - timedelta(minutes=1))
    at_carrier(carrier, MESSAGE, direction="outbound-reply")
    assert look(world, carrier).tally == {"sms.reply": 1}


def test_a_reply_to_nobody_is_an_alarm(world: World, carrier: InProcessCarrier) -> None:
    inbound(world, "CA" + "a" * 32, Channel.VOICE, NOON - timedelta(minutes=1))  # called, and wrote nothing
    at_carrier(carrier, MESSAGE, direction="outbound-reply")
    assert look(world, carrier).tally == {"sms.undecided": 1}


def unnamed(world: World, carrier: InProcessCarrier, **changes: object) -> Record:
    """An attempt that never learnt what the carrier calls it."""
    dispatched(world, carrier)
    with world.store.write() as tx:
        tx.execute(update(attempts).values(sid=None, **changes))
    return world.attempts()[0]


@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.IN_DOUBT])
def test_an_attempt_whose_receipt_is_out_stands_behind_its_call(
    world: World, carrier: InProcessCarrier, stage: Stage
) -> None:
    unnamed(world, carrier, stage=stage)
    assert look(world, carrier).tally == {"voice.unsettled": 1}


def test_one_attempt_in_doubt_stands_behind_one_call_only(world: World, carrier: InProcessCarrier) -> None:
    attempt = unnamed(world, carrier, stage=Stage.IN_DOUBT)
    (sid,) = carrier.orders
    carrier.records[CALL] = replace(carrier.records[sid], sid=CALL)
    assert look(world, carrier).tally == {"voice.unsettled": 1, "voice.undecided": 1}
    assert attempt.sid is None


@pytest.mark.parametrize(
    ("minutes", "from_", "verdict"),
    [
        (10, CALLER_ID, "voice.unsettled"),
        (11, CALLER_ID, "voice.undecided"),
        (-1, CALLER_ID, "voice.unsettled"),
        (-2, CALLER_ID, "voice.undecided"),
        (0, SENDER, "voice.undecided"),
    ],
)
def test_an_attempt_in_doubt_excuses_no_other_call(
    world: World, carrier: InProcessCarrier, minutes: int, from_: str, verdict: str
) -> None:
    unnamed(world, carrier, stage=Stage.IN_DOUBT)
    (sid,) = carrier.orders
    moment = NOON + timedelta(minutes=minutes)
    carrier.records[sid] = replace(carrier.records[sid], created_at=moment, from_=from_)
    assert look(world, carrier).tally == {verdict: 1}


@pytest.mark.parametrize("outcome", [Outcome.NEVER_SENT, Outcome.REFUSED, Outcome.LOST])
def test_a_call_that_we_recorded_as_never_made_is_an_alarm(
    world: World, carrier: InProcessCarrier, outcome: Outcome
) -> None:
    attempt = unnamed(world, carrier, stage=Stage.ENDED, outcome=outcome)
    assert look(world, carrier).tally == {"voice.unrecorded": 1}
    assert [(row.kind, row.attempt_id) for row in alarms(world)] == [("unrecorded", attempt.id)]


def test_an_alarm_ends_when_the_attempt_has_learnt_its_name(world: World, carrier: InProcessCarrier) -> None:
    unnamed(world, carrier, stage=Stage.ENDED, outcome=Outcome.NEVER_SENT)
    assert look(world, carrier).open == 1
    with world.store.write() as tx:
        tx.execute(update(attempts).values(sid=next(iter(carrier.orders))))
    report = look(world, carrier)
    assert (report.cleared, report.open, kinds(world)) == (1, 0, [])


def test_an_attempt_that_the_carrier_does_not_know_is_an_alarm(world: World, carrier: InProcessCarrier) -> None:
    attempt = dispatched(world, carrier)[0]
    carrier.records.clear()
    world.now = NOON + timedelta(minutes=10)
    report = look(world, carrier)
    assert report.tally == {"voice.not_at_carrier": 1}
    assert [(row.kind, row.sid, row.attempt_id) for row in alarms(world)] == [
        ("not_at_carrier", attempt.sid, attempt.id)
    ]


@pytest.mark.parametrize(
    ("planned", "day", "raised"),
    [
        ("2026-11-23T00:00:00", "2026-11-23", 1),
        ("2026-11-23T00:00:00", "2026-11-22", 0),
        ("2026-11-23T23:59:59.999", "2026-11-23", 1),
        ("2026-11-23T23:59:59.999", "2026-11-24", 0),
    ],
)
def test_an_attempt_is_missed_on_the_day_on_which_it_was_planned(
    world: World, carrier: InProcessCarrier, planned: str, day: str, raised: int
) -> None:
    at = datetime.fromisoformat(planned).replace(tzinfo=UTC)
    dispatched(world, carrier)
    with world.store.write() as tx:
        tx.execute(update(attempts).values(planned_at=at, id=new_id(at)))
    carrier.records.clear()
    world.now = at + timedelta(hours=1)
    assert look(world, carrier, date.fromisoformat(day)).raised == raised


def test_what_the_carrier_was_just_given_it_may_not_know_yet(world: World, carrier: InProcessCarrier) -> None:
    dispatched(world, carrier)
    carrier.records.clear()
    world.now = NOON + timedelta(minutes=9, seconds=59)
    assert look(world, carrier).tally == {"voice.unsettled": 1}


def test_a_call_that_never_began_is_not_listed_and_no_alarm(world: World, carrier: InProcessCarrier) -> None:
    dispatched(world, carrier)
    carrier.set_status(next(iter(carrier.orders)), CallStatus.QUEUED)
    world.now = NOON + timedelta(hours=1)
    assert look(world, carrier).tally == {"voice.not_listed": 1}


def test_no_more_than_so_many_are_asked_for_by_name(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "ASKED_AT_MOST", 2)
    dispatched(world, carrier, 3)
    carrier.records.clear()
    world.now = NOON + timedelta(hours=1)
    report = look(world, carrier)
    assert (report.raised, report.unasked) == (2, 1)


def test_a_person_can_say_what_it_was(world: World, carrier: InProcessCarrier) -> None:
    at_carrier(carrier)
    look(world, carrier)
    with world.store.write() as tx:
        assert reconciliations.settle(tx, CALL, "cli:tests", "a test from the console", NOON) == 1
        assert reconciliations.settle(tx, CALL, "cli:tests", "again", NOON) == 0
    report = look(world, carrier)
    assert (report.raised, report.open) == (0, 0)
    assert [(row.note, row.cleared_by) for row in alarms(world)] == [("a test from the console", "cli:tests")]


class Unreachable(InProcessCarrier):
    """A carrier that fails when it is asked for its list."""

    def began_on(self, channel: Channel, day: date) -> Iterator[Sequence[CarrierRecord]]:  # noqa: ARG002
        raise CarrierUnreachableError


def nightly(world: World, carrier: InProcessCarrier, hour: int = 3) -> list[date]:
    reports = nightly_reconcile.run_once(world.store, lambda: carrier, lambda: world.now, hour)
    return [report.day for report in reports]


@pytest.mark.parametrize(("now", "day"), [("2026-11-24T02:59:59", "2026-11-22"), ("2026-11-24T03:00:00", "2026-11-23")])
def test_a_day_is_looked_at_when_the_hour_strikes_after_it(
    world: World, carrier: InProcessCarrier, now: str, day: str
) -> None:
    world.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert nightly(world, carrier) == [date.fromisoformat(day)]
    assert nightly(world, carrier) == []


def test_nights_that_nobody_worked_are_made_up_for_the_latest_first(world: World, carrier: InProcessCarrier) -> None:
    assert nightly(world, carrier) == [DAY - timedelta(days=1)]
    world.now = NOON + timedelta(days=3)
    rings = [nightly(world, carrier) for _ in range(4)]
    assert rings == [[DAY + timedelta(days=2)], [DAY + timedelta(days=1)], [DAY], []]


def test_a_look_during_the_day_does_not_stand_for_the_night(world: World, carrier: InProcessCarrier) -> None:
    look(world, carrier, DAY)
    world.now = NOON + timedelta(days=1)
    assert nightly(world, carrier) == [DAY]


def test_a_look_that_was_cut_off_is_begun_again_after_half_an_hour(world: World, carrier: InProcessCarrier) -> None:
    with pytest.raises(CarrierUnreachableError):
        nightly(world, Unreachable(now=lambda: NOON))
    rings = []
    for minutes in (29, 30, 31):
        world.now = NOON + timedelta(minutes=minutes)
        rings.append(nightly(world, carrier))
    assert rings == [[], [DAY - timedelta(days=1)], []]
    with world.store.read() as tx:
        assert [row.finished_at is None for row in tx.execute(select(looks).order_by(looks.c.id))] == [True, False]
