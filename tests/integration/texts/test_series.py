"""A series in the pipeline: each text in its turn and once, by its step's name, and a no ends it."""

from dataclasses import replace
from datetime import timedelta

from orchestrator.domain.campaign import AttemptsPlan
from orchestrator.domain.contact_request import LineType, SuppressionKind
from orchestrator.domain.enrollment import Lane
from orchestrator.pipeline.reception.stops import Stop, suppress
from tests.integration.texts.builders import NEW_YORK, deliver_all
from tests.world import A_TEXT, World, numbers

MESSAGES = {
    "reminder": {"en": "Acme Roofing: {first_name}, a reminder. Reply STOP to opt out."},
    "last_word": {"en": "Acme Roofing: {first_name}, a last word. Reply STOP to opt out."},
}


def bodies(world: World) -> list[str]:
    return [order.body for order in world.carrier.orders.values()]  # type: ignore[attr-defined]


def test_a_series_sends_each_text_once_and_a_no_ends_it(world: World) -> None:
    sms = replace(A_TEXT, senders=(NEW_YORK,), messages=MESSAGES)
    plan = AttemptsPlan(cadence="series", per_number=6)
    campaign = world.a_campaign("Series", voice=False, sms=sms, strategy="text-series", attempts=plan)
    people = [world.a_contact([number], line_type=LineType.MOBILE, texts=True) for number in numbers(2)]
    world.enrol(campaign, *people, lane=Lane.SMS)
    for day in range(1, 16):
        world.dispatch(campaign, Lane.SMS)
        deliver_all(world)
        if day == 2:
            key = world.store.keyring.number_key(numbers(1)[0])
            stop = Stop(seller_id="acme", number_key=key, kind=SuppressionKind.STOP_REPLY, source="reply")
            with world.store.write() as tx:
                suppress(tx, stop, world.now)
        world.now += timedelta(days=1)
    in_order = sorted(world.attempts(), key=lambda attempt: (attempt.planned_at, attempt.contact_id))
    steps = [(attempt.contact_id, attempt.step) for attempt in in_order]
    first, second = people
    assert steps == [(first, "first text"), (second, "first text"), (second, "reminder"), (second, "last word")]
    assert [body.split(", ")[1].split(".")[0] for body in bodies(world)] == [
        "your check is due",
        "your check is due",
        "a reminder",
        "a last word",
    ]
    assert [world.enrollment(person).done_reason for person in people] == ["suppressed", "exhausted"]
