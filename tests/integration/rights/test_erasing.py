"""Nothing by which anybody would know the person is left, with or without the keys."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.errors import CarrierUnreachableError, UserError
from orchestrator.domain.rights import RequestState, Right
from orchestrator.persistence import holds, removals
from orchestrator.persistence import rights_requests as stored
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.deliveries import inbox
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.people import consents, contact_points, contacts, number_facts, suppressions
from orchestrator.persistence.tables.proof import removals as removals_table
from orchestrator.persistence.tables.rights import carrier_erasures, erasures, kept_proofs
from orchestrator.pipeline import control
from orchestrator.pipeline.rights import carrier_side, minimal
from orchestrator.pipeline.rights import erasing as erasing_module
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.rights.erasure_map import FATES, Fate, columns_of_bytes
from orchestrator.pipeline.rights.treatments import TREATMENTS
from tests.integration.rights.people import (
    EVIDENCE_OF,
    LAW,
    NUMBER,
    OTHERS,
    WORDS,
    a_known_person,
    asking,
    end,
    everything_opened,
)
from tests.world import NOON, World


def erase(world: World, named: object = NUMBER, **facts: object) -> Record:
    return Eraser(world.store, LAW, "cli:ops").ask(asking(Right.ERASE, named, **facts), "acme", NOON)


def test_every_column_that_may_hold_a_person_has_its_fate() -> None:
    """Whoever makes a table with a sealed column or a number's key says here what an erasure does with it."""
    assert {name: set(fates) for name, fates in FATES.items()} == columns_of_bytes()


def test_what_is_said_to_go_has_a_treatment() -> None:
    by_the_core = {
        "contacts",
        "contact_points",
        "consents",
        "kept_proofs",
        "live_attempts",
        "rights_requests",
        "rights_steps",
    }
    going = {
        name for name, fates in FATES.items() if {Fate.DELETED, Fate.BLANKED, Fate.MINIMISED} & set(fates.values())
    }
    assert going - by_the_core == {one.table.name for one in TREATMENTS} - {"list_rows", "suppressions"}


def test_nothing_of_the_person_opens_any_more(world: World) -> None:
    contact = a_known_person(world)
    before = everything_opened(world)
    assert all(word in before for word in WORDS)
    row = erase(world)
    assert row.state == RequestState.DONE
    after = everything_opened(world)
    assert [word for word in WORDS if word in after] == []
    with world.store.read() as tx:
        person = tx.execute(select(contacts).where(contacts.c.id == contact)).one()
        assert (person.erased_at, person.external_key) == (NOON, None)
        assert tx.execute(select(contact_points)).all() == []
        assert tx.execute(select(number_facts)).all() == []
        assert tx.execute(select(inbox)).all() == []
        assert tx.execute(select(list_rows.c.contact_id, list_rows.c.reason)).all() == [(None, None)]
        assert tx.execute(select(enrollments.c.stage, enrollments.c.done_reason)).all() == [("done", "erased")] * 2
        assert {bytes(key) for key in tx.execute(select(attempts.c.number_key)).scalars()} == {key_of(world)}
        assert tx.execute(select(suppressions.c.kind)).scalars().all() == ["erased"]


def key_of(world: World, number: str = NUMBER) -> bytes:
    return world.store.keyring.number_key(number)


def test_proof_stays_without_the_person_and_who_has_a_copy_can_show_that_it_is_the_same(lite: World) -> None:
    a_known_person(lite)
    keyring = lite.store.keyring
    with lite.store.read() as tx:
        whole = keyring.open(tx.execute(select(consents.c.evidence_sealed).limit(1)).scalar_one(), EVIDENCE)
    erase(lite)
    with lite.store.read() as tx:
        kept = keyring.open_json(tx.execute(select(kept_proofs.c.proof_sealed).limit(1)).scalar_one(), minimal.PROOF)
        emptied = tx.execute(select(consents.c.evidence_sealed)).scalars().all()
        verdicts = tx.execute(select(decisions.c.verdict, decisions.c.rulebook)).all()
    assert emptied == [None] * 2
    assert kept["text"] == EVIDENCE_OF["text"]
    assert not {"ip", "url", "source"} & kept.keys()
    assert kept["digest"] == minimal.digest_of(keyring, whole)
    assert verdicts
    assert all(row.rulebook for row in verdicts)


def test_the_report_says_what_is_kept_why_and_until_when(lite: World) -> None:
    a_known_person(lite)
    report = erase(lite).report
    kept = {entry["what"]: entry for entry in report["kept"]}
    assert kept.keys() == {"suppression", "consent_proof", "call_records", "request_log"}
    assert kept["suppression"]["until"] is None
    assert kept["consent_proof"]["until"] == kept["call_records"]["until"] == "2031-11-23"  # five years in the US
    assert "16 CFR 310.5" in kept["call_records"]["law"]


def test_every_row_that_went_is_noted(lite: World) -> None:
    a_known_person(lite)
    erase(lite)
    with lite.store.read() as tx:
        noted = tx.execute(select(removals_table.c.relation, removals_table.c.how, removals_table.c.cause)).all()
    assert {cause for _, _, cause in noted} == {removals.Cause.ERASURE}
    gone = {relation for relation, how, _ in noted if how == "deleted"}
    of_the_number = {"number_facts", "reassigned_answers", "sender_bonds", "consent_outbox", "opt_ins"}
    assert gone == {"contact_points", "callbacks", "inbox", *of_the_number}
    assert {"contacts", "consents", "attempts", "decisions", "dispositions"} <= {relation for relation, _, _ in noted}


def test_the_carrier_deletes_what_it_has_and_is_asked_until_it_does(lite: World) -> None:
    a_known_person(lite)
    erase(lite)
    carrier = lite.carrier
    assert isinstance(carrier, InProcessCarrier)
    assert [one.to for one in carrier.records.values()] == [NUMBER, NUMBER]
    carrier.refuse_next(CarrierUnreachableError())
    first = carrier_side.run_once(lite.store, carrier, NOON)
    assert (first.confirmed, first.again) == (3, 1)
    with lite.store.write() as tx:
        tx.execute(
            carrier_erasures.update().values(due_at=NOON - timedelta(days=9))
        )  # the second that it waits is over
    assert carrier_side.run_once(lite.store, carrier, NOON).confirmed == 1
    assert carrier.records == {}
    with lite.store.read() as tx:
        results = tx.execute(select(carrier_erasures.c.result)).scalars().all()
    assert sorted(results) == ["deleted", "deleted", "gone", "gone"]


def test_a_call_in_flight_is_taken_back_first_and_its_late_news_brings_nothing_back(world: World) -> None:
    campaign = world.a_campaign()
    contact = world.a_contact([NUMBER], automated=True)
    world.enrol(campaign, contact)
    world.dispatch(campaign)
    (call,) = world.attempts()
    row = erase(world)
    assert row.state == RequestState.STOPPING
    assert world.enrollment(contact).stage == "in_flight"
    control.run_once(world.store, world.carrier, NOON)
    assert Eraser(world.store, LAW).run_once(NOON) == 1
    assert NUMBER not in everything_opened(world)
    late = world.attempt(call.id)
    assert (late.stage, late.outcome, late.erased_at) == ("ended", "canceled", NOON)
    end(world, call)
    assert NUMBER not in everything_opened(world)
    assert world.count(inbox) == 0


def test_news_of_a_call_that_was_taken_for_never_sent_has_it_deleted_after_all(lite: World) -> None:
    campaign = lite.a_campaign()
    lite.enrol(campaign, lite.a_contact([NUMBER], automated=True))
    lite.dispatch(campaign)
    (call,) = lite.attempts()
    with lite.store.write() as tx:
        lost = {"sid": None, "stage": "ended", "outcome": "lost", "rescue_at": None}
        tx.execute(attempts.update().values(lost))
        tx.execute(carrier_erasures.delete())
    erase(lite)
    assert carrier_side.run_once(lite.store, lite.carrier, NOON).confirmed == 1
    end(lite, call)
    assert carrier_side.run_once(lite.store, lite.carrier, NOON).confirmed == 1
    assert lite.carrier.records == {}  # type: ignore[attr-defined]


@pytest.mark.parametrize("place", [0, len(TREATMENTS) - 1])
def test_a_worker_that_is_killed_within_leaves_the_rest_to_the_next(
    lite: World, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    a_known_person(lite)
    seen: list[int] = []
    whole = Eraser._treat

    def killed(self: Eraser, treatment: object, who: object) -> None:
        if len(seen) == place:
            raise KeyboardInterrupt
        seen.append(1)
        whole(self, treatment, who)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(erasing_module.Eraser, "_treat", killed)
        with pytest.raises(KeyboardInterrupt):
            erase(lite)
    assert Eraser(lite.store, LAW).run_once(NOON) == 1
    assert [word for word in WORDS if word in everything_opened(lite)] == []
    with lite.store.read() as tx:
        noted = [(note.relation, row) for note in tx.execute(select(removals_table)).all() for row in note.rows]
    assert len(noted) == len(set(noted)), "a row was noted twice"


def test_asking_twice_is_one_erasure(lite: World) -> None:
    a_known_person(lite)
    first = erase(lite)
    with pytest.raises(UserError, match="erased on 2026-11-23"):
        erase(lite, first.contact_id)
    again = erase(lite)  # by the number, of which only the key is left
    assert (again.state, again.report["people"]) == (RequestState.DONE, 0)


def test_who_is_on_hold_waits_and_goes_once_it_is_released(lite: World) -> None:
    a_known_person(lite)
    with lite.store.write() as tx:
        number = holds.place(
            tx,
            lite.store.keyring,
            seller_id="acme",
            number_key=key_of(lite),
            reason="a claim",
            by="cli:law",
            now=NOON,
        )
    row = erase(lite)
    assert row.state == RequestState.HELD
    assert "Quillfeather" in everything_opened(lite)
    with lite.store.read() as tx:
        assert tx.execute(select(suppressions.c.kind)).scalars().all() == ["erased"]  # the no does not wait
    assert Eraser(lite.store, LAW).run_once(NOON) == 0
    with lite.store.write() as tx:
        assert holds.release(tx, number, "cli:law", NOON)
    assert Eraser(lite.store, LAW).run_once(NOON) == 1
    assert "Quillfeather" not in everything_opened(lite)


def test_of_two_who_share_a_number_one_goes_and_must_be_made_sure_of(world: World) -> None:
    first = a_known_person(world)
    second = world.a_contact([NUMBER, OTHERS])
    with pytest.raises(UserError, match=f"one of {first}, {second}"):
        erase(world)
    waits = erase(world, first)
    assert (waits.state, waits.identity) == (RequestState.IDENTITY, "needed")
    assert "Quillfeather" in everything_opened(world)
    row = erase(world, first, verified_by="called back on the number on record")
    assert row.state == RequestState.DONE
    with world.store.read() as tx:
        left = tx.execute(select(contact_points.c.contact_id, contact_points.c.number_key)).all()
    assert {(row.contact_id, bytes(row.number_key)) for row in left} == {
        (second, key_of(world)), (second, key_of(world, OTHERS)),
    }  # fmt: skip
    assert "Quillfeather" not in everything_opened(world).replace("I am Zebedee Quillfeather", "")


def test_the_log_names_who_did_what(lite: World) -> None:
    a_known_person(lite)
    row = erase(lite)
    with lite.store.read() as tx:
        steps = [(step.step, step.by) for step in stored.steps_of(tx, row.id)]
        assert tx.execute(select(erasures.c.is_number).order_by(erasures.c.is_number)).scalars().all() == [False, True]
    assert steps == [(step, "cli:ops") for step in ("received", "stopped", "person taken out", "erased")]


def test_the_file_itself_holds_no_sealed_trace_either(
    sqlite_store: Store, carrier: InProcessCarrier, sqlite_url: str
) -> None:
    """Neither in free pages nor in the log ahead, whatever had been written over before."""
    world = World(sqlite_store, carrier)
    contact = a_known_person(world)
    traces = sealed_of(world, contact)
    assert all(trace in bytes_of(sqlite_url) for trace in traces)
    erase(world)
    left = bytes_of(sqlite_url)
    assert [trace for trace in traces if trace in left] == []
    world.close()


def sealed_of(world: World, contact: int) -> list[bytes]:
    with world.store.read() as tx:
        sealed = [
            *tx.execute(select(contacts.c.profile_sealed).where(contacts.c.id == contact)).scalars(),
            *tx.execute(select(contact_points.c.number_sealed)).scalars(),
            *tx.execute(select(attempts.c.to_sealed)).scalars(),
            *tx.execute(select(attempts.c.body_sealed).where(attempts.c.body_sealed.is_not(None))).scalars(),
            *tx.execute(select(consents.c.evidence_sealed)).scalars(),
            *tx.execute(select(inbox.c.event_sealed)).scalars(),
        ]
    return [bytes(one) for one in sealed]


def bytes_of(url: str) -> bytes:
    path = Path(url.removeprefix("sqlite:///"))
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
