"""What a complaint holds stays held, whatever is put right of its person."""

from orchestrator.domain.rights import RequestState, Right
from orchestrator.persistence import holds
from orchestrator.pipeline.rights import complaining, rectifying
from orchestrator.pipeline.rights.complaining import Complaint
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.rights.rectifying import Correction
from tests.integration.rights.people import LAW, NUMBER, OTHERS, a_known_person, asking
from tests.world import NOON, World


def test_a_hold_goes_with_the_person_to_their_right_number_and_ends_with_its_complaint(lite: World) -> None:
    contact, keyring, complaint = a_known_person(lite), lite.store.keyring, Complaint(about="called on a Sunday")
    case = complaining.open_case(lite.store, LAW, asking(Right.COMPLAIN), complaint, "acme", NOON)
    correction = Correction(old_number=NUMBER, new_number=OTHERS)
    rectifying.rectify(lite.store, LAW, asking(Right.RECTIFY, contact), correction, "acme", NOON)
    with lite.store.read() as tx:
        (hold,) = holds.standing(tx, "acme", [keyring.number_key(OTHERS)])
    assert (hold.request_id, holds.reason_of(keyring, hold)) == (case.id, "called on a Sunday")
    assert Eraser(lite.store, LAW).ask(asking(Right.ERASE, contact), "acme", NOON).state == RequestState.HELD
    complaining.close_case(lite.store, LAW, case.id, "settled", "cli:ops", NOON)
    with lite.store.read() as tx:
        assert holds.standing(tx, "acme", [keyring.number_key(one) for one in (NUMBER, OTHERS)]) == []
