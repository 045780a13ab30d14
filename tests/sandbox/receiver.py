"""A customer's web application, as far as a carrier can tell: it remembers what it is told and answers documents."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

LONGEST_WAIT_SECONDS = 20.0
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(frozen=True)
class Delivery:
    """One request that arrived."""

    method: str
    url: str
    form: dict[str, str]
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.url).query)

    def __getitem__(self, name: str) -> str:
        return self.form[name]

    def is_signed_with(self, token: str) -> bool:
        return bool(RequestValidator(token).validate(self.url, self.form, self.headers["X-Twilio-Signature"]))


@dataclass
class Answer:
    status: int = 200
    body: str = "<Response/>"
    content_type: str = "text/xml"
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None


class Receiver:
    """Deliveries in their order of arrival; answers by path, the last of a list for good."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.deliveries: list[Delivery] = []
        self._answers: dict[str, list[Answer]] = {}
        self._arrived = threading.Condition()

    def answers(self, path: str, *answers: Answer | str) -> str:
        """Answer like this at the path; returns its address."""
        self._answers[path] = [
            a if isinstance(a, Answer) else Answer(body=f"<Response>{a}</Response>") for a in answers
        ]
        return self.url + path

    def take(self, delivery: Delivery) -> Answer:
        with self._arrived:
            self.deliveries.append(delivery)
            self._arrived.notify_all()
            answers = self._answers.get(delivery.path, [Answer()])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def at(self, path: str, **fields: str) -> list[Delivery]:
        found = [d for d in self.deliveries if d.path == path]
        return [d for d in found if all(d.form.get(name) == value for name, value in fields.items())]

    def wait_for(self, path: str, count: int = 1, **fields: str) -> list[Delivery]:
        """Deliveries at the path with those fields, once there are so many."""
        with self._arrived:
            here = self._arrived.wait_for(lambda: len(self.at(path, **fields)) >= count, LONGEST_WAIT_SECONDS)
        assert here, f"{path} {fields} was told {len(self.at(path, **fields))} times, not {count}: {self.deliveries}"
        return self.at(path, **fields)

    def wait_for_end(self, path: str = "/status", **fields: str) -> list[Delivery]:
        """All deliveries at the path for the call of the first final one there."""

        def ended() -> list[Delivery]:
            return [d for d in self.at(path, **fields) if d.form.get("CallStatus") in FINAL]

        with self._arrived:
            assert self._arrived.wait_for(lambda: bool(ended()), LONGEST_WAIT_SECONDS), self.deliveries
        return self.at(path, CallSid=ended()[0]["CallSid"])


def _handler(receivers: list[Receiver]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = dict(parse_qsl(body, keep_blank_values=True))
            receiver = receivers[0]
            answer = receiver.take(Delivery(self.command, receiver.url + self.path, form, dict(self.headers)))
            if answer.hold is not None:
                answer.hold.wait(LONGEST_WAIT_SECONDS)
            content = answer.body.encode()
            self.send_response(answer.status)
            headers = {"Content-Type": answer.content_type, "Content-Length": str(len(content)), **answer.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A carrier that gave up waiting is no error of ours."""


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    receivers: list[Receiver] = []
    server = _Server(("127.0.0.1", 0), _handler(receivers))
    receivers.append(Receiver(server))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield receivers[0]
    server.shutdown()
    server.server_close()


def eventually(fact: Callable[[], bool], seconds: float = LONGEST_WAIT_SECONDS) -> None:
    """Return once the fact holds; fail when it never does."""
    tick = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if fact():
            return
        tick.wait(0.01)
    raise AssertionError("it never came true")
