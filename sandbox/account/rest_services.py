"""Messaging services, the numbers in them, and their US campaigns."""

from functools import partial

from sandbox.account.records import MessagingService
from sandbox.call_orders import INVALID_CALLBACK
from sandbox.checks import flag, url_in
from sandbox.errors import TwilioError, not_found
from sandbox.records import IncomingNumber
from sandbox.taskrouter.asking import required
from sandbox.taskrouter.paging import listing
from sandbox.taskrouter.rendering import stamp
from sandbox.web import Answer, Request
from sandbox.world import World

URLS = {"InboundRequestUrl": "inbound_request_url", "FallbackUrl": "fallback_url", "StatusCallback": "status_callback"}
METHODS = {"InboundMethod": "inbound_method", "FallbackMethod": "fallback_method"}
FLAGS = {
    "StickySender": ("sticky_sender", True),
    "MmsConverter": ("mms_converter", True),
    "SmartEncoding": ("smart_encoding", True),
    "FallbackToLongCode": ("fallback_to_long_code", True),
    "AreaCodeGeomatch": ("area_code_geomatch", True),
    "UseInboundWebhookOnNumber": ("use_inbound_webhook_on_number", False),
}
LONGEST_VALIDITY_SECONDS = 36_000
ALREADY_THERE = 21710


def create_service(world: World, request: Request) -> Answer:
    """POST Services."""
    service = MessagingService(friendly_name=required(request, "FriendlyName"), created_at=world.now())
    _set(request, service)
    world.account.services[service.sid] = service
    return Answer(201, service_json(world, service))


def list_services(world: World, request: Request) -> Answer:
    """GET Services."""
    return listing(
        request, "services", world.account.services.values(), lambda one: one.sid, partial(service_json, world)
    )


def fetch_service(world: World, request: Request, service: str) -> Answer:
    """GET Services/{Sid}."""
    return Answer(200, service_json(world, _find(world, request, service)))


def update_service(world: World, request: Request, service: str) -> Answer:
    """POST Services/{Sid}."""
    found = _find(world, request, service)
    found.friendly_name = request.get("FriendlyName") or found.friendly_name
    _set(request, found)
    return Answer(200, service_json(world, found))


def add_number(world: World, request: Request, service: str) -> Answer:
    """POST Services/{Sid}/PhoneNumbers: a number is in one service at most."""
    found = _find(world, request, service)
    number = world.numbers.get(required(request, "PhoneNumberSid"))
    if number is None:
        raise TwilioError(404, 21701, "The Messaging Service or the number does not exist")
    if any(number.sid in other.numbers for other in world.account.services.values()):
        raise TwilioError(409, ALREADY_THERE, "Phone Number is already in a Messaging Service")
    found.numbers.append(number.sid)
    return Answer(201, _number_json(world, found, number))


def list_numbers(world: World, request: Request, service: str) -> Answer:
    """GET Services/{Sid}/PhoneNumbers."""
    found = _find(world, request, service)
    numbers = [world.numbers[sid] for sid in found.numbers if sid in world.numbers]
    return listing(request, "phone_numbers", numbers, lambda one: one.sid, partial(_number_json, world, found))


def list_campaigns(world: World, request: Request, service: str) -> Answer:
    """GET Services/{Sid}/Compliance/Usa2p."""
    found = _find(world, request, service)
    states = list(enumerate(found.campaigns))
    return listing(request, "compliance", states, lambda one: f"QE{one[0]:032x}", partial(_campaign_json, world, found))


def _set(request: Request, service: MessagingService) -> None:
    for name, shown in URLS.items():
        if name in request.form:
            service.settings[shown] = url_in(request, name, INVALID_CALLBACK)
    service.settings.update({shown: request.get(name) for name, shown in METHODS.items() if name in request.form})
    for name, (shown, default) in FLAGS.items():
        service.settings[shown] = flag(request, name, default=service.settings.get(shown, default))


def _find(world: World, request: Request, sid: str) -> MessagingService:
    service = world.account.services.get(sid)
    if service is None:
        raise not_found(request.path)
    return service


def service_json(world: World, service: MessagingService) -> dict[str, object]:
    """A messaging service as Twilio shows it."""
    url = f"https://messaging.twilio.com/v1/Services/{service.sid}"
    unset = dict.fromkeys(URLS.values())
    return {
        **unset,
        "inbound_method": "POST",
        "fallback_method": "POST",
        **service.settings,
        "sid": service.sid,
        "account_sid": world.config.account_sid,
        "friendly_name": service.friendly_name,
        "date_created": stamp(service.created_at),
        "date_updated": stamp(service.created_at),
        "scan_message_content": "inherit",
        "synchronous_validation": False,
        "validity_period": LONGEST_VALIDITY_SECONDS,
        "usecase": "undeclared",
        "us_app_to_person_registered": "VERIFIED" in service.campaigns,
        "url": url,
        "links": {"phone_numbers": f"{url}/PhoneNumbers", "us_app_to_person": f"{url}/Compliance/Usa2p"},
    }


def _number_json(world: World, service: MessagingService, number: IncomingNumber) -> dict[str, object]:
    return {
        "sid": number.sid,
        "account_sid": world.config.account_sid,
        "service_sid": service.sid,
        "phone_number": number.phone_number,
        "country_code": "US" if number.phone_number.startswith("+1") else None,
        "capabilities": ["SMS", "Voice"],
        "date_created": stamp(number.created_at),
        "date_updated": stamp(number.created_at),
        "url": f"https://messaging.twilio.com/v1/Services/{service.sid}/PhoneNumbers/{number.sid}",
    }


def _campaign_json(world: World, service: MessagingService, one: tuple[int, str]) -> dict[str, object]:
    sid = f"QE{one[0]:032x}"
    return {
        "sid": sid,
        "account_sid": world.config.account_sid,
        "messaging_service_sid": service.sid,
        "campaign_status": one[1],
        "errors": [],
        "mock": False,
        "url": f"https://messaging.twilio.com/v1/Services/{service.sid}/Compliance/Usa2p/{sid}",
    }
