"""All calls and messages of a day, as Twilio lists them: a page at a time, so that no day is too long for memory."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from orchestrator.carrier.errors import asking
from orchestrator.carrier.records import call_record, message_record
from orchestrator.domain.carrier import CarrierRecord

PAGE = 1000  # the most that Twilio gives at once

# The day is sent as text: of a date the SDK makes midnight, which is no day but a moment.


def calls_of(account: Any, day: date) -> Iterator[Sequence[CarrierRecord]]:
    """The calls that were dialled, or came in, on the day."""
    return _pages(lambda: account.calls.page(start_time=day.isoformat(), page_size=PAGE), call_record)


def messages_of(account: Any, day: date) -> Iterator[Sequence[CarrierRecord]]:
    """The messages that were sent, or came in, on the day."""
    return _pages(lambda: account.messages.page(date_sent=day.isoformat(), page_size=PAGE), message_record)


def _pages(first: Callable[[], Any], record: Callable[[Any], CarrierRecord]) -> Iterator[Sequence[CarrierRecord]]:
    ask: Callable[[], Any] = first
    while True:
        with asking():
            page = ask()
            records = [record(one) for one in page] if page is not None else None
        if records is None:
            return
        yield records
        ask = page.next_page
