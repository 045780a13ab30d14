"""Deadlines that stand, run on and are put off; a no that acts at once; alarms that ring once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.carrier import CallStatus
from orchestrator.domain.contact_request import LineType, Purpose, SuppressionKind
from orchestrator.domain.enrollment import Lane
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Right
from orchestrator.installation import prove
from orchestrator.persistence import removals
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.dossiers import NUMBER as KEPT_NUMBER
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.suppressions import standing
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import contact_points, suppressions
from orchestrator.persistence.tables.rights import holds
from orchestrator.pipeline import control
from orchestrator.pipeline.reception import stops
from orchestrator.pipeline.reception.stops import Stop
from orchestrator.pipeline.rights import complaining, duty, objecting, rectifying, requests
from orchestrator.pipeline.rights.complaining import Complaint
from orchestrator.pipeline.rights.duty import Duty
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.rights.rectifying import Correction
from orchestrator.pipeline.rights.requests import Case
from orchestrator.pipeline.rights.subjects import find
from orchestrator.settings import Settings
from tests.integration.rights.people import LAW, NUMBER, OTHERS, a_known_person, asking, consent, everything_opened
from tests.world import A_TEXT, NOON, World

BY = "cli:ops"
TODAY = NOON.date()  # 2026-11-23
STOP_REPLY = SuppressionKind.STOP_REPLY


def taken(world: World, right: Right = Right.ACCESS, named: object = NUMBER, **facts: object) -> Record:
    with world.store.write() as tx:
        case = Case(tx, world.store.keyring, LAW, BY, NOON)
        subject = find(tx, world.store.keyring, str(named), "acme")
        return requests.take_down(case, subject, asking(right, named, **facts))


def fetched(store: Store, request_id: int) -> Record:
    with store.read() as tx:
        return stored.fetch(tx, request_id)


def steps(world: World, request_id: int) -> list[str]:
    with world.store.read() as tx:
        return [step.step for step in stored.steps_of(tx, request_id)]


def test_an_answer_is_put_off_once_and_only_by_who_told_so_in_time(lite: World) -> None:
    lite.a_contact([NUMBER])
    row = taken(lite, jurisdiction="DE")
    assert row.due_on == date(2026, 12, 23)

    def extend(told_on: date, reasons: str = "many records", now: timedelta = timedelta(days=40)) -> Record:
        return requests.extend(lite.store, LAW, row.id, reasons, told_on, BY, NOON + now)

    with pytest.raises(UserError, match="without reasons"):
        extend(row.due_on, " ")
    with pytest.raises(UserError, match="had to be told by 2026-12-23"):
        extend(row.due_on + timedelta(days=1))
    with pytest.raises(UserError, match="lies in the future"):
        extend(row.due_on, now=timedelta(days=29))
    assert extend(row.due_on).due_on == date(2027, 2, 23)  # three months from receipt
    with pytest.raises(UserError, match="once already"):
        extend(row.due_on)
    elsewhere = taken(lite, Right.ERASE, jurisdiction="AU")
    with pytest.raises(UserError, match="knows no extension"):
        requests.extend(lite.store, LAW, elsewhere.id, "many", TODAY, BY, NOON)


def test_the_clock_stands_while_britons_are_asked_what_they_mean(lite: World) -> None:
    lite.a_contact([NUMBER])
    row = taken(lite, jurisdiction="GB")
    requests.pause(lite.store, LAW, row.id, "which calls?", BY, NOON)
    requests.pause(lite.store, LAW, row.id, "which calls?", BY, NOON + timedelta(days=1))
    later = requests.go_on(lite.store, LAW, row.id, BY, NOON + timedelta(days=5))
    assert (row.due_on, later.due_on) == (date(2026, 12, 23), date(2026, 12, 28))
    with pytest.raises(UserError, match="is not stopped"):
        requests.go_on(lite.store, LAW, row.id, BY, NOON)
    german = taken(lite, Right.PORT, jurisdiction="DE")
    with pytest.raises(UserError, match="does not stand while you ask back"):
        requests.pause(lite.store, LAW, german.id, "which?", BY, NOON)


def test_the_clock_stands_until_it_is_known_who_asks(lite: World) -> None:
    first = lite.a_contact([NUMBER])
    lite.a_contact([NUMBER])
    row = taken(lite, named=first, jurisdiction="DE")
    assert (row.state, row.paused_on) == ("identity", TODAY)
    with lite.store.write() as tx:
        requests.identify(
            Case(tx, lite.store.keyring, LAW, BY, NOON + timedelta(days=3)), row, "called back", passed=True
        )
    known = fetched(lite.store, row.id)
    assert (known.state, known.identity, known.due_on) == ("open", "passed", row.due_on + timedelta(days=3))
    assert steps(lite, row.id) == ["received", "identity needed", "clock runs", "identity passed"]


def test_who_is_somebody_else_is_answered_nothing_and_refused(lite: World) -> None:
    first = lite.a_contact([NUMBER])
    lite.a_contact([NUMBER])
    row = taken(lite, named=first)
    with lite.store.write() as tx:
        requests.identify(Case(tx, lite.store.keyring, LAW, BY, NOON), row, "asked for their birthday", passed=False)
    with pytest.raises(UserError, match="not who is meant"):
        requests.require_identity(fetched(lite.store, row.id))
    assert requests.refuse(lite.store, LAW, row.id, "not you", BY, NOON).state == "refused"


def test_alarms_ring_on_their_day_and_once(lite: World) -> None:
    lite.a_contact([NUMBER])
    row = taken(lite, jurisdiction="DE")
    rung = [duty.remind(lite.store, LAW, NOON + timedelta(days=day)) for day in (19, 20, 20, 27, 28, 30, 31, 40)]
    assert rung == [0, 1, 0, 0, 1, 0, 1, 0]  # the 31st is the day after the last
    assert fetched(lite.store, row.id).alarmed_day == 31
    assert steps(lite, row.id) == ["received", "alarm", "alarm", "alarm"]


def test_an_objection_acts_at_once_on_every_number_campaign_and_what_rings(
    world: World, carrier: InProcessCarrier
) -> None:
    called, waiting = world.a_campaign("Now"), world.a_campaign("Later")
    contact = world.a_contact([NUMBER, OTHERS], automated=True)
    world.enrol(called, contact)
    world.enrol(waiting, contact)
    world.dispatch(called)
    (call,) = world.attempts()
    done = objecting.stop(world.store, LAW, asking(Right.OBJECT, OTHERS), "acme", NOON)
    assert (done.numbers, done.request.state) == (2, "done")
    control.run_once(world.store, carrier, NOON)
    assert carrier.records[call.sid].status == CallStatus.CANCELED
    assert world.dispatch(waiting) == 0
    with world.store.read() as tx:
        kinds = tx.execute(select(suppressions.c.kind, suppressions.c.channel)).all()
    assert sorted(kinds) == [("do_not_call", "any")] * 2 + [("objection", "any")] * 2
    with pytest.raises(UserError, match="has been done since"):
        requests.refuse(world.store, LAW, done.request.id, "we would rather not", BY, NOON)


def test_under_the_law_an_objection_ends_service_too_and_in_campaigns_to_come(
    sqlite_store: Store, carrier: InProcessCarrier, law: Rulebook
) -> None:
    """What the command says is stopped is stopped: the rule on objections alone leaves what sells nothing."""
    world = World(sqlite_store, carrier, rulebook=law)
    world.a_seller()
    people = [world.a_contact([number], line_type=LineType.MOBILE, texts=True) for number in (NUMBER, OTHERS)]
    objecting.stop(world.store, LAW, asking(Right.OBJECT), "acme", NOON)
    notices = replace(A_TEXT, marketing=False)
    campaign = world.a_campaign("Later", voice=False, sms=notices, purpose=Purpose.INFORMATIONAL)
    world.enrol(campaign, *people, lane=Lane.SMS)
    assert world.dispatch(campaign, Lane.SMS) == 1
    (sent,) = world.attempts()
    assert bytes(sent.number_key) == world.store.keyring.number_key(OTHERS)
    world.close()


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=1)], ids=["in order", "by a clock that was set back"])
def test_a_no_is_younger_than_every_yes_on_record(
    sqlite_store: Store, carrier: InProcessCarrier, law: Rulebook, ahead: timedelta
) -> None:
    """Else the yes before it would lift it, as soon as the clock is right again."""
    world = World(sqlite_store, carrier, rulebook=law)
    world.a_seller()
    contact = world.a_contact([NUMBER], line_type=LineType.MOBILE, texts=True)
    with world.store.write() as tx:
        consent(tx, world, contact, channel="sms", happened_at=NOON + ahead)
    objecting.stop(world.store, LAW, asking(Right.OBJECT), "acme", NOON)
    campaign = world.a_campaign("Texts", voice=False, sms=True)
    world.enrol(campaign, contact, lane=Lane.SMS)
    world.now = NOON + timedelta(hours=2)
    assert world.dispatch(campaign, Lane.SMS) == 0
    world.close()


def test_a_restriction_keeps_and_stops_until_it_is_lifted_and_lifts_nothing_else(lite: World) -> None:
    a_known_person(lite)
    row = objecting.stop(lite.store, LAW, asking(Right.RESTRICT), "acme", NOON, "disputed").request
    objecting.stop(lite.store, LAW, asking(Right.OBJECT), "acme", NOON)
    assert "Quillfeather" in everything_opened(lite)
    with pytest.raises(UserError, match="tell the person before"):
        objecting.lift(lite.store, LAW, row.id, "settled", TODAY + timedelta(days=1), BY, NOON)
    assert objecting.lift(lite.store, LAW, row.id, "settled", TODAY, BY, NOON).state == "done"
    with lite.store.read() as tx:
        standing = select(suppressions.c.kind).where(suppressions.c.lifted_at.is_(None))
        assert tx.execute(standing).scalars().all() == ["objection", "do_not_call"]


def test_a_complaint_is_a_case_with_its_own_deadline_and_keeps_every_row(lite: World) -> None:
    a_known_person(lite)
    complaint = Complaint(about="called on a Sunday", regulator="FCC", reference="F-1", due_on=date(2026, 12, 1))
    row = complaining.open_case(lite.store, LAW, asking(Right.COMPLAIN), complaint, "acme", NOON)
    again = complaining.open_case(lite.store, LAW, asking(Right.COMPLAIN), complaint, "acme", NOON)
    assert (again.id, again.due_on, lite.count(holds)) == (row.id, date(2026, 12, 1), 1)
    ended = complaining.close_case(lite.store, LAW, row.id, "settled", BY, NOON)
    with lite.store.read() as tx:
        hold = tx.execute(select(holds)).one()
    assert (ended.state, hold.released_by, hold.request_id) == ("closed", BY, row.id)


def test_what_was_wrong_is_put_right_and_what_stood_there_is_sealed_in_the_log(lite: World) -> None:
    contact = a_known_person(lite)
    objecting.stop(lite.store, LAW, asking(Right.OBJECT), "acme", NOON)
    correction = Correction(
        profile={"last_name": "Quill", "email": ""},
        columns={"time_zone": "America/Chicago"},
        old_number=NUMBER,
        new_number=OTHERS,
    )
    done = rectifying.rectify(lite.store, LAW, asking(Right.RECTIFY, contact), correction, "acme", NOON)
    assert done.changed == ("email", "last_name", "number", "time_zone")
    with lite.store.read() as tx:
        (key,) = tx.execute(select(contact_points.c.number_key)).scalars()
        noted = [stored.note_of(lite.store.keyring, step) for step in stored.steps_of(tx, done.request.id)]
        stopped = tx.execute(select(suppressions.c.kind).where(suppressions.c.number_key == key)).scalars().all()
    assert bytes(key) == lite.store.keyring.number_key(OTHERS)
    before = {"last_name": "Quillfeather", "email": "zq@example.org", "time_zone": None, "number": NUMBER}
    assert {"before": before} in noted
    assert stopped == ["objection", "do_not_call"]  # the person said it, not the number


def test_a_number_is_put_right_however_it_is_spaced(lite: World) -> None:
    """Kept as it was typed, it would be texted, and the stop from that phone would be nobody's."""
    contact = lite.a_contact([NUMBER])
    correction = Correction(old_number="+1 212-555-0150", new_number="+1 (212) 555-0151")
    rectifying.rectify(lite.store, LAW, asking(Right.RECTIFY, contact), correction, "acme", NOON)
    with lite.store.read() as tx:
        point = tx.execute(select(contact_points)).one()
    assert lite.store.keyring.open(point.number_sealed, KEPT_NUMBER) == OTHERS
    assert bytes(point.number_key) == lite.store.keyring.number_key(OTHERS)


CARD = "they read out 4111 1111 1111 1111 to prove it"
WRITTEN: dict[str, Callable[[Store, int], object]] = {
    "who asks": lambda store, _: objecting.stop(
        store, LAW, asking(Right.RESTRICT, verified_by=CARD), "acme", NOON, "disputed"
    ),
    "a restriction": lambda store, _: objecting.stop(store, LAW, asking(Right.RESTRICT), "acme", NOON, CARD),
    "a refusal": lambda store, number: requests.refuse(store, LAW, number, CARD, BY, NOON),
    "an end": lambda store, number: requests.close(store, LAW, number, CARD, BY, NOON),
    "a complaint": lambda store, _: complaining.open_case(
        store, LAW, asking(Right.COMPLAIN), Complaint(about=CARD), "acme", NOON
    ),
    "a correction": lambda store, _: rectifying.rectify(
        store, LAW, asking(Right.RECTIFY), Correction(profile={"note": CARD}), "acme", NOON
    ),
}


@pytest.mark.parametrize("said", WRITTEN)
def test_what_is_written_about_a_request_holds_no_card(lite: World, said: str) -> None:
    lite.a_contact([NUMBER])
    row = taken(lite)
    with pytest.raises(UserError, match="number of a payment card"):
        WRITTEN[said](lite.store, row.id)
    assert "4111" not in everything_opened(lite)


MOVED = Correction(old_number=NUMBER, new_number=OTHERS)


def test_a_stop_that_comes_while_the_number_is_changed_binds_the_new_one(
    postgres_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL nobody waits for the other; on SQLite it would come before or after."""
    store = prove(Store(open_engine(postgres_url), keyring), Settings())
    world = World(store, InProcessCarrier(now=lambda: NOON))
    world.a_seller()
    contact = world.a_contact([NUMBER])
    note = removals.note

    def overtaken(*args: Any, **facts: Any) -> int:
        said = Stop(seller_id="acme", number_key=keyring.number_key(NUMBER), kind=STOP_REPLY, source="reply")
        with store.write() as tx:
            stops.suppress(tx, said, NOON)
        return note(*args, **facts)

    monkeypatch.setattr(removals, "note", overtaken)
    rectifying.rectify(store, LAW, asking(Right.RECTIFY, contact), MOVED, "acme", NOON)
    with store.read() as tx:
        (bound,) = standing(tx, "acme", keyring.number_key(OTHERS))
    assert bound.kind == STOP_REPLY
    world.close()
    store.engine.dispose()


def test_whoever_is_erased_meanwhile_is_not_brought_back_by_a_correction(
    lite: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = lite.a_contact([NUMBER])

    def erased(_: object) -> None:
        assert Eraser(lite.store, LAW).ask(asking(Right.ERASE, contact), "acme", NOON).state == "done"

    monkeypatch.setattr(rectifying, "require_identity", erased)
    with pytest.raises(UserError, match="was erased meanwhile"):
        rectifying.rectify(
            lite.store,
            LAW,
            asking(Right.RECTIFY, contact),
            Correction(profile={"email": "x@example.org"}),
            "acme",
            NOON,
        )
    assert "x@example.org" not in everything_opened(lite)


def test_a_restriction_goes_with_the_person_to_the_right_number_and_is_lifted_there(lite: World) -> None:
    contact = lite.a_contact([NUMBER])
    row = objecting.stop(lite.store, LAW, asking(Right.RESTRICT), "acme", NOON, "wrong number").request
    rectifying.rectify(lite.store, LAW, asking(Right.RECTIFY, contact), MOVED, "acme", NOON)
    key = lite.store.keyring.number_key(OTHERS)
    with lite.store.read() as tx:
        assert [no.kind for no in standing(tx, "acme", key)] == ["restriction"]
    objecting.lift(lite.store, LAW, row.id, "settled", TODAY, BY, NOON)
    with lite.store.read() as tx:
        assert standing(tx, "acme", key) == []


NONSENSE = [
    (Correction(), "Say what to rectify"),
    (Correction(columns={"time_zone": "Mars/Base"}), "is no time zone"),
    (Correction(old_number=NUMBER), "with both --number"),
    (Correction(old_number=NUMBER, new_number="12"), "--to is no valid number"),
    (Correction(old_number=OTHERS, new_number="+12125550177"), "has no such number"),
]


def test_a_correction_that_makes_no_sense_changes_nothing(lite: World) -> None:
    contact = a_known_person(lite)
    before = everything_opened(lite).count("Quillfeather")
    for correction, said in NONSENSE:
        with pytest.raises(UserError, match=said):
            rectifying.rectify(lite.store, LAW, asking(Right.RECTIFY, contact), correction, "acme", NOON)
    assert everything_opened(lite).count("Quillfeather") == before


def test_a_worker_asks_for_the_carrier_only_where_it_has_something_to_delete(lite: World) -> None:
    def nobody() -> InProcessCarrier:
        raise AssertionError("the carrier was asked for")

    connect: Callable[[], InProcessCarrier] = nobody
    report = duty.run_once(lite.store, Duty(LAW, None), connect, NOON)
    assert (report.alarms, report.erased, report.confirmed) == (0, 0, 0)
