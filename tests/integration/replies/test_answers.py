"""Answers that staff write: attempts like any other, decided by the gate, sent once, never to somebody stopped."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.carrier import MessageOrder, MessageStatus
from orchestrator.domain.errors import CarrierUnreachableError, NumberRefusedError, RecipientOptedOutError, UserError
from orchestrator.persistence import campaigns, suppressions
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import live_attempts
from orchestrator.persistence.tables.campaigns import campaigns as campaigns_table
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.conversations import threads as threads_table
from orchestrator.pipeline.campaign_drafts import create
from orchestrator.pipeline.conversation_campaign import NAME
from orchestrator.pipeline.halts import Halt, declare, lift
from orchestrator.pipeline.planning import BODY
from tests.integration.reception.world import ACME, CALLER_ID, NOW, PERSON, an_attempt, open_house
from tests.integration.replies.desk import TEXT, answer, hear, tell, written_by
from tests.world import World, a_plan, rulebook_of


@pytest.fixture
def world(store: Store, law: Rulebook) -> Iterator[World]:
    """Acme under the law as it ships, on each database."""
    open_house(store)
    made = World(store, InProcessCarrier(now=lambda: NOW), now=NOW, rulebook=law)
    yield made
    made.close()


@pytest.fixture
def lite(sqlite_store: Store, law: Rulebook) -> Iterator[World]:
    """The same on SQLite alone, where the database is not the subject."""
    open_house(sqlite_store)
    made = World(sqlite_store, InProcessCarrier(now=lambda: NOW), now=NOW, rulebook=law)
    yield made
    made.close()


def carrier_of(world: World) -> InProcessCarrier:
    assert isinstance(world.carrier, InProcessCarrier)
    return world.carrier


def test_an_answer_goes_out_once_as_an_attempt_with_its_decision_and_its_news_are_kept(world: World) -> None:
    thread = hear(world, "do you work on Sundays?", "SM1")
    sid = answer(world, thread)
    (order,) = carrier_of(world).orders.values()
    assert isinstance(order, MessageOrder)
    assert (order.to, order.from_, order.body) == (PERSON, CALLER_ID, TEXT)
    assert 0 < order.validity_seconds <= 3600
    (row,) = world.attempts()
    assert (row.id, row.stage, row.sid) == (order.reference, "submitted", sid)
    assert world.store.keyring.open(row.body_sealed, BODY) == TEXT
    assert written_by(world.store) == {row.id: "cli:kim"}
    with world.store.read() as tx:
        decision = tx.execute(select(decisions)).one()
        assert (decision.id, decision.attempt_id, decision.verdict) == (row.decision_id, row.id, "allow")
        assert tx.execute(select(live_attempts.c.attempt_id)).scalars().all() == [row.id]
        assert campaigns.fetch(tx, row.campaign_id).name == NAME
    tell(world, row, MessageStatus.DELIVERED)
    assert world.attempt(row.id).outcome == "delivered"
    assert world.count(live_attempts) == 0


def test_nobody_who_said_stop_or_may_have_gets_an_answer_until_they_write_start(lite: World) -> None:
    thread = hear(lite, "hmm, rather not", "SM1")
    with pytest.raises(UserError, match="said stop"):
        answer(lite, thread, "But why?")
    hear(lite, "START", "SM2")
    assert answer(lite, thread, "Welcome back.")
    assert len(carrier_of(lite).orders) == 1


def test_what_was_answered_since_they_wrote_is_answered_twice_on_purpose_alone(lite: World) -> None:
    thread = hear(lite, "thanks", "SM1")
    answer(lite, thread)
    with pytest.raises(UserError, match=r"cli:kim has answered this already, at 2026-11-23 15:00:00 UTC.*--again"):
        answer(lite, thread, by="cli:lee")
    with pytest.raises(UserError, match="is on its way"):
        answer(lite, thread, by="cli:lee", again=True)
    tell(lite, lite.attempts()[0], MessageStatus.SENT)
    lite.now += timedelta(minutes=1)
    assert answer(lite, thread, by="cli:lee", again=True)
    tell(lite, lite.attempts()[1], MessageStatus.DELIVERED)
    lite.now += timedelta(minutes=1)
    hear(lite, "and on Mondays?", "SM2")
    assert answer(lite, thread), "what they wrote since has no answer yet"
    assert [written_by(lite.store)[row.id] for row in lite.attempts()] == ["cli:kim", "cli:lee", "cli:kim"]
    assert [row.ordinal for row in lite.attempts()] == [1, 2, 3]


@pytest.mark.parametrize("error", [NumberRefusedError(carrier_code=21614), CarrierUnreachableError()])
def test_what_certainly_was_not_sent_is_said_so_and_may_be_written_again(
    lite: World, error: NumberRefusedError | CarrierUnreachableError
) -> None:
    thread = hear(lite, "thanks", "SM1")
    carrier_of(lite).refuse_next(error)
    with pytest.raises(UserError, match=r"[Nn]othing was sent"):
        answer(lite, thread)
    assert lite.count(live_attempts) == 0
    assert answer(lite, thread), "without --again, since nobody got an answer"


def test_a_stop_that_the_carrier_knows_of_suppresses(lite: World) -> None:
    thread = hear(lite, "thanks", "SM1")
    carrier_of(lite).refuse_next(RecipientOptedOutError(carrier_code=21610))
    with pytest.raises(UserError, match=r"error 21610 of the carrier\. The carrier holds a stop"):
        answer(lite, thread)
    with lite.store.read() as tx:
        assert len(suppressions.standing(tx, ACME, lite.store.keyring.number_key(PERSON))) == 1


def test_a_number_has_one_live_message_whoever_sends_it(lite: World) -> None:
    thread = hear(lite, "thanks", "SM1")
    an_attempt(lite.store, channel="sms")
    with pytest.raises(UserError, match="Another message to this person is on its way"):
        answer(lite, thread)
    assert carrier_of(lite).orders == {}
    assert written_by(lite.store) == {}


def test_a_no_of_the_gate_is_told_and_on_record(lite: World) -> None:
    lite.close()
    at_night = NOW.replace(hour=4)
    night = World(lite.store, lite.carrier, now=at_night, rulebook=rulebook_of())
    thread = hear(night, "are you open?", "SM1")
    with pytest.raises(UserError, match=r"The law says not now: .*\(test.hours\) It may be sent from 2026-11-23 13:00"):
        answer(night, thread)
    with night.store.read() as tx:
        (decision,) = tx.execute(select(decisions)).all()
    assert (decision.verdict, decision.rules, decision.attempt_id) == ("hold", ["test.hours"], None)
    assert night.attempts() == []
    night.close()


def test_answers_stop_with_a_pause_a_halt_or_the_rest_of_their_sender(lite: World) -> None:
    thread = hear(lite, "thanks", "SM1")
    answer(lite, thread)
    tell(lite, lite.attempts()[0], MessageStatus.SENT)
    with lite.store.write() as tx:
        declare(tx, Halt("seller", ACME, None, "kim"), NOW)
    with pytest.raises(UserError, match="halted by hand"):
        answer(lite, thread, again=True)
    lift(lite.store, "seller", ACME, NOW)
    with lite.store.write() as tx:
        paused = update(campaigns_table).where(campaigns_table.c.name == NAME)
        tx.execute(paused.values(state=CampaignState.PAUSED, state_reason="paused by hand"))
    with pytest.raises(UserError, match=r"paused by hand\), so nothing was sent; `orchestrator campaigns resume"):
        answer(lite, thread, again=True)


def test_no_other_campaign_takes_the_name_under_which_answers_are_counted(lite: World) -> None:
    plan = a_plan(NAME, voice=True, sms=False)
    with pytest.raises(UserError, match="give this campaign another"):
        create(lite.store, plan, NOW, lite.engine.strategies, lite.engine.cadences, "cli:ops")


def test_nothing_is_sent_that_cannot_be_read_or_answered(lite: World) -> None:
    thread = hear(lite, "thanks", "SM1")
    for text in ("", "  ", "x" * 1601):
        with pytest.raises(UserError, match="1600 characters"):
            answer(lite, thread, text)
    with pytest.raises(UserError, match="no thread 99"):
        answer(lite, 99)
    with lite.store.write() as tx:
        tx.execute(update(threads_table).values(sender="ACME"))
    with pytest.raises(UserError, match="nobody can be answered from"):
        answer(lite, thread)
    assert lite.attempts() == []
