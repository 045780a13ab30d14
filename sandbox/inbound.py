"""What people send and whom they ring: texts with Twilio's own handling of stop words, and calls."""

from functools import partial

from sandbox.callbacks import country_of, deliver
from sandbox.courier import Parcel, Reply
from sandbox.opting_out import heed, is_blocked, services_of
from sandbox.records import Call, CallOrders, Message
from sandbox.script import begin
from sandbox.segments import segments_of
from sandbox.twiml import DocumentError, document_in, words_of
from sandbox.world import API_VERSION, World

OPTED_OUT = 21610


def receive_message(world: World, *, from_: str, to: str, body: str) -> Message:
    """A person's text arrives: stop words are heeded, and the number's application is told."""
    message = Message(
        to=to, from_=from_, body=body, direction="inbound", created_at=world.now(), updated_at=world.now(),
        sent_at=world.now(), status="received", segments=segments_of(body),
    )  # fmt: skip
    world.messages.add(message)
    reply, told = heed(world, person=from_, number=to, word=body.strip().upper())
    if reply is not None:
        _by_twilio(world, from_, to, reply)
    number = world.number(to)
    url = (number.settings.get("SmsUrl") if number else None) or world.config.inbound_url
    if url:
        method = number.settings.get("SmsMethod", "POST") if number else "POST"
        answered = partial(_answered, world, message)
        parcel = Parcel(url=url, method=method, params=_parameters(world, message, told), then=answered)
        deliver(world, "inbound", message.sid, parcel, final=True)
    return message


def _parameters(world: World, message: Message, opt_out_type: str | None) -> dict[str, str]:
    from_ = message.from_ or ""
    service = next(iter(sorted(services_of(world, message.to))), None)
    return {
        **({"MessagingServiceSid": service} if service else {}),
        **({"OptOutType": opt_out_type} if opt_out_type else {}),
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": world.config.account_sid,
        "From": from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": "0",
        "NumSegments": str(message.segments),
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
        **{f"{role}{part}": "" for role in ("From", "To") for part in ("City", "State", "Zip")},
        "FromCountry": country_of(from_),
        "ToCountry": country_of(message.to),
    }


def _by_twilio(world: World, person: str, number: str, body: str) -> None:
    _reply(world, to=person, from_=number, body=body, blocked=False)


def _reply(world: World, *, to: str, from_: str, body: str, blocked: bool) -> None:
    world.messages.add(
        Message(
            to=to, from_=from_, body=body, direction="outbound-reply", created_at=world.now(), updated_at=world.now(),
            segments=segments_of(body), status="failed" if blocked else "delivered",
            sent_at=None if blocked else world.now(), error_code=OPTED_OUT if blocked else None,
        )
    )  # fmt: skip


def _answered(world: World, message: Message, reply: Reply) -> None:
    with world.agenda.lock:
        try:
            verbs = document_in(reply)
        except DocumentError as error:
            world.warn(f"{error.code}: the answer to {message.sid} could not be used")
            return
        sender = message.from_ or ""
        blocked = is_blocked(world, person=sender, sender=message.to, service=None)
        for verb in verbs:
            if verb.tag == "Message":
                _reply(world, to=sender, from_=message.to, body=words_of(verb), blocked=blocked)


def receive_call(world: World, *, from_: str, to: str, presses: str = "") -> Call:
    """Someone rings one of the numbers; the call follows the document of its VoiceUrl."""
    number = world.number(to)
    settings = number.settings if number else {}
    call = Call(
        to=to,
        from_=from_,
        direction="inbound",
        created_at=world.now(),
        plan=world.people.caller(from_, presses),
        is_agent=False,
        status="ringing",
        keys=presses,
        orders=CallOrders(
            url=settings.get("VoiceUrl") or world.config.inbound_voice_url,
            method=settings.get("VoiceMethod", "POST"),
            fallback_url=settings.get("VoiceFallbackUrl"),
            fallback_method=settings.get("VoiceFallbackMethod", "POST"),
            status_callback=settings.get("StatusCallback"),
            status_callback_method=settings.get("StatusCallbackMethod", "POST"),
        ),
    )
    world.calls.add(call)
    begin(world, call)
    return call
