"""Lists in pages, newest first, as Twilio's first API gives them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time
from itertools import islice
from typing import TypeVar
from urllib.parse import urlencode

from sandbox.errors import TwilioError, invalid
from sandbox.web import Answer, Request

MOST_PER_PAGE = 1000
Rendered = dict[str, object]
ItemT = TypeVar("ItemT")


def listing(
    request: Request,
    key: str,
    items: Iterable[ItemT],
    sid_of: Callable[[ItemT], str],
    render: Callable[[ItemT], Rendered],
) -> Answer:
    """One page of the items, with the address of the next where there is one."""
    size = _page_size(request)
    remaining = after_token(request, items, sid_of, "PA")
    shown = list(islice(remaining, size))
    more = next(iter(remaining), None) is not None
    number = int(request.get("Page") or 0)
    following = _address(request, PageSize=size, Page=number + 1, PageToken=f"PA{sid_of(shown[-1])}") if more else None
    return Answer(200, {
        key: [render(item) for item in shown],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(0, len(shown) - 1),
        "uri": _address(request),
        "first_page_uri": _address(request, PageSize=size, Page=0, PageToken=None),
        "next_page_uri": following,
        "previous_page_uri": None,
    })  # fmt: skip


def _page_size(request: Request) -> int:
    text = request.get("PageSize") or "50"
    page = request.get("Page") or "0"
    if not text.isdigit() or int(text) < 1 or not page.isdigit():
        raise invalid("PageSize", "must be a whole number above 0")
    return min(int(text), MOST_PER_PAGE)


def after_token(
    request: Request, items: Iterable[ItemT], sid_of: Callable[[ItemT], str], prefix: str
) -> Iterator[ItemT]:
    """The items after the one that the request's token names, all without a token; a strange token is refused."""
    remaining = iter(items)
    token = request.get("PageToken")
    if token is not None and not any(prefix + sid_of(item) == token for item in remaining):
        raise TwilioError(400, 20006, "Invalid page token")
    return remaining


def _address(request: Request, **changes: object) -> str:
    fields = {name: values[0] for name, values in request.query.items()}
    for name, value in changes.items():
        fields[name] = "" if value is None else str(value)
    text = urlencode({name: value for name, value in fields.items() if value})
    return f"{request.path}?{text}" if text else request.path


def within(request: Request, name: str, moment: float | None) -> bool:
    """Whether the moment fits ``name``, ``name>`` and ``name<``; a moment that has not come fits none that is given.

    A date alone means that UTC day for equality, and its first instant for the two others.
    """
    for suffix in ("", ">", "<"):
        text = request.get(name + suffix)
        if text is None:
            continue
        if moment is None or not _fits(suffix, moment, name, text.lstrip("=")):
            return False
    return True


def _fits(suffix: str, moment: float, name: str, text: str) -> bool:
    try:
        bound = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(name, "must be a date or an ISO 8601 time") from error
    if bound.tzinfo is None:
        bound = bound.replace(tzinfo=UTC)
    exact = datetime.fromtimestamp(int(moment), UTC)
    if suffix == ">":
        return exact >= bound
    if suffix == "<":
        return exact <= bound
    return exact.date() == bound.date() if bound.time() == time() and len(text) == len("2026-11-23") else exact == bound
