"""Asking again before a consent ends: once, in lawful hours, and only whoever said nothing since."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.cli.opt_in_renewals import _message
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.consent_event import Evidence
from orchestrator.domain.consent_standing import held
from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, LineType, Purpose, SuppressionKind
from orchestrator.domain.message_text import Alphabet, encoding_of
from orchestrator.domain.opt_in import OptInPage
from orchestrator.domain.rights import Right
from orchestrator.persistence import campaigns, consent_ledger, suppressions
from orchestrator.persistence import consents as ledger
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.lists import list_rows
from orchestrator.persistence.tables.people import consents
from orchestrator.pipeline.explain import count_disagreements, explain, explanation_form
from orchestrator.pipeline.opt_ins import renewing
from orchestrator.pipeline.opt_ins.requesting import ANSWERED_WITHIN
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.unsubscribing.about import about
from tests.integration.consents.builders import a_consent
from tests.integration.opt_ins.pages import (
    PERSON,
    WORDS,
    a_page,
    arrive,
    holds,
    messages,
    open_page,
    said,
    serve,
    sign_up,
    the_opt_in,
    write_to_us,
)
from tests.integration.rights.people import LAW, asking
from tests.world import NOON, World

AUSTRALIAN = "+61491570156"
OF_CALLS: dict[str, Any] = {"channel": ConsentChannel.VOICE, "automated": False}
DAY = timedelta(days=1)
MONTH = timedelta(days=30)
ENDS = NOON + 10 * DAY


@pytest.fixture
def lawful(store: Store, carrier: InProcessCarrier, law: Rulebook) -> Iterator[World]:
    """The pipeline under the law as it ships, on each database."""
    made = World(store, carrier, rulebook=law)
    yield made
    made.close()


@pytest.fixture
def small(sqlite_store: Store, carrier: InProcessCarrier, law: Rulebook) -> Iterator[World]:
    """The same on SQLite alone, where the database is not the subject."""
    made = World(sqlite_store, carrier, rulebook=law)
    yield made
    made.close()


def agreed(world: World, number: str = PERSON, **facts: Any) -> int:
    """A consent to marketing texts by machines, given a year ago, that ends in ten days by its own words."""
    given = {
        "level": ConsentLevel.EXPRESS_WRITTEN,
        "automated": True,
        "happened_at": NOON - 300 * DAY,
        "expires_at": ENDS,
    }
    event = a_consent("acme", number=number, **(given | facts))
    with world.store.write() as tx:
        return ledger.record(tx, world.store.keyring, event, world.now)


def a_customer(world: World, number: str = PERSON) -> OptInPage:
    """The page, and somebody on record whose consent ends soon."""
    page = open_page(world.store, a_page())
    world.a_contact([number], line_type=LineType.MOBILE)
    agreed(world, number)
    return page


def ask(world: World, page: OptInPage, within: timedelta = MONTH) -> int:
    """What `opt-ins renew` does; how many were asked."""
    found = renewing.people(world.store, world.rulebook, page, world.now, world.now + within)
    asked = [
        renewing.ask(world.store, page, one, _message(page, one, WORDS.by_language[one.language]["renewal"]), world.now)
        for one in found
    ]
    return sum(asked)


def test_a_yes_renews_with_an_evidence_of_its_own(lawful: World, carrier: InProcessCarrier) -> None:
    page = a_customer(lawful)
    assert ask(lawful, page) == 1
    assert serve(lawful) == 1
    (order,) = messages(carrier)
    assert order.body.startswith("Acme Roofing: your consent to tips and offers ends on 2026-12-03. Reply YES")
    assert "STOP" in order.body
    assert order.from_ == page.sender
    lawful.now += timedelta(hours=1)
    write_to_us(lawful.store, "Yes", "SM9", lawful.now)
    assert serve(lawful) == 0
    assert said(lawful.store) == [("given", "sms"), ("requested", "sms"), ("given", "sms")]
    with lawful.store.read() as tx:
        first, asked, renewed = tx.execute(select(consents).order_by(consents.c.id)).all()
        (decided,) = tx.execute(select(decisions)).all()
    assert (renewed.happened_at, renewed.expires_at, renewed.level) == (lawful.now, None, "express_written")
    assert (renewed.purpose, renewed.automated, renewed.source) == ("telemarketing", True, "keyword")
    assert renewed.record_id == asked.record_id != first.record_id
    evidence = lawful.store.keyring.open_json(renewed.evidence_sealed, EVIDENCE)
    assert (evidence[Evidence.TEXT], evidence[Evidence.REPLY]) == (order.body, "Yes")
    assert str(first.record_id) in evidence[Evidence.SOURCE]
    assert decided.verdict == "allow"
    assert decided.contact_id == lawful.attempts()[0].contact_id != 0
    assert lawful.count(list_rows) == 0, "who is on record stays on the lists that they are on"
    assert ask(lawful, page) == 0


def test_it_is_explained_as_any_contact_and_recomputed_from_its_facts(small: World) -> None:
    page = a_customer(small)
    ask(small, page)
    serve(small)
    (story,) = explain(small.store, small.rulebook, PERSON, small.now)
    assert count_disagreements([story]) == 0
    assert "allow" in json.dumps(explanation_form(story))


def test_the_way_out_tells_why_the_person_was_written_to(small: World) -> None:
    page = a_customer(small)
    ask(small, page)
    serve(small)
    (attempt,) = small.attempts()
    with small.store.read() as tx:
        told = about(tx, small.store.keyring, attempt)
    assert told is not None
    assert (told.purpose, told.source) == ("renewal", "none"), "nobody entered the number to sign up"


def test_whoever_is_erased_meanwhile_is_not_asked(lawful: World, carrier: InProcessCarrier) -> None:
    page = a_customer(lawful)
    ask(lawful, page)
    assert Eraser(lawful.store, LAW).ask(asking(Right.ERASE, PERSON), "acme", lawful.now).state == "done"
    assert serve(lawful) == 0
    assert messages(carrier) == []
    assert holds(lawful.store, PERSON) == []


def test_a_paused_page_asks_nobody_until_it_goes_on(small: World, carrier: InProcessCarrier) -> None:
    page = a_customer(small)
    ask(small, page)
    for was, becomes, sent in (
        (CampaignState.RUNNING, CampaignState.PAUSED, 0),
        (CampaignState.PAUSED, CampaignState.RUNNING, 1),
    ):
        with small.store.write() as tx:
            assert campaigns.change_state(tx, campaigns.find(tx, "Opt-in roof-tips").id, {was}, becomes, None)
        serve(small)
        small.now += timedelta(seconds=30)
        assert len(messages(carrier)) == sent


def test_silence_changes_nothing_and_nobody_is_asked_twice(lawful: World, carrier: InProcessCarrier) -> None:
    page = a_customer(lawful)
    ask(lawful, page)
    assert ask(lawful, page) == 0, "one waits for this number"
    serve(lawful)
    lawful.now += ANSWERED_WITHIN
    serve(lawful)
    assert the_opt_in(lawful.store).state == "expired"
    assert said(lawful.store) == [("given", "sms"), ("requested", "sms"), ("expired", "any")]
    assert standing(lawful) == [True]
    assert ask(lawful, page) == 0
    assert len(messages(carrier)) == 1
    assert "attempts.to_sealed" in holds(lawful.store, PERSON), "a contact with somebody on record is kept as any"
    assert the_opt_in(lawful.store).number_sealed is None


def standing(world: World) -> list[bool]:
    """Of each consent, oldest first, whether nobody has ended it."""
    with world.store.read() as tx:
        entries = consent_ledger.entries(tx, "acme", world.store.keyring.number_key(PERSON))
    return [one.end is None for one in held(entries, world.now)]


@pytest.mark.parametrize(("within", "asked"), [(10 * DAY - timedelta(seconds=1), 0), (10 * DAY, 1)])
def test_whoever_s_consent_ends_in_that_very_second_is_asked(small: World, within: timedelta, asked: int) -> None:
    assert ask(small, a_customer(small), within) == asked


@pytest.mark.parametrize(("early", "asked"), [(timedelta(seconds=1), 1), (timedelta(0), 0)])
def test_what_has_ended_is_not_renewed(small: World, early: timedelta, asked: int) -> None:
    page = a_customer(small)
    small.now = ENDS - early
    assert ask(small, page) == asked


def test_a_message_that_waited_until_the_consent_had_ended_is_not_sent(small: World, carrier: InProcessCarrier) -> None:
    page = a_customer(small)
    small.now = ENDS - timedelta(hours=1)
    assert ask(small, page) == 1
    small.now = ENDS
    assert serve(small) == 0
    assert messages(carrier) == []
    assert (the_opt_in(small.store).state, the_opt_in(small.store).held_by) == ("unreachable", "nothing left to renew")


@pytest.mark.parametrize(("late", "state"), [(timedelta(seconds=-1), "given"), (timedelta(seconds=1), "expired")])
def test_the_72_hours_of_an_answer_begin_when_the_message_leaves(small: World, late: timedelta, state: str) -> None:
    page = a_customer(small)
    small.now -= timedelta(hours=5)  # seven in the morning: texts wait for eight
    ask(small, page)
    assert serve(small) == 0
    small.now = NOON
    assert serve(small) == 1
    small.now += ANSWERED_WITHIN + late
    write_to_us(small.store, "yes", "SM9", small.now)
    serve(small)
    assert the_opt_in(small.store).state == state
    assert len(standing(small)) == (2 if state == "given" else 1)


@pytest.mark.parametrize("answer", ["no", "STOP"])
def test_a_no_stops_everything(small: World, answer: str) -> None:
    page = a_customer(small)
    ask(small, page)
    serve(small)
    write_to_us(small.store, answer, "SM9", small.now)
    assert the_opt_in(small.store).state == "refused"
    assert standing(small) == [False]
    with small.store.read() as tx:
        (stop,) = suppressions.standing(tx, "acme", small.store.keyring.number_key(PERSON))
    assert (stop.kind, stop.channel) == ("stop_reply", "any")
    small.now += DAY
    assert ask(small, page) == 0


def test_a_stop_between_the_asking_and_the_sending_is_honoured(lawful: World, carrier: InProcessCarrier) -> None:
    page = a_customer(lawful)
    ask(lawful, page)
    write_to_us(lawful.store, "STOP", "SM9", lawful.now)
    assert serve(lawful) == 0
    assert messages(carrier) == []
    assert the_opt_in(lawful.store).state == "refused"


def test_a_stop_between_the_decision_and_the_carrier_is_honoured(lawful: World, carrier: InProcessCarrier) -> None:
    page = a_customer(lawful)
    ask(lawful, page)
    submit = lawful.placer.submit

    def overtaken(planned):  # type: ignore[no-untyped-def]
        write_to_us(lawful.store, "STOP", "SM9", lawful.now)
        submit(planned)

    lawful.placer.submit = overtaken  # type: ignore[method-assign]
    serve(lawful)
    assert messages(carrier) == []
    assert [attempt.outcome for attempt in lawful.attempts()] == ["never_sent"]


def said_no(world: World, kind: SuppressionKind, at: datetime) -> None:
    key = world.store.keyring.number_key(PERSON)
    with world.store.write() as tx:
        suppressions.add(tx, seller_id="acme", number_key=key, kind=kind, at=at, source="tests")


@pytest.mark.parametrize(
    ("kind", "at", "asked"),
    [
        (SuppressionKind.DO_NOT_CALL, NOON - DAY, 0),
        (SuppressionKind.STOP_REPLY, NOON - 301 * DAY, 1),  # older than their yes
        (SuppressionKind.RESTRICTION, NOON - 301 * DAY, 0),
        (SuppressionKind.ERASED, NOON - 301 * DAY, 0),
    ],
)
def test_whoever_said_no_since_is_not_asked(small: World, kind: SuppressionKind, at: datetime, asked: int) -> None:
    page = a_customer(small)
    said_no(small, kind, at)
    assert ask(small, page) == asked


def test_a_no_by_another_way_while_the_message_waits_keeps_it_from_leaving(
    small: World, carrier: InProcessCarrier
) -> None:
    page = a_customer(small)
    ask(small, page)
    said_no(small, SuppressionKind.DO_NOT_CALL, small.now)
    assert serve(small) == 0
    assert (messages(carrier), the_opt_in(small.store).held_by) == ([], "nothing left to renew")


def test_whoever_has_given_a_newer_one_is_not_asked(small: World) -> None:
    page = a_customer(small)
    agreed(small, happened_at=NOON - DAY, expires_at=None)
    assert ask(small, page) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"evidence": None},
        {"automated": False},
        {"purpose": Purpose.INFORMATIONAL},
        {"to_caller": False},
        {"subject": "solar panels"},
    ],
)
def test_only_a_proven_consent_of_the_seller_s_own_for_just_that_choice_is_renewed(
    small: World, other: dict[str, Any]
) -> None:
    page = open_page(small.store, a_page())
    small.a_contact([PERSON], line_type=LineType.MOBILE)
    agreed(small, **other)
    assert ask(small, page) == 0
    agreed(small)
    assert ask(small, page) == 1


def in_sydney(world: World) -> OptInPage:
    """The page for Australians, at one in the afternoon in Sydney, and somebody there."""
    world.now = NOON + timedelta(hours=9)
    page = open_page(world.store, a_page(countries='["AU"]'))
    world.a_contact([AUSTRALIAN], line_type=LineType.MOBILE, country="AU", region="NSW")
    return page


def test_a_weaker_consent_is_not_made_a_written_one(small: World) -> None:
    page = in_sydney(small)
    agreed(small, AUSTRALIAN, level=ConsentLevel.EXPRESS)
    assert ask(small, page) == 1
    assert serve(small) == 1
    write_to_us(small.store, "yes", "SM9", small.now, AUSTRALIAN)
    with small.store.read() as tx:
        levels = tx.execute(select(consents.c.level).where(consents.c.event == "given")).scalars().all()
    assert levels == ["express", "express"]


def test_the_law_of_the_person_s_country_says_when_it_ends(small: World) -> None:
    """Australia: calls for three months where no period is stated; texts have no such end."""
    page, given = in_sydney(small), NOON - 75 * DAY
    agreed(small, AUSTRALIAN, expires_at=None, happened_at=given)
    calls = agreed(small, AUSTRALIAN, expires_at=None, happened_at=given, **OF_CALLS)
    (person,) = renewing.people(small.store, small.rulebook, page, small.now, small.now + MONTH)
    assert [(one.choice.id, one.entry.id) for one in person.renewals] == [("calls", calls)]
    assert person.renewals[0].term.by.startswith("au.")


def test_two_consents_are_asked_for_in_one_message(small: World, carrier: InProcessCarrier) -> None:
    page = a_customer(small)
    agreed(small, **OF_CALLS, expires_at=ENDS + 5 * DAY)
    assert ask(small, page) == 1
    serve(small)
    (order,) = messages(carrier)
    assert "2026-12-03" in order.body, "the day on which the first of them ends"
    write_to_us(small.store, "yes", "SM9", small.now)
    assert said(small.store)[2:] == [("requested", "sms"), ("requested", "voice"), ("given", "sms"), ("given", "voice")]


def test_a_consent_that_ends_later_is_asked_about_in_its_own_time(small: World, carrier: InProcessCarrier) -> None:
    page = a_customer(small)
    agreed(small, **OF_CALLS, expires_at=ENDS + 40 * DAY)
    assert ask(small, page) == 1
    serve(small)
    arrive(small, carrier)
    small.now += ANSWERED_WITHIN
    serve(small)
    assert ask(small, page, 60 * DAY) == 1
    serve(small)
    write_to_us(small.store, "yes", "SM9", small.now)
    assert said(small.store)[-2:] == [("requested", "voice"), ("given", "voice")]


def test_an_asking_that_never_left_is_none(small: World, carrier: InProcessCarrier) -> None:
    page = a_customer(small)
    small.now = NOON.replace(hour=3)  # night in New York
    ask(small, page)
    assert serve(small) == 0
    small.now += ANSWERED_WITHIN
    serve(small)
    assert the_opt_in(small.store).state == "expired"
    assert ask(small, page) == 1
    assert messages(carrier) == []


def test_a_form_and_a_renewal_do_not_ask_one_number_twice(small: World, carrier: InProcessCarrier) -> None:
    page = a_customer(small)
    sign_up(small.store, page, small.now)
    assert ask(small, page) == 0
    serve(small)
    assert [order.body for order in messages(carrier)] == [page.confirmation("en")]


@pytest.mark.parametrize("language", WORDS.by_language)
def test_the_words_take_no_letter_that_halves_a_segment(small: World, language: str) -> None:
    page = a_customer(small)
    (person,) = renewing.people(small.store, small.rulebook, page, small.now, small.now + MONTH)
    message = _message(page, person, WORDS.by_language[language]["renewal"])
    assert encoding_of(message).alphabet is Alphabet.GSM_7
