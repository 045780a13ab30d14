"""An opt-in page of Acme, and what happens around it."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.config_files import load_people_words
from orchestrator.domain.carrier import LineTypeAnswer, MessageOrder, MessageStatus
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.events import CarrierEvent, EventKind
from orchestrator.domain.opt_in import OptInPage, OptInSource
from orchestrator.domain.opt_in_file import parse_page
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.columns import Record, metadata
from orchestrator.persistence.tables.opting_in import opt_ins
from orchestrator.persistence.tables.people import consents, sellers
from orchestrator.pipeline.opt_ins import confirming, ending, listing
from orchestrator.pipeline.opt_ins.confirming import ConfirmationDesk
from orchestrator.pipeline.opt_ins.publishing import publish
from orchestrator.pipeline.opt_ins.requesting import Asked, Taken, request
from orchestrator.pipeline.reception.receiving import receive
from orchestrator.pipeline.rescue import run_once as rescue
from tests.world import CALLER_ID, CONFIG, NOON, SENDER, World

WORDS = load_people_words(CONFIG)
PERSON, NEIGHBOUR = "+12125550123", "+12125550124"
NAME, ADDRESS = "Ada Lovelace", "192.0.2.7"
PAGE_TOML = """
id = "roof-tips"
seller = "acme"
brand = "Acme Roofing"
version = "2026-11"
countries = ["US"]
sender = "+12125550101"
keyword = "Join"
list = "web"
privacy_url = "https://www.example.com/privacy"
privacy_version = "7"
terms_url = "https://www.example.com/terms"

[[choices]]
id = "texts"
channel = "sms"
purpose = "telemarketing"
automated = true

[[choices]]
id = "calls"
channel = "voice"
purpose = "telemarketing"

[texts.en]
title = "Roof tips and offers"
intro = "Acme Roofing sends you tips and offers about your roof."
offer = "tips and offers"
frequency = "Up to 4 messages a month."
choices.texts = "Text me, also by automated means."
choices.calls = "Call me, by a person."

[texts.es]
title = "Consejos y ofertas para su tejado"
intro = "Acme Roofing le envía consejos y ofertas para su tejado."
offer = "consejos y ofertas"
frequency = "Hasta 4 mensajes al mes."
choices.texts = "Envíenme mensajes, también de forma automatizada."
choices.calls = "Llámenme, una persona."
"""


def a_page(**changes: str) -> OptInPage:
    """The page, with lines of its file replaced: ``version='"8"'``."""
    lines = PAGE_TOML.splitlines()
    for name, value in changes.items():
        at = next(n for n, line in enumerate(lines) if line.startswith(f"{name} ="))
        lines[at] = f"{name} = {value}"
    return parse_page("\n".join(lines), WORDS)


def open_page(store: Store, page: OptInPage, now: datetime = NOON) -> OptInPage:
    """The seller and their page."""
    row = {"id": page.seller, "name": "Acme Roofing", "country": "US", "callback_number": CALLER_ID}
    with store.write() as tx:
        if tx.execute(select(sellers.c.id).where(sellers.c.id == page.seller)).first() is None:
            tx.execute(insert(sellers).values(row | {"kind": "commercial", "registrations": [], "created_at": now}))
    publish(store, page, "cli:tests", now, strategy="consent-tiered", cadence="default")
    return page


def sign_up(store: Store, page: OptInPage, now: datetime = NOON, **facts: Any) -> Taken:
    """Somebody fills in the form."""
    entered = {
        "number": PERSON,
        "country": "US",
        "language": "en",
        "ticked": ("texts",),
        "source": OptInSource.FORM,
        "name": NAME,
        "address": ADDRESS,
        "evidence": {"ip": ADDRESS, "user_agent": "a browser", "url": "https://calls.example.com/people/roof-tips"},
    }
    with store.write() as tx:
        return request(tx, store.keyring, page, Asked(**(entered | facts)), now)


def write_to_us(store: Store, body: str, sid: str, now: datetime = NOON, number: str = PERSON) -> None:
    """The person sends a message; only STOP is classified, as the rest is not the subject here."""
    event = CarrierEvent(
        kind=EventKind.INBOUND_MESSAGE, key=f"message:{sid}:inbound", sid=sid, to=SENDER, from_=number, body=body
    )
    receive(store, event, now, lambda text: "stop" if text.strip().upper() == "STOP" else "other")


def desk_of(world: World) -> ConfirmationDesk:
    return ConfirmationDesk(
        engine=world.engine,
        carrier=lambda: world.carrier,
        placer=world.placer,
        clock=world.dispatcher.clock,
        closings=world.dispatcher.closings,
    )


def serve(world: World) -> int:
    """One ring of the worker's step, and every receipt written; how many confirmations were handed over."""
    ending.run_once(world.store, world.now)
    listing.run_once(world.store, world.now)
    sent = confirming.run_once(desk_of(world))
    assert world.placer.drain(30), "receipts are late"
    return sent


def arrive(world: World, carrier: InProcessCarrier) -> None:
    """Every message so far has arrived, and the carrier was asked about it."""
    for sid in list(carrier.records):
        carrier.set_status(sid, MessageStatus.DELIVERED)
    rescue(world.store, carrier, world.now, world.waits)


def messages(carrier: InProcessCarrier) -> list[MessageOrder]:
    """What the carrier was given to send."""
    return [order for order in carrier.orders.values() if isinstance(order, MessageOrder)]


def is_a(carrier: InProcessCarrier, line_type: LineType, number: str = PERSON) -> None:
    carrier.line_types[number] = LineTypeAnswer(number=number, valid=True, line_type=line_type)


def the_opt_in(store: Store) -> Record:
    with store.read() as tx:
        return tx.execute(select(opt_ins)).one()


def said(store: Store, keyring: Keyring | None = None) -> list[tuple[str, str]]:
    """What the ledger says, in the order in which it was written: event and channel."""
    with store.read() as tx:
        return [(row.event, row.channel) for row in tx.execute(select(consents).order_by(consents.c.id))]


def holds(store: Store, *texts: str) -> list[str]:
    """The columns of every table in which one of these texts can be read, sealed ones opened."""
    found = []
    with store.read() as tx:
        for table in metadata.tables.values():
            for row in tx.execute(select(table)).mappings():
                found += [
                    f"{table.name}.{name}"
                    for name, value in row.items()
                    if _tells(store, table.name, name, value, texts)
                ]
    return sorted({*found})


def _tells(store: Store, table: str, column: str, value: Any, texts: tuple[str, ...]) -> bool:
    if isinstance(value, bytes) and column.endswith("_sealed"):
        value = store.keyring.open(value, f"{table}.{column.removesuffix('_sealed')}")
    shown = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return any(text in shown for text in texts)
