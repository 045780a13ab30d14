"""Carries requests to the customer's web application: signed, form-encoded, over kept-alive connections."""

import hashlib
import hmac
import logging
import queue
import threading
import zlib
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from http.client import RemoteDisconnected
from urllib.parse import parse_qs, quote_plus, urldefrag, urlsplit
from uuid import uuid4

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
)

log = logging.getLogger(__name__)
MILLISECONDS = 1000.0
LONGEST_DOCUMENT_BYTES = 64 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the fragment of a webhook URL says of connecting; Twilio's defaults otherwise. Real seconds."""

    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the application answered; ``failure`` is ct, rt, 4xx or 5xx, None when it went well."""

    url: str
    status: int = 0
    text: str = ""
    content_type: str = ""
    location: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A request to be carried, and what is to be done with the reply."""

    url: str
    params: Mapping[str, str]
    method: str = "POST"
    then: Callable[[Reply], None] | None = None


def overrides_of(url: str) -> tuple[str, Overrides]:
    """The URL without its fragment, which is neither signed nor sent, and what the fragment asks for."""
    bare, fragment = urldefrag(url) if "#" in url else (url, "")
    if not fragment:
        return bare, Overrides()
    asked = {name: values[0] for name, values in parse_qs(fragment).items()}
    return bare, Overrides(
        retries=int(_within(asked.get("rc"), 1, 0, 5)),
        retry_on=frozenset(asked.get("rp", "ct").split(",")),
        connect_seconds=_within(asked.get("ct"), 5000, 100, 10000) / MILLISECONDS,
        read_seconds=_within(asked.get("rt"), 15000, 100, 15000) / MILLISECONDS,
        total_seconds=_within(asked.get("tt"), 15000, 100, 15000) / MILLISECONDS,
    )


def _within(text: str | None, default: float, least: float, most: float) -> float:
    if text is None or not text.isdigit():
        return default
    return min(max(float(text), least), most)


def signature(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """X-Twilio-Signature for a request: HMAC-SHA1 over the URL and the sorted fields."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return b64encode(hmac.digest(auth_token.encode(), text.encode(), hashlib.sha1)).decode()


# The names and most values are the same in every callback.
_quoted = lru_cache(maxsize=4096)(quote_plus)


class Courier:
    """Two groups of threads: callbacks keep the order of one call, documents wait for nobody."""

    def __init__(self, auth_token: str, threads: int = 8) -> None:
        self._auth_token = auth_token
        self.counts: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._stopped = threading.Event()
        self._pools = urllib3.PoolManager(num_pools=32, maxsize=2 * threads, retries=False)
        self._lanes: list[queue.SimpleQueue[Parcel | None]] = [queue.SimpleQueue() for _ in range(threads)]
        self._documents: queue.SimpleQueue[Parcel | None] = queue.SimpleQueue()
        self._threads = [self._thread(lane) for lane in (*self._lanes, *[self._documents] * threads)]

    def start(self) -> None:
        """Begin to carry."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take nothing more; a request on its way is not waited for."""
        self._stopped.set()
        for lane in (*self._lanes, *[self._documents] * len(self._lanes)):
            lane.put(None)
        self._pools.clear()

    def tell(self, parcel: Parcel, *, about: str) -> None:
        """Carry a callback; those about one sid arrive in the order in which they were given."""
        self._lanes[zlib.crc32(about.encode()) % len(self._lanes)].put(parcel)

    def ask(self, parcel: Parcel) -> None:
        """Fetch a document, as soon as a thread is free."""
        self._documents.put(parcel)

    def _thread(self, lane: "queue.SimpleQueue[Parcel | None]") -> threading.Thread:
        return threading.Thread(target=partial(self._carry, lane), name="sandbox-courier", daemon=True)

    def _carry(self, lane: "queue.SimpleQueue[Parcel | None]") -> None:
        while (parcel := lane.get()) is not None:
            if self._stopped.is_set():
                return
            try:
                reply = self._with_retries(parcel)
                if parcel.then is not None and not self._stopped.is_set():
                    parcel.then(reply)
            except Exception:  # a parcel that fails must not stop the post
                log.exception("sandbox.courier.parcel_failed")

    def _with_retries(self, parcel: Parcel) -> Reply:
        bare, overrides = overrides_of(parcel.url)
        token = str(uuid4())
        reply = self._send(parcel, bare, overrides, token)
        for _ in range(overrides.retries):
            if reply.failure is None or not overrides.retry_on & {reply.failure, "all"} or self._stopped.is_set():
                break
            self._count("retried")
            reply = self._send(parcel, bare, overrides, token)
        self._count("carried" if reply.failure is None else f"failed {reply.failure}")
        return reply

    def _send(self, parcel: Parcel, url: str, overrides: Overrides, token: str) -> Reply:
        form = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in parcel.params.items())
        posts = parcel.method == "POST"
        if not posts and form:
            url = f"{url}{'&' if '?' in url else '?'}{form}"
        headers = {
            "X-Twilio-Signature": signature(self._auth_token, url, parcel.params if posts else {}),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if posts:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        try:
            return self._exchange(parcel.method, url, form if posts else None, headers, overrides)
        except HTTPError as error:
            return Reply(url, failure="ct" if isinstance(error, NewConnectionError | ConnectTimeoutError) else "rt")

    def _exchange(
        self, method: str, url: str, body: str | None, headers: Mapping[str, str], overrides: Overrides
    ) -> Reply:
        timeout = urllib3.Timeout(
            total=overrides.total_seconds, connect=overrides.connect_seconds, read=overrides.read_seconds
        )
        # A pool of the origin rather than the manager's request: a third of the time, and nothing of it is needed here.
        parts = urlsplit(url)
        pool = self._pools.connection_from_host(parts.hostname, parts.port, parts.scheme)
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        request = partial(
            pool.urlopen, method, target, body=body, headers=headers, timeout=timeout, retries=False, redirect=False
        )
        try:
            answer = request()
        except ProtocolError as error:
            if not isinstance(error.args[-1], RemoteDisconnected):
                raise
            # The far end closed a kept-alive connection between two requests: any client opens another.
            answer = request()
        failure = None if answer.status < 400 else f"{answer.status // 100}xx"
        return Reply(
            url,
            answer.status,
            text=answer.data.decode("utf-8", "replace"),
            content_type=answer.headers.get("Content-Type", ""),
            location=answer.headers.get("Location") if answer.status in REDIRECTS else None,
            failure=failure,
        )

    def _count(self, what: str) -> None:
        with self._counting:
            self.counts[what] += 1
