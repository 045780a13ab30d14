"""Answers that staff write: through the gate, written down before the carrier is asked, never to somebody stopped."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.carrier import MessageOrder, MessageStatus
from orchestrator.domain.errors import (
    DispatchUncertainError,
    NumberRefusedError,
    RecipientOptedOutError,
    UserError,
)
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.persistence import answers, suppressions, threads
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import answers as answers_table
from orchestrator.persistence.tables.conversations import threads as threads_table
from orchestrator.pipeline import conversations, settlement
from orchestrator.pipeline.reception.receiving import receive
from tests.integration.reception.world import ACME, CALLER_ID, NOW, PERSON, an_inbound_message, classify, open_house


@pytest.fixture
def house(store: Store) -> Store:
    open_house(store)
    return store


@pytest.fixture
def carrier() -> InProcessCarrier:
    return InProcessCarrier(now=lambda: NOW)


def hear(house: Store, body: str, sid: str) -> int:
    receive(house, an_inbound_message(body, sid=sid), NOW, classify)
    with house.read() as tx:
        return int(tx.execute(select(threads_table.c.id)).scalar_one())


def rows(house: Store) -> list[Record]:
    with house.read() as tx:
        return list(tx.execute(select(answers_table).order_by(answers_table.c.planned_at, answers_table.c.id)))


def test_an_answer_goes_out_once_from_the_number_that_was_written_to_and_its_news_are_kept(
    house: Store, carrier: InProcessCarrier, law: Rulebook
) -> None:
    thread = hear(house, "do you work on Sundays?", "SM1")
    sid = conversations.answer(house, carrier, law, thread, "Acme Roofing: yes, we do.", "cli:kim", NOW)
    (order,) = carrier.orders.values()
    assert isinstance(order, MessageOrder)
    assert (order.to, order.from_, order.body) == (PERSON, CALLER_ID, "Acme Roofing: yes, we do.")
    (row,) = rows(house)
    assert (row.id, row.stage, row.sid, row.written_by) == (order.reference, "sent", sid, "cli:kim")
    assert row.decision["verdict"] == "allow"
    assert house.keyring.open(row.body_sealed, answers.BODY) == order.body
    delivered = CarrierEvent(
        kind=EventKind.MESSAGE_STATUS, key="m", sid=sid, to=PERSON, from_=CALLER_ID, reference=row.id,
        message_status=MessageStatus.DELIVERED,
    )  # fmt: skip
    receive(house, delivered, NOW, classify)
    settlement.run_once(house, NOW)
    assert rows(house)[0].status == "delivered"


def test_nobody_who_said_stop_or_may_have_gets_an_answer_until_they_write_start(
    house: Store, carrier: InProcessCarrier, law: Rulebook
) -> None:
    thread = hear(house, "hmm, rather not", "SM1")
    with pytest.raises(UserError, match="said stop"):
        conversations.answer(house, carrier, law, thread, "But why?", "cli:kim", NOW)
    hear(house, "START", "SM2")
    assert conversations.answer(house, carrier, law, thread, "Welcome back.", "cli:kim", NOW)
    assert len(carrier.orders) == 1


def test_a_stop_between_the_gate_and_the_send_is_honoured(
    house: Store, carrier: InProcessCarrier, law: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = hear(house, "thanks", "SM1")
    plan = answers.plan

    def then_they_say_stop(tx, row) -> None:  # type: ignore[no-untyped-def]
        plan(tx, row)
        key = house.keyring.number_key(PERSON)
        from orchestrator.domain.contact_request import SuppressionKind

        suppressions.add(tx, seller_id=ACME, number_key=key, kind=SuppressionKind.STOP_REPLY, at=NOW, source="reply")

    monkeypatch.setattr(answers, "plan", then_they_say_stop)
    with pytest.raises(UserError, match="just said stop"):
        conversations.answer(house, carrier, law, thread, "You're welcome.", "cli:kim", NOW)
    assert carrier.orders == {}
    assert [row.stage for row in rows(house)] == ["stopped"]


def test_an_answer_whose_fate_is_unknown_is_asked_after_and_never_sent_again(
    house: Store, carrier: InProcessCarrier, law: Rulebook
) -> None:
    thread = hear(house, "thanks", "SM1")
    carrier.lose_next_answer(DispatchUncertainError("reset"))
    with pytest.raises(UserError, match="Do not write it again"):
        conversations.answer(house, carrier, law, thread, "You're welcome.", "cli:kim", NOW)
    assert conversations.run_once(house, carrier) == 0, "not before its time"
    make_due(house)
    assert conversations.run_once(house, carrier) == 1
    assert [(row.stage, row.sid) for row in rows(house)] == [("sent", next(iter(carrier.orders)))]
    carrier.refuse_next(DispatchUncertainError("reset"))
    with pytest.raises(UserError):
        conversations.answer(house, carrier, law, thread, "Anything else?", "cli:kim", NOW + timedelta(minutes=1))
    for _ in range(conversations.MOST_LOOKS):
        make_due(house)
        conversations.run_once(house, carrier)
    assert [row.stage for row in rows(house)] == ["sent", "lost"]
    assert len(carrier.orders) == 1


def test_what_the_carrier_refuses_is_written_down_and_an_opt_out_that_it_knows_of_suppresses(
    house: Store, carrier: InProcessCarrier, law: Rulebook
) -> None:
    thread = hear(house, "thanks", "SM1")
    carrier.refuse_next(NumberRefusedError(carrier_code=21614))
    with pytest.raises(NumberRefusedError):
        conversations.answer(house, carrier, law, thread, "You're welcome.", "cli:kim", NOW)
    carrier.refuse_next(RecipientOptedOutError(carrier_code=21610))
    with pytest.raises(RecipientOptedOutError):
        conversations.answer(house, carrier, law, thread, "You're welcome.", "cli:kim", NOW + timedelta(minutes=1))
    assert [(row.stage, row.error_code) for row in rows(house)] == [("refused", 21614), ("refused", 21610)]
    with house.read() as tx:
        assert len(suppressions.standing(tx, ACME, house.keyring.number_key(PERSON))) == 1


def test_nothing_is_sent_that_cannot_be_read_or_answered(
    house: Store, carrier: InProcessCarrier, law: Rulebook
) -> None:
    thread = hear(house, "thanks", "SM1")
    for text in ("", "  ", "x" * 1601):
        with pytest.raises(UserError, match="1600 characters"):
            conversations.answer(house, carrier, law, thread, text, "cli:kim", NOW)
    with pytest.raises(UserError, match="no thread 99"):
        conversations.answer(house, carrier, law, 99, "hello", "cli:kim", NOW)
    with house.write() as tx:
        tx.execute(update(threads_table).values(sender="ACME"))
    with pytest.raises(UserError, match="nobody can be answered from"):
        conversations.answer(house, carrier, law, thread, "hello", "cli:kim", NOW + timedelta(days=2))
    assert rows(house) == []
    assert threads.NUMBER == "threads.number"


def make_due(house: Store) -> None:
    with house.write() as tx:
        past = datetime(2020, 1, 1, tzinfo=UTC)
        tx.execute(update(answers_table).where(answers_table.c.rescue_at.is_not(None)).values(rescue_at=past))
