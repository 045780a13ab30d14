"""A consent is withdrawn by any means, and what it carried ends at once."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.consent_event import Collection, Evidence
from orchestrator.domain.contact_request import ConsentChannel, LineType, Purpose
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import consents
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.tables.people import consents as ledger
from orchestrator.persistence.tables.people import suppressions
from orchestrator.pipeline import claimed_people, control
from orchestrator.pipeline.consents.withdrawing import Withdrawal, withdraw
from tests.integration.consents.builders import a_consent
from tests.world import World, numbers

ANY, VOICE, SMS = ConsentChannel.ANY, ConsentChannel.VOICE, ConsentChannel.SMS
A_LETTER = Withdrawal(
    seller_id="acme",
    number=numbers(1)[0],
    means=Collection.LETTER,
    words="Please stop",
    recorded_by="cli:ops",
)


def texted(world: World) -> int:
    """A person who agreed to offers by text and call, and whose text the carrier has queued."""
    campaign = world.a_campaign(voice=False, sms=True)
    contact = world.a_contact([A_LETTER.number], line_type=LineType.MOBILE)
    with world.store.write() as tx:
        event = a_consent("acme", number=A_LETTER.number, channel=ANY, happened_at=world.now)
        consents.record(tx, world.store.keyring, event, world.now)
    world.enrol(campaign, contact, lane=Lane.SMS)
    assert world.dispatch(campaign, Lane.SMS) == 1
    return contact


def statuses(world: World, carrier: InProcessCarrier) -> set[str]:
    """What the carrier made of all that it was given."""
    control.run_once(world.store, carrier, world.now)
    return {str(record.status) for record in carrier.records.values()}


WAITING_HERE = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
WITHDRAWN = [
    (ANY, None, ("do_not_call", "any")),
    (SMS, None, ("do_not_call", "sms")),
    (ANY, Purpose.TELEMARKETING, ("objection", "any")),
    (VOICE, Purpose.FUNDRAISING, ("objection", "voice")),
    (ANY, Purpose.INFORMATIONAL, None),
]


def test_it_is_on_record_with_the_words_and_stops_what_it_speaks_of(world: World) -> None:
    world.a_seller()
    for (channel, purpose, stop), number in zip(WITHDRAWN, numbers(5), strict=True):
        entry = withdraw(world.store, replace(A_LETTER, number=number, channel=channel, purpose=purpose), world.now)
        with world.store.read() as tx:
            row = tx.execute(select(ledger).where(ledger.c.id == entry)).one()
            known = suppressions.c.number_key == row.number_key
            stops = [tuple(one) for one in tx.execute(select(suppressions.c.kind, suppressions.c.channel).where(known))]
        assert (row.event, row.channel, row.purpose) == ("withdrawn", channel, purpose)
        assert (row.collection, row.recorded_by) == ("letter", "cli:ops")
        assert world.store.keyring.open_json(row.evidence_sealed, EVIDENCE)[Evidence.WORDS] == "Please stop"
        assert stops == ([stop] if stop else [])


def test_what_is_queued_is_taken_back_and_nothing_follows(world: World, carrier: InProcessCarrier) -> None:
    contact = texted(world)
    withdraw(world.store, A_LETTER, world.now)
    assert statuses(world, carrier) == {"canceled"}
    again = world.a_campaign("Again", voice=False, sms=True)
    world.enrol(again, contact, lane=Lane.SMS)
    assert world.dispatch(again, Lane.SMS) == 0


def test_a_no_to_one_channel_is_one_to_offers_on_each(world: World, carrier: InProcessCarrier) -> None:
    texted(world)
    withdraw(world.store, replace(A_LETTER, channel=VOICE), world.now)
    assert statuses(world, carrier) == {"canceled"}


NOES_TO_A_SERVICE = [
    (ANY, Purpose.INFORMATIONAL, "canceled"),
    (VOICE, Purpose.INFORMATIONAL, "canceled"),
    (SMS, Purpose.INFORMATIONAL, "queued"),
    (ANY, Purpose.DEBT_COLLECTION, "queued"),
]


def test_a_no_to_a_service_takes_back_what_serves_it_and_nothing_else(world: World, carrier: InProcessCarrier) -> None:
    campaign = world.a_campaign(purpose=Purpose.INFORMATIONAL)
    called = numbers(4, start=20)
    world.enrol(campaign, *(world.a_contact([number]) for number in called))
    assert world.dispatch(campaign) == 4
    for (channel, purpose, _), number in zip(NOES_TO_A_SERVICE, called, strict=True):
        withdraw(world.store, replace(A_LETTER, number=number, channel=channel, purpose=purpose), world.now)
    statuses(world, carrier)
    left = {record.to: str(record.status) for record in carrier.records.values()}
    assert [left[number] for number in called] == [status for _, _, status in NOES_TO_A_SERVICE]


def test_a_no_to_a_service_while_its_call_is_decided_is_honoured(
    world: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts are read without it, and the row is written after: the withdrawal waits for that, and sees it."""
    campaign = world.a_campaign(purpose=Purpose.INFORMATIONAL)
    world.enrol(campaign, world.a_contact([A_LETTER.number]))
    said = replace(A_LETTER, purpose=Purpose.INFORMATIONAL)
    thread = threading.Thread(target=lambda: withdraw(world.store, said, world.now))
    read = claimed_people.people_of

    def read_and_hear(*given: Any) -> Any:
        people = read(*given)
        thread.start()
        while thread.is_alive() and not world.store.is_sqlite and not somebody_waits(world):
            continue
        return people

    monkeypatch.setattr("orchestrator.pipeline.dispatch.people_of", read_and_hear)
    assert world.dispatch(campaign) == 1
    thread.join(30)
    assert statuses(world, carrier) == {"canceled"}


def somebody_waits(world: World) -> bool:
    """Whether PostgreSQL lets a transaction wait for another."""
    with world.store.read() as tx:
        return bool(tx.execute(text(WAITING_HERE)).scalar_one())


def test_a_no_with_the_number_of_a_card_counts_without_it(world: World) -> None:
    world.a_seller()
    said = replace(A_LETTER, words="Stop, and refund 4111 1111 1111 1111")
    entry = withdraw(world.store, said, world.now)
    with world.store.read() as tx:
        sealed = tx.execute(select(ledger.c.evidence_sealed).where(ledger.c.id == entry)).scalar_one()
    words = world.store.keyring.open_json(sealed, EVIDENCE)[Evidence.WORDS]
    assert words == "Stop, and refund [card number removed]"
