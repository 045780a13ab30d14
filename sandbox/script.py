"""A leg follows its document: fetched, read, and done verb by verb."""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from sandbox import exchange
from sandbox.callbacks import standing_parameters
from sandbox.courier import Parcel, Reply
from sandbox.legs import hang_up, hears, while_script
from sandbox.records import Call
from sandbox.twiml import DocumentError, document_in, parse
from sandbox.world import World

log = logging.getLogger(__name__)
APOLOGY_SECONDS = 4.0
MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Turn:
    """The verb whose turn it is, and what comes after it."""

    world: World
    call: Call
    verb: Element
    rest: deque[Element]

    def resume(self) -> None:
        """Go on with the next verb."""
        _step(self.world, self.call, self.rest)

    def resume_after(self, seconds: float) -> None:
        """Go on with the next verb in that many seconds, unless the leg is redirected or ends."""
        self.world.later(seconds, while_script(self.call, self.resume))

    def follow_action(self, extra: dict[str, str], *, else_resume: bool = True) -> None:
        """Ask the verb's action what comes next; without one go on, or ask the current document again."""
        action = self.verb.get("action")
        if action is None and else_resume:
            self.resume()
            return
        ask(self.world, self.call, action or self.call.document_url, self.verb.get("method", "POST"), extra)


Verb = Callable[[Turn], None]


def begin(world: World, call: Call) -> None:
    """The leg was answered: follow what its creator gave, the address before the inline document."""
    extra = {"AnsweredBy": call.answered_by} if call.answered_by else {}
    orders = call.orders
    if orders.url:
        ask(world, call, orders.url, orders.method, extra)
    else:
        run_text(world, call, orders.twiml or "")


def run_text(world: World, call: Call, text: str) -> None:
    """Follow an inline document from now on."""
    call.script += 1
    exchange.ends(world, call)
    try:
        verbs = parse(text)
    except DocumentError as error:
        _document_failed(world, call, call.document_url, error)
        return
    _step(world, call, deque(verbs))


def ask(world: World, call: Call, url: str, method: str, extra: dict[str, str]) -> None:
    """Fetch the document at the address, relative to the current one, and follow it; what runs now is over."""
    call.script += 1
    exchange.begins(world, call)
    target = urljoin(call.document_url, url)
    if urlsplit(target).scheme not in {"http", "https"}:
        _document_failed(world, call, target, DocumentError(11100))
        return
    params = standing_parameters(world, call) | extra
    _fetch(world, call, Parcel(url=target, method=method.upper(), params=params), MOST_REDIRECTS)


def _fetch(world: World, call: Call, parcel: Parcel, redirects_left: int) -> None:
    token = call.script

    def arrived(reply: Reply) -> None:
        with world.agenda.lock:
            if call.ended or call.script != token:
                return
            if reply.location and redirects_left:
                # As Twilio does: the redirected request is a GET, and the form is gone.
                onward = Parcel(url=urljoin(reply.url, reply.location), method="GET", params={})
                _fetch(world, call, onward, redirects_left - 1)
                return
            exchange.ends(world, call)
            _follow(world, call, parcel.url, reply)

    world.courier.ask(Parcel(url=parcel.url, method=parcel.method, params=parcel.params, then=arrived))


def _follow(world: World, call: Call, url: str, reply: Reply) -> None:
    try:
        verbs = document_in(reply)
    except DocumentError as error:
        _document_failed(world, call, url, error)
        return
    call.document_url = url
    _step(world, call, deque(verbs))


def _document_failed(world: World, call: Call, url: str, error: DocumentError) -> None:
    world.warn(f"{error.code}: {call.sid} could not use its document at {url.partition('?')[0]}")
    fallback = call.orders.fallback_url
    if fallback and not call.fallback_used:
        call.fallback_used = True
        ask(world, call, fallback, call.orders.fallback_method, {"ErrorCode": str(error.code), "ErrorUrl": url})
        return
    hears(world, call, "application_error")
    world.later(APOLOGY_SECONDS, while_script(call, partial(hang_up, world, call)))


def _step(world: World, call: Call, verbs: Iterable[Element]) -> None:
    rest = deque(verbs)
    while rest and not call.ended:
        verb = rest.popleft()
        do = world.verbs.get(verb.tag)
        if do is not None:
            if call.answered_at is None and verb.tag != "Reject":
                _pick_up(world, call)
            do(Turn(world, call, verb, rest))
            return
        world.warn(f"12200: {call.sid} skipped <{verb.tag}>, which this sandbox does not speak")
    hang_up(world, call)


def _pick_up(world: World, call: Call) -> None:
    # Twilio answers an inbound call when its document begins to run; an outbound one was answered by its callee.
    call.status = "in-progress"
    call.answered_at = world.now()
    hears(world, call, "silence")
