"""IncomingPhoneNumbers.json and the account itself."""

from functools import partial

from sandbox.checks import is_number, refused
from sandbox.clock import rfc2822
from sandbox.errors import not_found
from sandbox.listing import listing
from sandbox.records import IncomingNumber
from sandbox.web import Answer, Request
from sandbox.world import API_VERSION, World

SETTINGS = (
    "FriendlyName", "VoiceUrl", "VoiceMethod", "VoiceFallbackUrl", "VoiceFallbackMethod", "SmsUrl", "SmsMethod",
    "SmsFallbackUrl", "SmsFallbackMethod", "StatusCallback", "StatusCallbackMethod",
)  # fmt: skip
_SHOWN = {
    "friendly_name": "FriendlyName",
    "voice_url": "VoiceUrl",
    "voice_method": "VoiceMethod",
    "voice_fallback_url": "VoiceFallbackUrl",
    "voice_fallback_method": "VoiceFallbackMethod",
    "sms_url": "SmsUrl",
    "sms_method": "SmsMethod",
    "sms_fallback_url": "SmsFallbackUrl",
    "sms_fallback_method": "SmsFallbackMethod",
    "status_callback": "StatusCallback",
    "status_callback_method": "StatusCallbackMethod",
}


def fetch_account(world: World, request: Request) -> Answer:
    """GET Accounts/{Sid}.json: who one is."""
    return Answer(200, {
        "sid": world.config.account_sid,
        "friendly_name": "Sandbox",
        "status": world.account.status,
        "type": world.account.kind,
        "owner_account_sid": world.config.account_sid,
        "date_created": rfc2822(world.account.opened_at),
        "date_updated": rfc2822(world.account.opened_at),
        "uri": request.path,
        "subresource_uris": {},
    })  # fmt: skip


def create_number(world: World, request: Request) -> Answer:
    """POST IncomingPhoneNumbers.json: any number that could exist and is not owned yet."""
    phone_number = request.get("PhoneNumber") or ""
    if not is_number(phone_number):
        raise refused(21421, "PhoneNumber is invalid")
    if world.number(phone_number) is not None:
        raise refused(21422, "PhoneNumber is not available")
    number = IncomingNumber(phone_number=phone_number, created_at=world.now())
    number.settings.update(_settings(request))
    world.numbers[number.sid] = number
    return Answer(201, number_json(world, number))


def list_numbers(world: World, request: Request) -> Answer:
    """GET IncomingPhoneNumbers.json by PhoneNumber."""
    asked = request.get("PhoneNumber")
    numbers = (number for number in reversed(list(world.numbers.values())) if asked in {None, number.phone_number})
    return listing(request, "incoming_phone_numbers", numbers, lambda number: number.sid, partial(number_json, world))


def fetch_number(world: World, request: Request, sid: str) -> Answer:
    """GET IncomingPhoneNumbers/{Sid}.json."""
    return Answer(200, number_json(world, _find(world, request, sid)))


def update_number(world: World, request: Request, sid: str) -> Answer:
    """POST IncomingPhoneNumbers/{Sid}.json: where it asks what to do."""
    number = _find(world, request, sid)
    number.settings.update(_settings(request))
    return Answer(200, number_json(world, number))


def delete_number(world: World, request: Request, sid: str) -> Answer:
    """DELETE IncomingPhoneNumbers/{Sid}.json."""
    del world.numbers[_find(world, request, sid).sid]
    return Answer(204)


def _settings(request: Request) -> dict[str, str]:
    return {name: request.form[name][0] for name in SETTINGS if name in request.form}


def _find(world: World, request: Request, sid: str) -> IncomingNumber:
    number = world.numbers.get(sid)
    if number is None:
        raise not_found(request.path)
    return number


def number_json(world: World, number: IncomingNumber) -> dict[str, object]:
    """The number as Twilio shows it."""
    account = world.config.account_sid
    shown = {name: number.settings.get(setting) for name, setting in _SHOWN.items()}
    return {
        "sid": number.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": rfc2822(number.created_at),
        "date_updated": rfc2822(number.created_at),
        "origin": "twilio",
        "phone_number": number.phone_number,
        "status": "in-use",
        "uri": f"/{API_VERSION}/Accounts/{account}/IncomingPhoneNumbers/{number.sid}.json",
        **shown,
        "friendly_name": shown["friendly_name"] or number.phone_number,
    }
