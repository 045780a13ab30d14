"""The task router's callbacks: stored once and sealed before they are acknowledged, whatever they hold."""

import json

import pytest
from sqlalchemy import select

from orchestrator.domain.events import EventKind
from orchestrator.persistence import inbox as stored
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.deliveries import inbox
from tests.integration.reception.world import count
from tests.unit.webhooks.conftest import SigningCarrier

WORKER, TASK, RESERVATION = "WK" + "a" * 32, "WT" + "b" * 32, "WR" + "c" * 32
ACCEPTED = {
    "EventType": "reservation.accepted",
    "Sid": "EV" + "d" * 32,
    "WorkerSid": WORKER,
    "WorkerName": "Ann Example",
    "TaskSid": TASK,
    "ReservationSid": RESERVATION,
    "TaskAttributes": json.dumps({"kind": "outbound-preview", "offer_id": 7, "name": "Ada"}),
    "Timestamp": "1795000000",
    "TimestampMs": "1795000000123",
}
FACTS = {
    "type": "reservation.accepted", "worker_sid": WORKER, "task_sid": TASK, "reservation_sid": RESERVATION,
    "offer_id": "7",
}  # fmt: skip


def kept(house: Store) -> list[stored.Delivery]:
    with house.read() as tx:
        return list(stored.waiting(tx, house.keyring, 100))


def test_an_event_is_stored_and_nothing_personal_of_it(carrier: SigningCarrier, house: Store) -> None:
    answer = carrier.post("/tasks/events", ACCEPTED)
    assert (answer.status_code, answer.data) == (204, b"")
    [delivery] = kept(house)
    assert (delivery.event.kind, delivery.event.facts) == (EventKind.TASK_NEWS, FACTS)
    assert delivery.event.occurred_at is not None
    assert f"{delivery.event.occurred_at:%Y-%m-%dT%H:%M:%S.%f}" == "2026-11-18T11:06:40.123000"
    with house.read() as tx:
        sealed = tx.execute(select(inbox.c.event_sealed)).scalar_one()
    assert WORKER.encode() not in bytes(sealed)


def test_an_event_told_again_is_stored_once_and_its_brother_too(carrier: SigningCarrier, house: Store) -> None:
    for _ in range(3):
        assert carrier.post("/tasks/events", ACCEPTED).status_code == 204
    assert carrier.post("/tasks/events", ACCEPTED | {"Sid": "EV" + "e" * 32}).status_code == 204
    assert count(house, inbox) == 2


def test_without_its_own_sid_an_event_is_known_by_its_moment(carrier: SigningCarrier, house: Store) -> None:
    nameless = {name: value for name, value in ACCEPTED.items() if name != "Sid"}
    for moment in ("1795000000123", "1795000000123", "1795000000124"):
        carrier.post("/tasks/events", nameless | {"TimestampMs": moment})
    assert count(house, inbox) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"TaskAttributes": "no JSON"},
        {"TaskAttributes": "[7]"},
        {"TaskAttributes": '{"offer_id": "7; drop"}'},
        {"TaskAttributes": '{"offer_id": -1}'},
        {"TaskAttributes": '{"offer_id": 99999999999999999999}'},
        {"Timestamp": "soon", "TimestampMs": "never"},
        {"TimestampMs": "9" * 40},
        {"EventType": "ünïcode", "WorkerSid": "\n"},
    ],
)
def test_whatever_an_event_holds_it_is_acknowledged(
    carrier: SigningCarrier, house: Store, broken: dict[str, str]
) -> None:
    assert carrier.post("/tasks/events", ACCEPTED | broken).status_code == 204
    [delivery] = kept(house)
    assert (delivery.event.facts or {}).get("offer_id") in {None, "7"}


def test_an_assignment_is_left_to_the_workers_own_screen(carrier: SigningCarrier, house: Store) -> None:
    form = {name: value for name, value in ACCEPTED.items() if name not in {"Sid", "EventType"}}
    for _ in range(2):
        answer = carrier.post("/tasks/assignments", form)
        assert (answer.status_code, answer.mimetype, answer.json) == (200, "application/json", {})
    [delivery] = kept(house)
    assert (delivery.event.facts or {})["worker_sid"] == WORKER


def test_news_of_a_workers_leg_carry_the_offer_of_the_address(carrier: SigningCarrier, house: Store) -> None:
    form = {
        "CallSid": "CA1",
        "CallStatus": "in-progress",
        "SequenceNumber": "2",
        "From": "+12125550100",
        "To": "client:ann",
    }
    assert carrier.post("/tasks/7/leg", form).status_code == 204
    [delivery] = kept(house)
    assert (delivery.event.kind, delivery.event.sid, delivery.event.facts) == (
        EventKind.TASK_LEG,
        "CA1",
        {"offer_id": "7"},
    )
    assert carrier.post("/tasks/no-number/leg", form).status_code == 404
