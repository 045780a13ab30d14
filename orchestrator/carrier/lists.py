"""Twilio's list of deactivated numbers, and its consent API, which can be written and never read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

from twilio.rest import Client

from orchestrator.carrier.client import client_for
from orchestrator.carrier.errors import asking
from orchestrator.carrier.records import whole
from orchestrator.domain.carrier_lists import ConsentNews
from orchestrator.domain.errors import AnswerLostError
from orchestrator.settings import Settings

LOCAL_DIGITS = 10


def lists_of(settings: Settings) -> "TwilioLists":
    """The lists of the settings' account; raises SettingError for what is missing."""
    return TwilioLists(client_for(settings))


class TwilioLists:
    """The CarrierLists protocol in Twilio's terms."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def deactivated_on(self, day: date) -> Sequence[str]:
        """The day's file; Twilio answers with an address that is good for two minutes."""
        with asking():
            found = self._client.messaging.v1.deactivations().fetch(date=day)
            answer = self._client.http_client.request("GET", _safe(found.redirect_to))
        if answer.status_code != 200:
            raise AnswerLostError(carrier_code=answer.status_code)
        return list(_numbers(answer.text.splitlines()))

    def tell_consents(self, news: Sequence[ConsentNews]) -> Mapping[str, int]:
        """Twilio answers 201 even where items are wrong: each has a code of its own."""
        items: list[object] = [_item(one) for one in news]
        with asking():
            answered = self._client.accounts.v1.bulk_consents.create(items=items).items
        found = answered if isinstance(answered, list) else []
        codes = {str(one.get("correlation_id")): whole(one.get("error_code")) for one in found}
        return {item: code for item, code in codes.items() if code is not None}


def _item(news: ConsentNews) -> dict[str, str]:
    return {
        "contact_id": news.number,
        "correlation_id": news.correlation_id,
        "sender_id": news.sender,
        "status": news.status,
        "source": news.source,
        "date_of_consent": news.said_at.isoformat(timespec="seconds"),
    }


def _safe(url: object) -> str:
    """The address, which must be https: whoever could answer in clear could take any number off our lists."""
    if not isinstance(url, str) or urlsplit(url).scheme != "https":
        raise AnswerLostError("The carrier named no safe address for its list of deactivated numbers.")
    return url


def _numbers(lines: Iterable[str]) -> Iterable[str]:
    """The lines that are US numbers, in E.164."""
    for line in lines:
        digits = "".join(filter(str.isdigit, line))
        if digits[:1] == "1" and len(digits) == LOCAL_DIGITS + 1:
            yield f"+{digits}"
        elif len(digits) == LOCAL_DIGITS:
            yield f"+1{digits}"
