"""What Twilio says of the account. Reads alone: nothing here can ring a phone or change a setting."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from twilio.rest import Client

from orchestrator.carrier.client import client_for
from orchestrator.carrier.errors import asking
from orchestrator.carrier.records import in_utc, whole
from orchestrator.domain.account import AccountFacts, OwnNumber, ServiceFacts
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierError
from orchestrator.settings import Settings

NO_SUCH_RECORD = 20404
LATEST_CALLS = 200
APPROVED = "twilio-approved"


def survey_of(settings: Settings) -> "TwilioSurvey":
    """A survey of the settings' account; raises SettingError for what is missing."""
    by_token = settings.model_copy(update={"api_key": None, "api_secret": None})
    return TwilioSurvey(client_for(settings), client_for(by_token), settings.account_sid or "")


class TwilioSurvey:
    """The Survey protocol in Twilio's terms; ``by_token`` asks with the auth token, whatever ``client`` asks with."""

    def __init__(self, client: Client, by_token: Client, account_sid: str) -> None:
        self._client, self._account = client, client.api.v2010.accounts(account_sid)
        self._by_token = by_token.api.v2010.accounts(account_sid)

    def account(self) -> AccountFacts:
        """The account, and the Date of the answer."""
        began = time.monotonic()
        with asking():
            answer = self._account.fetch_with_http_info()
        account = answer.data
        return AccountFacts(
            status=str(account.status),
            is_trial=str(account.type) == "Trial",
            opened_at=in_utc(account.date_created),
            carrier_time=_date(answer.headers),
            round_trip_seconds=time.monotonic() - began,
        )

    def token_works(self) -> bool:
        """Whether Twilio takes the auth token; it takes a secondary one too, and signs with the primary one alone."""
        try:
            with asking():
                self._by_token.fetch()
        except AccountMisconfiguredError:
            return False
        return True

    def numbers(self) -> Sequence[OwnNumber]:
        """Every number that the account owns."""
        with asking():
            return [_number(one) for one in self._account.incoming_phone_numbers.stream(page_size=1000)]

    def verified_callers(self) -> frozenset[str]:
        """Numbers of others that Twilio lets the account show."""
        with asking():
            return frozenset(str(one.phone_number) for one in self._account.outgoing_caller_ids.stream(page_size=1000))

    def queue_times_ms(self) -> Sequence[int]:
        """Of the latest calls that we, or anybody, placed with this account."""
        with asking():
            calls = self._account.calls.list(limit=LATEST_CALLS)
        times = [whole(call.queue_time) for call in calls if str(call.direction) == "outbound-api"]
        return [milliseconds for milliseconds in times if milliseconds is not None]

    def approved_profiles(self) -> int:
        """How many customer profiles Twilio has approved."""
        with asking():
            return len(self._client.trusthub.v1.customer_profiles.list(status=APPROVED, limit=20))

    def may_call(self, country: str) -> bool:
        """The low-risk numbers of the country, which are the ordinary ones."""
        with asking():
            found = self._client.voice.v1.dialing_permissions.countries(country).fetch()
        return bool(found.low_risk_numbers_enabled)

    def service(self, sid: str) -> ServiceFacts | None:
        """The messaging service with the states of its US campaigns."""
        try:
            with asking():
                return self._service(sid)
        except CarrierError as error:
            if error.carrier_code == NO_SUCH_RECORD:
                return None
            raise

    def _service(self, sid: str) -> ServiceFacts:
        context = self._client.messaging.v1.services(sid)
        found, campaigns = context.fetch(), context.us_app_to_person.list(limit=20)
        return ServiceFacts(
            sid=sid,
            inbound_url=found.inbound_request_url,
            by_number=bool(found.use_inbound_webhook_on_number),
            us_campaigns=tuple(str(one.campaign_status) for one in campaigns),
        )


def _number(one: Any) -> OwnNumber:
    can = one.capabilities or {}
    return OwnNumber(
        sid=str(one.sid),
        number=str(one.phone_number),
        voice=bool(can.get("voice")),
        sms=bool(can.get("sms")),
        voice_url=one.voice_url,
        sms_url=one.sms_url,
        status_url=one.status_callback,
        diverted_to=one.voice_application_sid or one.trunk_sid or None,
    )


def _date(headers: Any) -> datetime | None:
    try:
        return parsedate_to_datetime(headers["Date"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        return None
