"""Lists in pages, as Twilio's newer APIs give them: the next page is an address, never a number alone."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar
from urllib.parse import urlencode

from sandbox.errors import TwilioError, invalid
from sandbox.listing import after_token
from sandbox.web import Answer, Request

BASE = "https://taskrouter.twilio.com"
MOST_PER_PAGE = 1000
ItemT = TypeVar("ItemT")


def listing(
    request: Request,
    key: str,
    items: Iterable[ItemT],
    sid_of: Callable[[ItemT], str],
    render: Callable[[ItemT], dict[str, object]],
) -> Answer:
    """One page of the items; 40153 for a page asked for by its number."""
    size, page = _size_and_page(request)
    remaining = after_token(request, items, sid_of, "PT")
    shown = list(islice(remaining, size))
    more = next(remaining, None) is not None
    token = f"PT{sid_of(shown[-1])}" if more else None
    return Answer(200, {
        key: [render(item) for item in shown],
        "meta": {
            "key": key,
            "page": page,
            "page_size": size,
            "url": _address(request, size, page, request.get("PageToken")),
            "first_page_url": _address(request, size, 0, None),
            "next_page_url": _address(request, size, page + 1, token) if more else None,
            "previous_page_url": None,
        },
    })  # fmt: skip


def _size_and_page(request: Request) -> tuple[int, int]:
    size, page = request.get("PageSize") or "50", request.get("Page") or "0"
    if not size.isdigit() or not page.isdigit() or not 1 <= int(size) <= MOST_PER_PAGE:
        raise invalid("PageSize", f"must be a whole number from 1 to {MOST_PER_PAGE}")
    if int(page) > 0 and request.get("PageToken") is None:
        raise TwilioError(400, 40153, "Page cannot be used without PageToken; follow next_page_url")
    return int(size), int(page)


def _address(request: Request, size: int, page: int, token: str | None) -> str:
    kept = [(name, value) for name, values in request.query.items() for value in values]
    fields = [(name, value) for name, value in kept if name not in {"PageSize", "Page", "PageToken"}]
    fields += [("PageSize", str(size)), ("Page", str(page)), *([("PageToken", token)] if token else [])]
    return f"{BASE}{request.path}?{urlencode(fields)}"
