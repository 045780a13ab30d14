"""The sandbox's HTTP side: keep-alive connections, one thread each, one write an answer."""

import contextlib
import socket
import struct
import threading
import time
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from sandbox.app import App
from sandbox.web import Answer, Request

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
# A closed socket that lingers for zero seconds sends a reset.
_RESET = struct.pack("ii", 1, 0)


class SandboxHTTPServer(ThreadingMixIn, TCPServer):
    """Listens, and knows its open connections so that it can end at once.

    Not http.server's own, which asks the resolver for the host's name before it listens.
    """

    allow_reuse_address = True

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], app: App) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.app = app
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection until it closes."""
        self._open.add(request)
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close one connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def close_connections(self) -> None:
        """Cut every connection: threads that wait for a next request end."""
        self.stopping.set()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: SandboxHTTPServer

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._serve()

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._serve()

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query_text=query,
            body=self.rfile.read(int(length)) if length.isdigit() else b"",
            authorization=self.headers.get("Authorization"),
            if_match=self.headers.get("If-Match"),
        )
        answer = self.server.app.answer(request)
        if answer.delay_seconds:
            self.server.stopping.wait(answer.delay_seconds)
        if answer.reset:
            self._reset()
        else:
            self._write(answer)

    def _write(self, answer: Answer) -> None:
        body = answer.text()
        lines = [f"HTTP/1.1 {answer.status} {_PHRASES[answer.status]}"]
        if answer.status == HTTPStatus.UNAUTHORIZED:
            lines.append('WWW-Authenticate: Basic realm="Twilio API"')
        lines.append(f"Date: {formatdate(time.time() + self.server.app.world.account.date_offset, usegmt=True)}")
        if body:
            is_file = isinstance(answer.body, bytes)
            lines.append(f"Content-Type: {'text/plain' if is_file else 'application/json'}")
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        # One write: two would wait for each other's acknowledgement.
        self.wfile.write("\r\n".join(lines).encode("latin-1") + body)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class calls with
        """Say nothing: the report holds every request."""
