"""A request, an answer, and the table of paths that leads from one to the other."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from sandbox.errors import SandboxError, TwilioError


@dataclass(frozen=True)
class Request:
    """What a client asked; ``fields`` are its form, or for a GET its query."""

    method: str
    path: str
    query_text: str
    body: bytes
    authorization: str | None
    if_match: str | None = None

    @cached_property
    def query(self) -> Mapping[str, list[str]]:
        """The fields in the address."""
        return parse_qs(self.query_text, keep_blank_values=True)

    @cached_property
    def form(self) -> Mapping[str, list[str]]:
        """The fields in the body."""
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def fields(self) -> Mapping[str, list[str]]:
        """The fields of this request, wherever its method puts them."""
        return self.query if self.method == "GET" else self.form

    def get(self, name: str) -> str | None:
        """The field's first value, None where it is absent or blank."""
        values = self.fields.get(name)
        return values[0] if values and values[0] else None

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; SandboxError where it is none."""
        try:
            body = json.loads(self.body or b"{}")
        except ValueError as error:
            raise SandboxError("The body must be a JSON object.") from error
        if not isinstance(body, dict):
            raise SandboxError("The body must be a JSON object.")
        return body


@dataclass(slots=True)
class Answer:
    """What goes back; ``delay_seconds`` are real, ``reset`` cuts the connection instead of answering."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    reset: bool = False

    def text(self) -> bytes:
        """The body as JSON; bytes as they are."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body, separators=(",", ":")).encode()


def refusal(error: TwilioError) -> Answer:
    """Twilio's way to say no."""
    wait = {"Retry-After": "1"} if error.status == HTTPStatus.TOO_MANY_REQUESTS else {}
    return Answer(error.status, error.body(), headers=wait)


Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A path, the method it takes, and what the operation is called in the report."""

    method: str
    pattern: re.Pattern[str]
    operation: str
    handler: Handler


def route(method: str, path: str, operation: str, handler: Handler) -> Route:
    """A route whose path names its variable parts in braces; the handler takes them by those names."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".", r"\.")))
    return Route(method, pattern, operation, handler)
