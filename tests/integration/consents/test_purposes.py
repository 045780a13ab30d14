"""A consent serves the purpose that it was given for, and no other."""

from orchestrator.domain.contact_request import ConsentChannel, LineType, Purpose
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import consents
from orchestrator.pipeline.consents.giving import give
from tests.integration.consents.builders import a_consent
from tests.world import World, numbers

CASES = [
    (Purpose.TELEMARKETING, Purpose.TELEMARKETING, False, 1),
    (Purpose.RESEARCH, Purpose.TELEMARKETING, False, 0),
    (Purpose.TELEMARKETING, Purpose.FUNDRAISING, False, 0),
    (None, Purpose.TELEMARKETING, False, 1),
    (Purpose.FUNDRAISING, Purpose.FUNDRAISING, True, 0),
    (Purpose.TELEMARKETING, Purpose.FUNDRAISING, True, 1),
]


def test_a_text_goes_out_on_a_consent_for_what_it_is_about(world: World) -> None:
    for (given_for, asked_for, sells, sent), number in zip(CASES, numbers(6), strict=True):
        plan = {"purpose": asked_for, "sales_component": sells}
        campaign = world.a_campaign(f"To {number}", voice=False, sms=True, **plan)
        contact = world.a_contact([number], line_type=LineType.MOBILE)
        with world.store.write() as tx:
            event = a_consent("acme", number=number, purpose=given_for, contact_id=contact, happened_at=world.now)
            consents.record(tx, world.store.keyring, event, world.now)
        world.enrol(campaign, contact, lane=Lane.SMS)
        assert world.dispatch(campaign, Lane.SMS) == sent, (given_for, asked_for, sells)


def test_whoever_waited_for_a_consent_is_due_when_it_is_given(world: World) -> None:
    campaign = world.a_campaign(voice=False, sms=True)
    [number] = numbers(1)
    contact = world.a_contact([number], line_type=LineType.MOBILE)
    world.enrol(campaign, contact, lane=Lane.SMS)
    assert world.dispatch(campaign, Lane.SMS) == 0
    assert world.enrollment(contact).cure == "consent"
    event = a_consent("acme", number=number, channel=ConsentChannel.ANY, happened_at=world.now)
    _, opened = give(world.store, event, world.now)
    assert opened == 1
    assert world.dispatch(campaign, Lane.SMS) == 1
