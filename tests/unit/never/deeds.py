"""Everything that may happen between a seller and a person, each deed through what commands and callbacks call.

A deed that says no tells ``words`` before it is done, one that says yes after it: in between nothing is claimed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from orchestrator.compliance.opt_out import Intent
from orchestrator.domain.agent import AgentState
from orchestrator.domain.attempt import Stage
from orchestrator.domain.campaign import SmsPlan
from orchestrator.domain.carrier import CallStatus, MessageStatus
from orchestrator.domain.consent_event import Collection, ConsentEvent, ConsentState, Evidence
from orchestrator.domain.contact_request import Channel, ConsentChannel, ConsentLevel, ConsentSource, Purpose
from orchestrator.domain.enrollment import OFFERED_LANES, Lane
from orchestrator.domain.errors import UserError
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.domain.rights import RequestState, Right
from orchestrator.persistence import agents, enrollments, reviews, suppressions
from orchestrator.persistence.tables.conversations import threads
from orchestrator.persistence.tables.rights import rights_requests as requests_table
from orchestrator.pipeline import conversations, follow_up, offers, settlement
from orchestrator.pipeline.agent_desk.promising import Wish, promise
from orchestrator.pipeline.agent_desk.refusing import do_not_call
from orchestrator.pipeline.carrier_stops import stopped_at_carrier
from orchestrator.pipeline.consents import giving, importing
from orchestrator.pipeline.consents.withdrawing import Withdrawal, withdraw
from orchestrator.pipeline.conversation_order import Draft
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.importing import ImportOrder, run_import
from orchestrator.pipeline.intake.layout import Layout, lay_out
from orchestrator.pipeline.opt_ins import renewing
from orchestrator.pipeline.reception.receiving import receive
from orchestrator.pipeline.rights import objecting
from orchestrator.pipeline.rights.erasing import Eraser
from orchestrator.pipeline.unsubscribing import stopping
from tests.integration.desk.floor import DEFAULTS, agent_row, an_event, joined, over, wrapped_up
from tests.integration.opt_ins.pages import serve, sign_up
from tests.integration.replies.desk import desk_of
from tests.integration.rights.people import LAW, asking
from tests.unit.never.last_words import ALL, SALES, Kind, named
from tests.unit.never.life import LANDLINE, MOBILE, Life
from tests.world import CALLER_ID, SENDER

TEXT = "Acme Roofing: your check is due. Reply STOP to opt out."
TITLES = (
    "ID,First name,Last name,Phone,Other phone,SMS consent,SMS consent date,Consent text,Consent source,Do not call"
)
BOTH, ONE, ANOTHER = (
    f"own-1,Kim,Doe,{MOBILE},{LANDLINE},,,,,",
    f"own-2,Kim,Doe,{MOBILE},,,,,,",
    f"own-1,Kim,Doe,{LANDLINE},,,,,,",
)
A_YES = f"own-1,Kim,Doe,{MOBILE},,yes,{{today}},I agree to texts of Acme Roofing,our form,"
A_NO = f"own-1,Kim,Doe,{MOBILE},{LANDLINE},,,,,yes"
ANSWERED: dict[Channel, CallStatus | MessageStatus] = {
    Channel.VOICE: CallStatus.NO_ANSWER,
    Channel.SMS: MessageStatus.DELIVERED,
}

# --- the seller ------------------------------------------------------------------------------------------------------


def list_of(record: str) -> Callable[[Life], None]:
    """The seller imports a list with this record, under a name of its own."""

    def do(life: Life) -> None:
        layout, name = laid_out(life, record)
        order = ImportOrder(layout=layout, seller_id="acme", list_name=name, country="US", covered=lambda _: True)
        run_import(life.world.store, order, lambda: life.world.now, lambda _: None, lambda: False)

    return do


def ledger_of(record: str) -> Callable[[Life], None]:
    """The seller imports the record's consent or refusal alone."""

    def do(life: Life) -> None:
        layout, _ = laid_out(life, record)
        order = importing.LedgerOrder(
            layout=layout, seller_id="acme", country="US", covered=lambda _: True, by="cli:ops",
            purpose=Purpose.TELEMARKETING,
        )  # fmt: skip
        importing.run_import(life.world.store, order, lambda: life.world.now)

    return do


def laid_out(life: Life, record: str) -> tuple[Layout, str]:
    path = life.folder / f"file{next(life.serials)}.csv"
    row = record.format(today=(life.world.now - timedelta(seconds=1)).isoformat())
    path.write_text(f"{TITLES}\n{row}\n", "utf-8")
    return lay_out(inspect(path), "US", (), None), path.stem


def campaigns(life: Life) -> None:
    """New campaigns about sales and about service take up everybody who is known."""
    people = life.everybody()
    for purpose in (Purpose.TELEMARKETING, Purpose.INFORMATIONAL) if people else ():
        text = SmsPlan(senders=(SENDER,), templates={"en": TEXT}, marketing=purpose is Purpose.TELEMARKETING)
        calls = life.world.a_campaign(f"Calls {next(life.serials)}", purpose=purpose)
        texts = life.world.a_campaign(f"Texts {next(life.serials)}", voice=False, sms=text, purpose=purpose)
        life.world.enrol(calls, *people)
        life.world.enrol(texts, *people, lane=Lane.SMS)


def work(life: Life) -> None:
    """Every worker's step, over every campaign and lane; Kim says yes to whatever is laid before her."""
    for campaign in life.campaigns():
        for lane in Lane:
            if lane not in OFFERED_LANES:  # whoever is offered is dispatched with an agent for each, below
                life.world.dispatch(campaign, lane)
        offers.run_once(life.world.dispatcher, life.world.campaign(campaign))
        tried(lambda: offers.accept(life.world.store, "kim", life.world.now))
        offers.run_once(life.world.dispatcher, life.world.campaign(campaign))
        assert life.world.placer.drain(30)


def answer(life: Life) -> None:
    """Staff answers in every thread."""
    with life.world.store.read() as tx:
        ids = tx.execute(select(threads.c.id)).scalars().all()
    for one in ids:
        tried(lambda one=one: answer_in(life, one))  # type: ignore[misc]


def answer_in(life: Life, thread: int) -> None:
    text = "Acme Roofing: a colleague will help you."
    conversations.answer(desk_of(life.world), Draft(thread_id=thread, text=text, by="cli:ops", again=True))


def an_hour(life: Life) -> None:
    life.world.now += timedelta(hours=1)


def a_day(life: Life) -> None:
    life.world.now += timedelta(days=1)


def ends(life: Life) -> None:
    """Nobody picks up, and every text arrives."""
    for attempt in life.live():
        call = attempt.channel == Channel.VOICE
        status = ANSWERED[Channel(attempt.channel)]
        kind = EventKind.CALL_STATUS if call else EventKind.MESSAGE_STATUS
        said = {"call_status": status} if call else {"message_status": status}
        life.carrier.set_status(attempt.sid, status)
        receive(life.world.store, an_event(kind, attempt, **said), life.world.now, lambda _: "other")
    settlement.run_once(life.world.store, life.world.now)
    follow_up.run_once(life.world.store, life.world.now)


# --- the person says no ----------------------------------------------------------------------------------------------


def writes(body: str, intent: Intent, number: str = MOBILE, how: str = "message") -> Callable[[Life], None]:
    """The person writes to the seller's number."""

    def do(life: Life) -> None:
        if intent in {Intent.STOP, Intent.UNSURE}:
            life.words.no([number], how)
        hear(life, body, intent, number)
        if intent is Intent.START:
            life.words.texts_again(number)

    return do


def hear(life: Life, body: str, intent: Intent, number: str = MOBILE) -> None:
    sid = f"SM{next(life.serials):032d}"
    event = CarrierEvent(
        kind=EventKind.INBOUND_MESSAGE, key=f"in:{sid}", sid=sid, to=SENDER, from_=number, body=body
    )  # fmt: skip
    receive(life.world.store, event, life.world.now, lambda _: intent)


def it_was_no_stop(life: Life) -> None:
    """Somebody reads what was doubtful: it was no refusal."""
    world = life.world
    with world.store.write() as tx:
        for waiting in reviews.waiting(tx):
            row = reviews.decide(tx, waiting.id, "other", "cli:ops", world.now)
            if not suppressions.standing(tx, row.seller_id, bytes(row.number_key)):
                enrollments.unsuppress(tx, row.seller_id, bytes(row.number_key), row.asked_at, world.now)
    life.words.taken_back("doubt")


def presses_9(life: Life) -> None:
    """In a call to the seller."""
    life.words.no([LANDLINE], "keypress")
    sid = f"CA{next(life.serials):032d}"
    event = CarrierEvent(
        kind=EventKind.KEYPRESS, key=f"key:{sid}", sid=sid, to=CALLER_ID, from_=LANDLINE, digits="9"
    )  # fmt: skip
    receive(life.world.store, event, life.world.now, lambda _: "other")


def tells_an_agent(life: Life) -> None:
    """In a call of ours, where one is on its way."""
    called = on_the_line(life)
    if called is not None:
        life.words.no([called], "told an agent")
        do_not_call(life.world.store, DEFAULTS, lambda: life.carrier, "kim", life.world.now)


def asks_to_be_called_back(life: Life) -> None:
    """In an hour, in a call of ours; it is no new yes."""
    if on_the_line(life) is not None:
        over(life.world, life.world.attempts()[-1].id)
        wish = Wish(at=(life.world.now - timedelta(hours=4)).strftime("%H:%M"), own=False)
        tried(lambda: promise(life.world.engine, DEFAULTS, "kim", wish, life.world.now))
        wrapped_up(life.world)
        with life.world.store.write() as tx:
            agents.finish_wrap_up(tx, life.world.now)


def on_the_line(life: Life) -> str | None:
    """Kim is joined to the newest call; the number that was called."""
    newest = life.world.attempts()[-1:]
    fits = [one for one in newest if one in life.live() and one.channel == Channel.VOICE and one.agent_id is None]
    kim = agent_row(life.world)
    if not fits or fits[0].stage == Stage.ANSWERED or kim is None or kim.state != AgentState.READY:
        return None
    called = life.carrier.orders[fits[0].sid]
    life.carrier.set_status(fits[0].sid, CallStatus.IN_PROGRESS)
    joined(life.world)
    return called.to  # type: ignore[union-attr]


def stopped_by_the_carrier(life: Life) -> None:
    """21610: the carrier knows of a STOP that we never heard."""
    life.words.no([MOBILE], "message")
    stopped_at_carrier(life.world.store, "acme", life.key(MOBILE), 21610, life.world.now)


def withdraws(channel: ConsentChannel, purpose: Purpose | None, forbids: frozenset[Kind]) -> Callable[[Life], None]:
    """By letter."""

    def do(life: Life) -> None:
        life.words.no([MOBILE], "withdrawn", forbids)
        said = Withdrawal(
            seller_id="acme", number=MOBILE, means=Collection.LETTER, words="Enough", recorded_by="cli:ops",
            channel=channel, purpose=purpose,
        )  # fmt: skip
        withdraw(life.world.store, said, life.world.now)

    return do


def unsubscribes(channel: ConsentChannel, forbids: frozenset[Kind]) -> Callable[[Life], None]:
    """By the link in the newest text, where there was one."""

    def do(life: Life) -> None:
        theirs = [one for one in life.world.attempts() if one.number_key == life.key(MOBILE)]
        for attempt in theirs[-1:]:
            life.words.no([MOBILE], "unsubscribed", forbids)
            stopping.stop(life.world.store, attempt, channel, {"url": "a page"}, life.world.now)

    return do


def demands(right: Right, number: str) -> Callable[[Life], None]:
    """An objection or a restriction: it binds every number of theirs."""

    def do(life: Life) -> None:
        how = "restriction" if right is Right.RESTRICT else "objection"
        life.words.no(life.person_of(number), how)
        objecting.stop(life.world.store, LAW, asking(right, number), "acme", life.world.now, "disputed")

    return do


def restriction_is_lifted(life: Life) -> None:
    with life.world.store.read() as tx:
        open_ones = select(requests_table.c.id).where(requests_table.c.state == RequestState.RESTRICTED)
        ids = tx.execute(open_ones).scalars().all()
    today = life.world.now.date()
    for one in ids:
        objecting.lift(life.world.store, LAW, one, "it was right", today, "cli:ops", life.world.now)
    life.words.taken_back("restriction")


def is_erased(life: Life) -> None:
    """Whoever has the mobile number, one by one."""
    life.words.no(life.person_of(MOBILE), "erasure")
    eraser = Eraser(life.world.store, LAW)
    for who in [str(one) for one in life.holders(MOBILE)] or [MOBILE]:
        eraser.ask(asking(Right.ERASE, who, verified_by="seen"), "acme", life.world.now)
    life.settle_cancellations()
    eraser.run_once(life.world.now)


def told(deed: Callable[[Life], None], how: str) -> Callable[[Life], None]:
    """A list that says no for them."""

    def do(life: Life) -> None:
        life.words.no([MOBILE, LANDLINE], how)
        deed(life)

    return do


# --- the person says yes ---------------------------------------------------------------------------------------------


def agrees(channel: ConsentChannel, *purposes: Purpose) -> Callable[[Life], None]:
    """In the seller's own form, which staff puts on record with its proof."""

    def do(life: Life) -> None:
        for number in (MOBILE, LANDLINE):
            for purpose in purposes:
                giving.give(life.world.store, a_yes(life, number, channel, purpose), life.world.now)
            life.words.yes(number, allowed(channel, purposes))

    return do


def a_yes(life: Life, number: str, channel: ConsentChannel, purpose: Purpose) -> ConsentEvent:
    facts: Mapping[str, Any] = {
        "seller_id": "acme", "number": number, "event": ConsentState.GIVEN, "channel": channel,
        "level": ConsentLevel.EXPRESS_WRITTEN, "purpose": purpose, "automated": True, "happened_at": life.world.now,
        "source": ConsentSource.OWN_FORM, "collection": Collection.WEB_FORM, "recorded_by": "cli:ops",
        "evidence": {Evidence.TEXT: "Yes, contact me", Evidence.NUMBER: number},
    }  # fmt: skip
    return ConsentEvent(**facts)


def allowed(channel: ConsentChannel, purposes: tuple[Purpose, ...]) -> frozenset[Kind]:
    return frozenset(
        kind
        for kind in ALL
        if channel.covers(kind.channel) and (Purpose.TELEMARKETING if kind.sells else Purpose.INFORMATIONAL) in purposes
    )


def signs_up(life: Life) -> None:
    """Fills in the form for texts about sales, and says yes to the question, where it comes."""
    sign_up(life.world.store, life.page, life.world.now, number=MOBILE, address=f"192.0.2.{next(life.serials) % 250}")
    before = life.seen_orders()
    serve(life.world)
    if life.seen_orders() > before:
        hear(life, "YES", Intent.OTHER)
        life.words.yes(MOBILE, allowed(ConsentChannel.SMS, (Purpose.TELEMARKETING,)))
    serve(life.world)


def agrees_for_a_while(life: Life) -> None:
    """To offers by text, until a day that is near."""
    soon = life.world.now + timedelta(days=20)
    event = a_yes(life, MOBILE, ConsentChannel.SMS, Purpose.TELEMARKETING)
    giving.give(life.world.store, replace(event, expires_at=soon), life.world.now)
    life.words.yes(MOBILE, allowed(ConsentChannel.SMS, (Purpose.TELEMARKETING,)))


def is_asked_to_renew(life: Life) -> None:
    """Whoever's consent ends within a month, by the page's sender."""
    world, month = life.world, timedelta(days=30)
    for one in renewing.people(world.store, world.rulebook, life.page, world.now, world.now + month):
        renewing.ask(world.store, life.page, one, "Acme Roofing: reply YES to renew, STOP to stop.", world.now)
    serve(world)


def tried(deed: Callable[[], object]) -> None:
    """What a person is told that they may not do changes nothing."""
    try:
        deed()
    except UserError:
        return


SMS, VOICE, ANY = ConsentChannel.SMS, ConsentChannel.VOICE, ConsentChannel.ANY
SELLING, SERVING = Purpose.TELEMARKETING, Purpose.INFORMATIONAL
CONTACTS: dict[str, Callable[[Life], None]] = {
    "campaigns": campaigns,
    "work": work,
    "an answer by staff": answer,
    "a callback is asked for": asks_to_be_called_back,
}
TIME: dict[str, Callable[[Life], None]] = {"an hour": an_hour, "a day": a_day, "calls and texts end": ends}
LISTS: dict[str, Callable[[Life], None]] = {
    "a list with both": list_of(BOTH),
    "a list with one": list_of(ONE),
    "a list with the id under another number": list_of(ANOTHER),
    "a list that claims a yes": list_of(A_YES),
    "a ledger that claims a yes": ledger_of(A_YES),
}
NOES: dict[str, Callable[[Life], None]] = {
    "STOP": writes("STOP", Intent.STOP),
    "STOP from the landline": writes("STOP", Intent.STOP, LANDLINE),
    "a doubtful message": writes("hmm, rather not", Intent.UNSURE, how="doubt"),
    "9": presses_9,
    "told an agent": tells_an_agent,
    "stopped by the carrier": stopped_by_the_carrier,
    "withdraws all": withdraws(ANY, None, ALL),
    "withdraws texts": withdraws(SMS, None, named(Channel.SMS)),
    "withdraws calls": withdraws(VOICE, None, named(Channel.VOICE)),
    "withdraws from sales": withdraws(ANY, SELLING, SALES),
    "withdraws from service": withdraws(ANY, SERVING, ALL - SALES),
    "unsubscribes": unsubscribes(ANY, ALL),
    "unsubscribes from texts": unsubscribes(SMS, named(Channel.SMS)),
    "objects": demands(Right.OBJECT, MOBILE),
    "objects by the landline": demands(Right.OBJECT, LANDLINE),
    "restricts": demands(Right.RESTRICT, MOBILE),
    "is erased": is_erased,
    "a list says no": told(list_of(A_NO), "list"),
    "a ledger says no": told(ledger_of(A_NO), "list"),
}
YESES: dict[str, Callable[[Life], None]] = {
    "START": writes("START", Intent.START),
    "it was no stop": it_was_no_stop,
    "the restriction is lifted": restriction_is_lifted,
    "agrees to all": agrees(ANY, SELLING, SERVING),
    "agrees to texts that sell": agrees(SMS, SELLING),
    "agrees to calls about service": agrees(VOICE, SERVING),
    "agrees for a while": agrees_for_a_while,
    "is asked to renew": is_asked_to_renew,
    "signs up": signs_up,
    "asks what it is about": writes("who is this?", Intent.OTHER),
}
DEEDS = CONTACTS | TIME | LISTS | NOES | YESES
