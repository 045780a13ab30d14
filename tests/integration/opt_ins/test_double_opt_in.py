"""From the request to the person's word: one confirmation, and nothing before their yes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.consent_event import Evidence
from orchestrator.domain.contact_request import ConsentChannel, LineType, SuppressionKind
from orchestrator.domain.errors import CarrierBusyError, DispatchUncertainError, NumberRefusedError
from orchestrator.persistence import attempts, campaigns, consents_held, suppressions
from orchestrator.persistence import consents as ledger
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import cancellations, live_attempts
from orchestrator.persistence.tables.campaigns import decisions, enrollments
from orchestrator.persistence.tables.conversations import threads
from orchestrator.persistence.tables.lists import list_rows, lists
from orchestrator.persistence.tables.people import consents, contact_points, contacts
from orchestrator.persistence.tables.people import suppressions as suppressions_table
from orchestrator.persistence.tables.proof import removals
from orchestrator.persistence.tables.rights import carrier_erasures
from orchestrator.pipeline.opt_ins import listing
from orchestrator.pipeline.opt_ins.requesting import ANSWERED_WITHIN, OF_A_NUMBER, OF_AN_ADDRESS, Taken
from orchestrator.pipeline.rescue import run_once as rescue
from orchestrator.pipeline.sealing import sealer
from orchestrator.pipeline.sealing.verifying import verify
from tests.integration.consents.builders import a_consent
from tests.integration.opt_ins.pages import (
    ADDRESS,
    NAME,
    NEIGHBOUR,
    PERSON,
    a_page,
    arrive,
    holds,
    is_a,
    messages,
    open_page,
    said,
    serve,
    sign_up,
    the_opt_in,
    write_to_us,
)
from tests.world import NOON, World


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


def test_a_yes_gives_what_was_ticked_with_all_its_evidence(lawful: World, carrier: InProcessCarrier) -> None:
    page = open_page(lawful.store, a_page())
    assert sign_up(lawful.store, page) is Taken.PENDING
    assert lawful.count(contacts) == 0, "nobody is a contact before their yes"
    assert serve(lawful) == 1
    assert [(order.to, order.body) for order in messages(carrier)] == [(PERSON, page.confirmation("en"))]
    attempt = lawful.attempts()[0]
    assert (attempt.stage, attempt.campaign_id) == ("submitted", the_campaign(lawful))
    assert said(lawful.store) == [("requested", "sms")]
    lawful.now += timedelta(minutes=3)
    write_to_us(lawful.store, "Yes!", "SM9", lawful.now)
    assert said(lawful.store) == [("requested", "sms"), ("given", "sms")]
    serve(lawful)
    with lawful.store.read() as tx:
        given = tx.execute(select(consents).where(consents.c.event == "given")).one()
        point, contact = tx.execute(select(contact_points)).one(), tx.execute(select(contacts)).one()
        listed = tx.execute(select(lists.c.name, list_rows.c.contact_id).join(list_rows)).one()
    keyring = lawful.store.keyring
    assert (given.level, given.automated, given.source) == ("express_written", True, "own_form")
    assert given.happened_at == lawful.now
    evidence = keyring.open_json(given.evidence_sealed, EVIDENCE)
    assert evidence[Evidence.TEXT] == page.shown("en")
    assert evidence[Evidence.AT] == "2026-11-23T17:00:00.000+00:00 [America/New_York]"
    assert evidence[Evidence.REPLIED_AT].startswith("2026-11-23T17:03:00.000+00:00")
    assert evidence[Evidence.TICKED] == ["texts"]
    assert (evidence[Evidence.REPLY], evidence[Evidence.MESSAGE_SID], evidence[Evidence.IP]) == ("Yes!", "SM9", ADDRESS)
    assert {Evidence.TEXT_SHA256, Evidence.USER_AGENT, Evidence.TOKEN, Evidence.CHECKBOX} <= evidence.keys()
    assert keyring.open_json(contact.profile_sealed, PROFILE) == {"name": NAME}
    assert keyring.open(point.number_sealed, NUMBER) == PERSON
    assert listed == ("web", contact.id)
    assert the_opt_in(lawful.store).details_sealed is None, "who it is stands in the ledger alone"
    write_to_us(lawful.store, "Yes!", "SM10", lawful.now)
    serve(lawful)
    assert len(said(lawful.store)) == 2, "a second yes gives nothing more"
    assert len(messages(carrier)) == 1


def test_a_worker_that_is_killed_before_it_reopens_leaves_that_to_the_next(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(small.store, a_page())
    campaign = small.a_campaign(voice=False, sms=True)
    contact = small.a_contact([PERSON], line_type=LineType.MOBILE)
    small.enrol(campaign, contact)
    with small.store.write() as tx:
        blocked = {"stage": "blocked", "cure": "consent", "blocked_by": "us.consent"}
        tx.execute(update(enrollments).values(blocked))
    sign_up(small.store, page)
    serve(small)
    write_to_us(small.store, "yes", "SM9")
    with monkeypatch.context() as dying:
        dying.setattr(listing, "reopen_holders", killed)
        with pytest.raises(SystemExit):
            serve(small)
    assert small.enrollment(contact).stage == "blocked"
    serve(small)
    assert small.enrollment(contact).stage == "due"
    assert (small.count(contacts), small.count(list_rows)) == (1, 1)
    assert the_opt_in(small.store).details_sealed is None


def killed(*_: object) -> int:
    raise SystemExit


def the_campaign(world: World) -> int:
    with world.store.read() as tx:
        return campaigns.find(tx, "Opt-in roof-tips").id


def test_however_often_the_form_is_posted_one_confirmation_goes_out(lawful: World, carrier: InProcessCarrier) -> None:
    page = open_page(lawful.store, a_page())
    taken = [sign_up(lawful.store, page, address=f"192.0.2.{n}") for n in range(5)]
    assert taken == [Taken.PENDING, *[Taken.ALREADY] * 4]
    for _ in range(3):
        serve(lawful)
        lawful.now += timedelta(hours=1)
        sign_up(lawful.store, page, lawful.now, address="192.0.2.99")
    assert len(messages(carrier)) == 1


@pytest.mark.parametrize(("late", "ends"), [(timedelta(seconds=-1), "given"), (timedelta(0), "expired")])
def test_a_yes_counts_until_the_last_second_of_three_days(small: World, late: timedelta, ends: str) -> None:
    page = open_page(small.store, a_page())
    sign_up(small.store, page)
    serve(small)
    small.now += ANSWERED_WITHIN + late
    write_to_us(small.store, "yes", "SM9", small.now)
    serve(small)
    assert the_opt_in(small.store).state == ends


def test_whoever_does_not_answer_is_forgotten_everywhere(lawful: World, carrier: InProcessCarrier) -> None:
    page = open_page(lawful.store, a_page())
    sign_up(lawful.store, page)
    serve(lawful)
    arrive(lawful, carrier)
    assert holds(lawful.store, PERSON, NAME, ADDRESS) == [
        "attempts.to_sealed",
        "decisions.facts_sealed",
        "opt_ins.details_sealed",
        "opt_ins.number_sealed",
    ]
    lawful.now += ANSWERED_WITHIN
    sealer.run_once(lawful.store, lawful.now)
    serve(lawful)
    assert holds(lawful.store, PERSON, NAME, ADDRESS, PERSON[2:]) == []
    assert said(lawful.store) == [("requested", "sms"), ("expired", "any")]
    with lawful.store.read() as tx:
        assert tx.execute(select(carrier_erasures.c.sid)).scalars().all() == list(carrier.records), "there, too"
        noted = tx.execute(select(removals.c.relation, removals.c.how, removals.c.cause)).all()
    assert sorted(noted) == [
        ("attempts", "blanked", "retention"),
        ("decisions", "blanked", "retention"),
        ("opt_ins", "blanked", "retention"),
    ]
    write_to_us(lawful.store, "yes", "SM9", lawful.now)
    assert len(said(lawful.store)) == 2, "too late"
    lawful.now += timedelta(hours=1)
    sealer.run_once(lawful.store, lawful.now)
    assert verify(lawful.store, lawful.now).is_sound, "the law took it, and nobody else"


def test_nobody_is_forgotten_while_the_carrier_must_be_asked_for_their_message_by_number(
    lawful: World, carrier: InProcessCarrier
) -> None:
    page = open_page(lawful.store, a_page())
    sign_up(lawful.store, page, NOON + timedelta(minutes=5) - ANSWERED_WITHIN)
    carrier.lose_next_answer(DispatchUncertainError())
    serve(lawful)
    lawful.now += timedelta(minutes=5)
    serve(lawful)
    write_to_us(lawful.store, "yes", "SM9", lawful.now)
    assert the_opt_in(lawful.store).state == "pending", "and a yes is too late all the same"
    rescue(lawful.store, carrier, lawful.now, lawful.waits)
    serve(lawful)
    assert the_opt_in(lawful.store).state == "expired"
    with lawful.store.read() as tx:
        assert tx.execute(select(carrier_erasures.c.sid)).scalars().all() == list(carrier.records)


@pytest.mark.parametrize("answer", ["STOP", "No.", "nein", "non merci"])
def test_a_no_is_kept_and_stops_everything(small: World, carrier: InProcessCarrier, answer: str) -> None:
    page = open_page(small.store, a_page())
    sign_up(small.store, page)
    serve(small)
    write_to_us(small.store, answer, "SM9")
    write_to_us(small.store, "yes", "SM10")
    serve(small)
    assert (the_opt_in(small.store).state, the_opt_in(small.store).details_sealed) == ("refused", None)
    assert said(small.store) == [("requested", "sms"), ("refused", "any")]
    with small.store.read() as tx:
        (stop,) = suppressions.standing(tx, "acme", small.store.keyring.number_key(PERSON))
    assert (stop.kind, stop.channel) == ("stop_reply", "any")
    assert small.count(contacts) == 0


def test_a_stop_between_the_decision_and_the_carrier_is_honoured(lawful: World, carrier: InProcessCarrier) -> None:
    page = open_page(lawful.store, a_page())
    sign_up(lawful.store, page)
    submit = lawful.placer.submit

    def overtaken(planned):  # type: ignore[no-untyped-def]
        write_to_us(lawful.store, "STOP", "SM9")
        submit(planned)

    lawful.placer.submit = overtaken  # type: ignore[method-assign]
    serve(lawful)
    assert messages(carrier) == []
    assert [attempt.outcome for attempt in lawful.attempts()] == ["never_sent"]
    assert the_opt_in(lawful.store).state == "refused"


def test_a_stop_takes_back_a_confirmation_that_waits_at_the_carrier(small: World) -> None:
    page = open_page(small.store, a_page())
    sign_up(small.store, page)
    serve(small)
    write_to_us(small.store, "STOP", "SM9")
    with small.store.read() as tx:
        assert tx.execute(select(cancellations.c.reason)).scalars().all() == ["stop"]


def test_a_message_whose_fate_is_unknown_is_never_sent_again(lawful: World, carrier: InProcessCarrier) -> None:
    page = open_page(lawful.store, a_page())
    sign_up(lawful.store, page)
    carrier.lose_next_answer(DispatchUncertainError())
    for _ in range(4):
        serve(lawful)
        lawful.now += timedelta(minutes=11)
        rescue(lawful.store, carrier, lawful.now, lawful.waits)
    assert len(messages(carrier)) == 1
    write_to_us(lawful.store, "yes", "SM9", lawful.now)
    assert the_opt_in(lawful.store).state == "given"


def test_a_confirmation_is_handed_over_before_the_next_number_is_looked_up(
    small: World, carrier: InProcessCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A carrier that is slow to tell line types would keep it from leaving until rescue takes it for never sent."""
    page = open_page(small.store, a_page())
    sign_up(small.store, page)
    sign_up(small.store, page, small.now + timedelta(seconds=1), number=NEIGHBOUR, address="192.0.2.8")
    small.now += timedelta(seconds=1)
    look_up, left = carrier.line_type, []

    def slowly(number: str) -> object:
        assert small.placer.drain(30)
        left.append([order.to for order in messages(carrier)])
        return look_up(number)

    monkeypatch.setattr(carrier, "line_type", slowly)
    serve(small)
    assert left == [[], [PERSON]]


def test_what_was_certainly_not_sent_is_tried_again_and_a_refused_number_never(
    small: World, carrier: InProcessCarrier
) -> None:
    page = open_page(small.store, a_page())
    sign_up(small.store, page)
    carrier.refuse_next(CarrierBusyError())
    serve(small)
    assert messages(carrier) == []
    small.now += timedelta(minutes=11)
    serve(small)
    assert len(messages(carrier)) == 1
    sign_up(small.store, page, small.now, number=NEIGHBOUR)
    carrier.refuse_next(NumberRefusedError(carrier_code=21614))
    serve(small)
    small.now += timedelta(minutes=11)
    serve(small)
    assert holds(small.store, NEIGHBOUR) == []
    assert said(small.store)[-1] == ("expired", "any")


def test_a_landline_is_looked_up_once_and_never_texted(small: World, carrier: InProcessCarrier) -> None:
    page = open_page(small.store, a_page())
    is_a(carrier, LineType.LANDLINE)
    sign_up(small.store, page)
    serve(small)
    assert messages(carrier) == []
    assert (the_opt_in(small.store).state, the_opt_in(small.store).held_by) == ("unreachable", "line type landline")
    assert holds(small.store, PERSON, NAME, ADDRESS) == []


def test_whoever_enters_a_strangers_number_ends_nothing_that_the_stranger_agreed_to(
    small: World, carrier: InProcessCarrier
) -> None:
    page = open_page(small.store, a_page())
    key = small.store.keyring.number_key(PERSON)
    with small.store.write() as tx:
        ledger.record(tx, small.store.keyring, a_consent("acme", number=PERSON, channel=ConsentChannel.VOICE), NOON)
    is_a(carrier, LineType.LANDLINE)
    sign_up(small.store, page)
    serve(small)
    assert the_opt_in(small.store).state == "unreachable"
    with small.store.read() as tx:
        (held,) = consents_held.read(tx, ["acme"], [key])["acme", key].given
    assert held.consent.withdrawn_at is None


def test_while_the_carrier_cannot_say_what_the_number_is_nothing_is_sent(
    small: World, carrier: InProcessCarrier
) -> None:
    page = open_page(small.store, a_page())
    carrier.line_types[PERSON] = CarrierBusyError()
    sign_up(small.store, page)
    serve(small)
    assert (messages(carrier), the_opt_in(small.store).held_by) == ([], "lookup")
    is_a(carrier, LineType.MOBILE)
    small.now += timedelta(seconds=30)
    serve(small)
    assert len(messages(carrier)) == 1


def test_a_paused_page_waits_and_goes_on(small: World, carrier: InProcessCarrier) -> None:
    page = open_page(small.store, a_page())
    campaign = the_campaign(small)
    sign_up(small.store, page)
    for was, becomes, sent in (
        (CampaignState.RUNNING, CampaignState.PAUSED, 0),
        (CampaignState.PAUSED, CampaignState.RUNNING, 1),
    ):
        with small.store.write() as tx:
            assert campaigns.change_state(tx, campaign, {was}, becomes, None)
        serve(small)
        small.now += timedelta(seconds=30)
        assert len(messages(carrier)) == sent


def test_a_number_that_is_being_texted_waits_its_turn(small: World, carrier: InProcessCarrier) -> None:
    page = open_page(small.store, a_page())
    sign_up(small.store, page)
    key = small.store.keyring.number_key(PERSON)
    with small.store.write() as tx:
        attempts.occupy(tx, key, "sms", the_opt_in(small.store).id, small.now)
    serve(small)
    assert the_opt_in(small.store).held_by == "live attempt"
    with small.store.write() as tx:
        tx.execute(live_attempts.delete())
    small.now += timedelta(seconds=60)
    assert serve(small) == 1


def said_no(world: World, kind: SuppressionKind) -> None:
    """Nine days ago."""
    key, at = world.store.keyring.number_key(PERSON), NOON - timedelta(days=9)
    with world.store.write() as tx:
        suppressions.add(tx, seller_id="acme", number_key=key, kind=kind, at=at, source="tests")


def test_whoever_said_stop_is_asked_once_a_month_at_most_and_their_yes_is_heard(
    small: World, carrier: InProcessCarrier
) -> None:
    page = open_page(small.store, a_page())
    said_no(small, SuppressionKind.STOP_REPLY)
    assert sign_up(small.store, page) is Taken.PENDING
    assert serve(small) == 1, "they asked for this one message after their stop"
    arrive(small, carrier)
    small.now += ANSWERED_WITHIN
    serve(small)
    assert sign_up(small.store, page, small.now) is Taken.NUMBER_RESTS
    write_to_us(small.store, "join", "SM8", small.now)
    assert serve(small) == 1, "the keyword comes from the phone itself"
    write_to_us(small.store, "yes", "SM9", small.now)
    assert said(small.store)[-1] == ("given", "sms")
    with small.store.read() as tx:
        assert tx.execute(select(suppressions_table.c.lifted_at)).scalars().all() == [None], "the gate weighs both"


def test_a_restriction_is_older_than_no_request(small: World, carrier: InProcessCarrier) -> None:
    page = open_page(small.store, a_page())
    said_no(small, SuppressionKind.RESTRICTION)
    sign_up(small.store, page)
    assert serve(small) == 0
    assert (the_opt_in(small.store).state, the_opt_in(small.store).held_by) == ("unreachable", "stop.restricted")
    with small.store.read() as tx:
        assert tx.execute(select(decisions.c.verdict)).scalars().all() == ["refuse"]


def test_a_keyword_asks_back_and_offers_texts_alone(lawful: World, carrier: InProcessCarrier) -> None:
    page = open_page(lawful.store, a_page())
    write_to_us(lawful.store, "hello", "SM1")
    write_to_us(lawful.store, "JOIN.", "SM2")
    write_to_us(lawful.store, "JOIN", "SM3")
    serve(lawful)
    assert [order.body for order in messages(carrier)] == [page.confirmation("en")]
    write_to_us(lawful.store, "sí", "SM4")
    assert said(lawful.store) == [("requested", "sms"), ("given", "sms")]
    with lawful.store.read() as tx:
        given = tx.execute(select(consents).where(consents.c.event == "given")).one()
    evidence = lawful.store.keyring.open_json(given.evidence_sealed, EVIDENCE)
    assert (given.source, evidence[Evidence.WORDS], evidence[Evidence.SOURCE]) == ("keyword", "JOIN.", "+12125550101")


def test_a_yes_to_nothing_gives_nothing(small: World) -> None:
    page = open_page(small.store, a_page())
    write_to_us(small.store, "YES", "SM1")
    sign_up(small.store, page)
    write_to_us(small.store, "YES", "SM2")
    assert said(small.store) == [("requested", "sms")], "nobody had been asked yet"


def test_neither_a_number_nor_an_address_can_be_used_to_harass(small: World) -> None:
    page = open_page(small.store, a_page())
    for _ in range(OF_A_NUMBER):
        assert sign_up(small.store, page, small.now) is Taken.PENDING
        small.now += ANSWERED_WITHIN
        serve(small)
    assert sign_up(small.store, page, small.now) is Taken.NUMBER_RESTS
    (_, most), _ = OF_AN_ADDRESS
    strangers = [f"+121255501{n:02d}" for n in range(30, 30 + most + 1)]
    taken = [sign_up(small.store, page, small.now, number=one, address="192.0.2.200") for one in strangers]
    assert taken == [Taken.PENDING] * most + [Taken.TOO_MANY]


def test_a_page_bears_no_more_than_its_day(small: World) -> None:
    page = open_page(small.store, a_page(privacy_version='"7"\nmost_a_day = 2'))
    taken = [sign_up(small.store, page, number=f"+121255501{n}", address=f"192.0.2.{n}") for n in (30, 31, 32)]
    assert taken == [Taken.PENDING, Taken.PENDING, Taken.PAGE_SPENT]


def test_a_keyword_and_its_yes_wait_for_nobody_to_read_them(lawful: World) -> None:
    """A page may have thousands; what else is written does wait."""
    open_page(lawful.store, a_page())
    unread = []
    for number, body in enumerate(("Join", "YES", "yes, but when?", "YES")):
        write_to_us(lawful.store, body, f"SM{number}", lawful.now)
        serve(lawful)
        with lawful.store.read() as tx:
            unread.append(tx.execute(select(threads.c.unread)).scalar_one())
    assert unread == [0, 0, 1, 2], "a second yes answers no question"
