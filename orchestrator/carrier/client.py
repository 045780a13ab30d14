"""Twilio as our carrier, through its own SDK."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from twilio.rest import Client

from orchestrator.carrier import erasing, lookup
from orchestrator.carrier.daily_lists import calls_of, messages_of
from orchestrator.carrier.error_codes import meaning
from orchestrator.carrier.errors import asking, creating
from orchestrator.carrier.records import call_record, message_record, whole
from orchestrator.carrier.rooms import TwilioRooms
from orchestrator.carrier.transport import Transport
from orchestrator.carrier.urls import CallbackUrls
from orchestrator.domain.carrier import (
    AgentCallOrder,
    AmdMode,
    CallOrder,
    CarrierRecord,
    Erased,
    LineTypeAnswer,
    MessageOrder,
    OwnedNumber,
    ReassignedLookup,
    Receipt,
)
from orchestrator.domain.contact_request import Channel, LineType
from orchestrator.domain.errors import AccountMisconfiguredError, CallOverError, CarrierBusyError, CarrierError
from orchestrator.domain.rooms import Rooms
from orchestrator.settings import Settings

CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
NOTIFICATIONS = 20
NEWEST = 200  # of a listing: far more attempts than anybody may make to one number
# The SDK reads these two from the environment even when it is given credentials, and sends every request elsewhere.
NO_REROUTING = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}


def connect(settings: Settings) -> "TwilioCarrier":
    """Twilio under the settings' account, by API key where one is set; raises SettingError for what is missing."""
    settings.require("public_url")
    return TwilioCarrier(client_for(settings), CallbackUrls(settings.public_url or ""))


def client_for(settings: Settings) -> Client:
    """The SDK with our transport and the settings' credentials; raises SettingError for what is missing."""
    settings.require("account_sid", "auth_token")
    if settings.api_key is not None:
        settings.require("api_secret")
    secret = settings.auth_token if settings.api_key is None else settings.api_secret
    return Client(
        settings.api_key or settings.account_sid,
        secret.get_secret_value() if secret else "",
        settings.account_sid,
        http_client=Transport(threads=settings.placement_threads, base_url=settings.twilio_api_url),
        environment=NO_REROUTING,
    )


class TwilioCarrier:
    """The Carrier protocol in Twilio's terms. One instance serves all threads."""

    def __init__(self, client: Client, urls: CallbackUrls) -> None:
        self._account = client.api.account
        self._lookups = client.lookups.v2
        self._urls = urls
        self.rooms: Rooms = TwilioRooms(client.api.account, urls)

    def place_call(self, order: CallOrder) -> Receipt:
        """Place the call; every address that it gives away carries the attempt's id."""
        with creating():
            call = self._account.calls.create(
                to=order.to,
                from_=order.from_,
                timeout=order.ring_timeout_seconds,
                time_limit=order.time_limit_seconds,
                url=self._urls.answer(order.reference),
                method="POST",
                fallback_url=self._urls.answer(order.reference),  # the same plan again, never a second one
                fallback_method="POST",
                status_callback=self._urls.call_status(order.reference),
                status_callback_method="POST",
                status_callback_event=CALL_EVENTS,
                **self._detection(order),
            )
            return Receipt(sid=_sid(call), status=str(call.status), queue_time_ms=whole(call.queue_time))

    def send_message(self, order: MessageOrder) -> Receipt:
        """Hand the message over, good for so many seconds that it cannot arrive after its window."""
        sender = (
            {"from_": order.from_}
            if order.messaging_service is None
            else {"messaging_service_sid": order.messaging_service}
        )
        shortened = {"shorten_urls": True} if order.shorten_links else {}
        with creating():
            message = self._account.messages.create(
                to=order.to,
                body=order.body,
                validity_period=order.validity_seconds,
                status_callback=self._urls.message_status(order.reference),
                **sender,
                **shortened,
            )
            return Receipt(sid=_sid(message), status=str(message.status))

    def call_agent(self, order: AgentCallOrder) -> Receipt:
        """Ring an agent; the document that they get holds them in their conference."""
        with creating():
            call = self._account.calls.create(
                to=order.address,
                from_=order.from_,
                url=self._urls.agent_answer(order.agent_id),
                method="POST",
                fallback_url=self._urls.agent_answer(order.agent_id),
                fallback_method="POST",
                status_callback=self._urls.agent_status(order.agent_id),
                status_callback_method="POST",
                status_callback_event=CALL_EVENTS,
            )
            return Receipt(sid=_sid(call), status=str(call.status), queue_time_ms=whole(call.queue_time))

    def cancel_call(self, sid: str) -> CarrierRecord:
        """Cancel while queued or ringing."""
        with asking():
            return call_record(self._account.calls(sid).update(status="canceled"))

    def hang_up(self, sid: str) -> CarrierRecord:
        """End the call in any state."""
        with asking():
            return call_record(self._account.calls(sid).update(status="completed"))

    def leave_message(self, sid: str, reference: UUID) -> CarrierRecord:
        """Take the call out of whatever it is in, and let it ask for the message."""
        with asking():
            return call_record(
                self._account.calls(sid).update(url=self._urls.machine_message(reference), method="POST")
            )

    def ask_again(self, sid: str, reference: UUID) -> None:
        """Redirect the live call to its answer document."""
        with asking():
            self._account.calls(sid).update(url=self._urls.answer(reference), method="POST")

    def people_in(self, room: str) -> frozenset[str]:
        """Who is in the room; participants are listed by the conference's sid alone, so that is asked for first."""
        with asking():
            open_rooms = self._account.conferences.list(friendly_name=room, status="in-progress", limit=NEWEST)
            found = [who for one in open_rooms for who in self._account.conferences(one.sid).participants.list()]
        return frozenset(str(who.call_sid) for who in found)

    def cancel_message(self, sid: str) -> CarrierRecord:
        """Cancel a message that has not left; a refusal of that is CallOverError."""
        try:
            with asking():
                return message_record(self._account.messages(sid).update(status="canceled"))
        except (CarrierBusyError, AccountMisconfiguredError, CallOverError):
            raise
        except CarrierError as error:
            raise CallOverError(carrier_code=error.carrier_code) from error

    def fetch_call(self, sid: str) -> CarrierRecord:
        """The call as Twilio knows it."""
        with asking():
            return call_record(self._account.calls(sid).fetch())

    def call_error(self, sid: str) -> int | None:
        """What Twilio filed about the call, the first number that we know the meaning of before any other."""
        with asking():
            filed = self._account.calls(sid).notifications.list(limit=NOTIFICATIONS)
        codes = [code for code in (whole(one.error_code) for one in filed) if code is not None]
        return next((code for code in codes if meaning(code) is not None), codes[0] if codes else None)

    def fetch_message(self, sid: str) -> CarrierRecord:
        """The message as Twilio knows it."""
        with asking():
            return message_record(self._account.messages(sid).fetch())

    def find_calls(self, *, to: str, from_: str, since: datetime) -> Sequence[CarrierRecord]:
        """Calls created since then; Twilio filters by start, which a queued call has not, so we filter by creation."""
        with asking():
            found = [call_record(call) for call in self._account.calls.list(to=to, from_=from_, limit=NEWEST)]
        return _created_since(found, since)

    def find_messages(self, *, to: str, since: datetime, from_: str | None = None) -> Sequence[CarrierRecord]:
        """Messages created since then; Twilio filters by sending, so we filter by creation."""
        sender = {} if from_ is None else {"from_": from_}
        with asking():
            found = [message_record(one) for one in self._account.messages.list(to=to, limit=NEWEST, **sender)]
        return _created_since(found, since)

    def owned_number(self, number: str) -> OwnedNumber | None:
        """The number among the account's own; an application or a trunk of the account answers for it as well."""
        with asking():
            found = self._account.incoming_phone_numbers.list(phone_number=number, limit=NEWEST)
        mine = next((one for one in found if one.phone_number == number), None)
        if mine is None:
            return None
        answers = mine.voice_url or mine.voice_application_sid or mine.trunk_sid
        return OwnedNumber(number=number, voice_url=answers or None)

    def began_on(self, channel: Channel, day: date) -> Iterator[Sequence[CarrierRecord]]:
        """Page after page of the carrier's own list."""
        return calls_of(self._account, day) if channel is Channel.VOICE else messages_of(self._account, day)

    def line_type(self, number: str) -> LineTypeAnswer:
        """Look the number up. A refusal that is about the number alone is an answer: unknown."""
        try:
            with asking():
                found = self._lookups.phone_numbers(number).fetch(fields="line_type_intelligence")
        except (CarrierBusyError, AccountMisconfiguredError):
            raise
        except CarrierError as error:
            return LineTypeAnswer(number=number, valid=False, line_type=LineType.UNKNOWN, error_code=error.carrier_code)
        lookup.require_number(number, found.phone_number)
        return lookup.read(number, found.valid, found.line_type_intelligence)

    def reassigned(self, number: str, last_verified_on: date) -> ReassignedLookup:
        """Ask about the number. A refusal that is about the number alone is an answer: none."""
        try:
            with asking():
                found = self._lookups.phone_numbers(number).fetch(
                    fields="reassigned_number", last_verified_date=f"{last_verified_on:%Y%m%d}"
                )
        except (CarrierBusyError, AccountMisconfiguredError):
            raise
        except CarrierError as error:
            code = error.carrier_code
            return ReassignedLookup(number=number, last_verified_on=last_verified_on, result=None, error_code=code)
        lookup.require_number(number, found.phone_number)
        return lookup.read_reassigned(number, last_verified_on, found.reassigned_number)

    def erase_call(self, sid: str) -> Erased:
        """Delete the call with its recordings."""
        return erasing.erase_call(self._account, sid)

    def erase_message(self, sid: str) -> Erased:
        """Delete the message with its media."""
        return erasing.erase_message(self._account, sid)

    def _detection(self, order: CallOrder) -> dict[str, str]:
        if order.amd is AmdMode.OFF:
            return {}
        how = "DetectMessageEnd" if order.message_end else "Enable"
        if order.amd is AmdMode.VERDICT_FIRST:
            return {"machine_detection": how}
        return {
            "machine_detection": how,
            "async_amd": "true",  # text: Twilio reads Python's True as no
            "async_amd_status_callback": self._urls.detection(order.reference),
            "async_amd_status_callback_method": "POST",
        }


def _sid(created: Any) -> str:
    if not created.sid:  # a success that names nothing may still ring a phone
        raise ValueError("the carrier answered a creation without a sid")
    return str(created.sid)


def _created_since(records: Iterable[CarrierRecord], since: datetime) -> list[CarrierRecord]:
    # Twilio's stamps have no fractions: what was made in our very second bears an earlier one.
    floor = since.replace(microsecond=0)
    return [record for record in records if record.created_at is not None and record.created_at >= floor]
