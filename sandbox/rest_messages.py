"""Messages.json and Messages/{Sid}.json."""

from datetime import UTC, datetime
from functools import partial

from sandbox.call_orders import INVALID_CALLBACK
from sandbox.checks import flag, refused, sender_of, to_of, url_in, whole_number
from sandbox.clock import rfc2822
from sandbox.creating import create
from sandbox.errors import TwilioError, invalid, not_found
from sandbox.inbound import OPTED_OUT
from sandbox.listing import listing, within
from sandbox.messages import cancel, take
from sandbox.opting_out import is_blocked
from sandbox.records import Message
from sandbox.segments import segments_of
from sandbox.web import Answer, Request
from sandbox.world import API_VERSION, World

LONGEST_BODY = 1600
NOT_MOBILE = 21614
CANNOT_BE_CANCELLED = 30409
SOONEST_SCHEDULE_SECONDS, LATEST_SCHEDULE_SECONDS = 15 * 60, 35 * 24 * 3600
POOL_NUMBER = "+15005550006"
_SENTENCES = {
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30022: "US A2P 10DLC - Rate limits exceeded",
    30023: "US A2P 10DLC - Daily message cap reached",
    30032: "Toll-free number has not been verified",
    30034: "US A2P 10DLC - Message from an unregistered number",
    OPTED_OUT: "Attempt to send to unsubscribed recipient",
}


def create_message(world: World, request: Request) -> Answer:
    """POST Messages.json: queued, accepted where a service sends it, or scheduled."""
    to, sender, body = to_of(world, request, "message"), sender_of(request), _body(request)
    service = request.get("MessagingServiceSid")
    not_before = _send_at(world, request)
    validity = whole_number(request, "ValidityPeriod", 1, 36000, 36000)
    callback = url_in(request, "StatusCallback", INVALID_CALLBACK)
    if is_blocked(world, person=to, sender=sender, service=service):
        raise refused(OPTED_OUT)
    _refuse_landline(world, to)

    def make() -> Answer:
        message = Message(
            to=to,
            from_=sender or _from_service(world, service, to),
            body=body,
            direction="outbound-api",
            created_at=world.now(),
            updated_at=world.now(),
            status="scheduled" if not_before else ("accepted" if service else "queued"),
            segments=segments_of(body),
            plan=world.people.next_message(to),
            service_sid=service,
            status_callback=callback,
            validity_seconds=validity,
            links_shortened=flag(request, "ShortenUrls", default=False),
        )
        take(world, message, not_before=not_before)
        return Answer(201, message_json(world, message))

    return create(world, "messages", to, make)


def _body(request: Request) -> str:
    body = request.get("Body") or ""
    if not body and not request.get("MediaUrl") and not request.get("ContentSid"):
        raise refused(21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise refused(21617, "The concatenated message body exceeds the 1600 character limit.")
    return body


def _refuse_landline(world: World, to: str) -> None:
    persona = world.people.persona(to)
    if persona.line_type == "landline" and persona.landline_refused:
        raise refused(NOT_MOBILE)


def _from_service(world: World, service_sid: str | None, to: str) -> str:
    """The service's number that wrote to this person before, else one of its numbers by turns; it is sticky."""
    service = world.account.services.get(service_sid or "")
    pool = [world.numbers[sid].phone_number for sid in service.numbers if sid in world.numbers] if service else []
    pool = pool or [number.phone_number for number in world.numbers.values()][:1] or [POOL_NUMBER]
    earlier = (one.from_ for one in world.messages.newest_first(to) if one.service_sid == service_sid)
    return next((number for number in earlier if number in pool), None) or pool[len(world.messages) % len(pool)]


def _send_at(world: World, request: Request) -> float | None:
    text = request.get("SendAt")
    if text is None:
        return None
    if request.get("ScheduleType") != "fixed" or not request.get("MessagingServiceSid"):
        raise refused(35118, "MessagingServiceSid and ScheduleType fixed are required to schedule a message.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("SendAt", "must be an ISO 8601 time") from error
    sends_at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not SOONEST_SCHEDULE_SECONDS <= sends_at - world.now() <= LATEST_SCHEDULE_SECONDS:
        raise refused(35114, "SendAt must be between 15 minutes and 35 days ahead.")
    return sends_at


def fetch_message(world: World, request: Request, sid: str) -> Answer:
    """GET Messages/{Sid}.json."""
    return Answer(200, message_json(world, _find(world, request, sid)))


def list_messages(world: World, request: Request) -> Answer:
    """GET Messages.json by To, From and DateSent; what has not been sent has no DateSent."""
    lag = world.faults.lag_seconds("messages")

    def fits(message: Message) -> bool:
        return (
            request.get("From") in {None, message.from_}
            and within(request, "DateSent", message.sent_at)
            and not (lag and message.created_at > world.now() - lag)
        )

    messages = (message for message in world.messages.newest_first(request.get("To")) if fits(message))
    return listing(request, "messages", messages, lambda message: message.sid, partial(message_json, world))


def update_message(world: World, request: Request, sid: str) -> Answer:
    """POST Messages/{Sid}.json: cancel what has not left, or blank its body."""
    message = _find(world, request, sid)
    if request.get("Status") == "canceled":
        if not cancel(world, message):
            raise TwilioError(409, CANNOT_BE_CANCELLED, "This message cannot be canceled")
    elif "Body" in request.form and not request.get("Body"):
        message.body = ""
    else:
        raise TwilioError(400, 30400, "Parameters are not valid")
    return Answer(200, message_json(world, message))


def _find(world: World, request: Request, sid: str) -> Message:
    message = world.messages.get(sid)
    if message is None:
        raise not_found(request.path)
    return message


def message_json(world: World, message: Message) -> dict[str, object]:
    """The message as Twilio shows it."""
    account = world.config.account_sid
    uri = f"/{API_VERSION}/Accounts/{account}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": _SENTENCES.get(message.error_code or 0),
        "from": message.from_,
        "messaging_service_sid": message.service_sid,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": None if message.price is None else f"{message.price:.5f}",
        "price_unit": "USD",
        "status": message.status,
        "to": message.to,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
    }
