"""What people send and whom they ring: texts with Twilio's own handling of stop words, and calls."""

from functools import partial

from sandbox.callbacks import country_of, deliver
from sandbox.courier import Parcel, Reply
from sandbox.records import Call, CallOrders, Message
from sandbox.script import begin
from sandbox.segments import segments_of
from sandbox.twiml import DocumentError, document_in, words_of
from sandbox.world import API_VERSION, World

STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
OPTED_OUT = 21610
STOP_REPLY = "You are unsubscribed and will receive no more messages from this number. Reply START to resubscribe."
START_REPLY = "You are subscribed again. Reply HELP for help, STOP to unsubscribe."
HELP_REPLY = "Reply STOP to unsubscribe. Message and data rates may apply."


def receive_message(world: World, *, from_: str, to: str, body: str) -> Message:
    """A person's text arrives: stop words are heeded, and the number's application is told."""
    message = Message(
        to=to, from_=from_, body=body, direction="inbound", created_at=world.now(), updated_at=world.now(),
        sent_at=world.now(), status="received", segments=segments_of(body),
    )  # fmt: skip
    world.messages.add(message)
    _heed_words(world, person=from_, number=to, word=body.strip().upper())
    number = world.number(to)
    url = (number.settings.get("SmsUrl") if number else None) or world.config.inbound_url
    if url:
        method = number.settings.get("SmsMethod", "POST") if number else "POST"
        answered = partial(_answered, world, message)
        parcel = Parcel(url=url, method=method, params=_parameters(world, message), then=answered)
        deliver(world, "inbound", message.sid, parcel, final=True)
    return message


def _parameters(world: World, message: Message) -> dict[str, str]:
    from_ = message.from_ or ""
    return {
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


def _heed_words(world: World, *, person: str, number: str, word: str) -> None:
    """Twilio's own handling, for long codes: single words only, and answered by Twilio itself."""
    senders = {number, *_services_behind(world, person, number)}
    pairs = {(sender, person) for sender in senders}
    if word in STOP_WORDS:
        world.blocked |= pairs
        _by_twilio(world, person, number, STOP_REPLY)
    elif word in START_WORDS and pairs & world.blocked:
        world.blocked -= pairs
        _by_twilio(world, person, number, START_REPLY)
    elif word in HELP_WORDS:
        _by_twilio(world, person, number, HELP_REPLY)


def _services_behind(world: World, person: str, number: str) -> set[str]:
    """The messaging services that wrote to this person from this number: a stop binds the whole service."""
    sent = world.messages.newest_first(person)
    return {message.service_sid for message in sent if message.service_sid and message.from_ == number}


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
        blocked = (message.to, sender) in world.blocked
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
