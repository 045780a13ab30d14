"""What the creator of a call or of a participant asks for, checked and read."""

from sandbox.checks import method_in, refused, url_in, whole_number
from sandbox.errors import invalid
from sandbox.records import CallOrders
from sandbox.web import Request
from sandbox.world import World

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
LONGEST_TWIML = 4000
INVALID_URL, INVALID_CALLBACK = 21205, 21609


def orders_of_call(world: World, request: Request) -> CallOrders:
    """The orders in a request to create a call; a document is needed, by address or inline."""
    url, twiml = url_in(request, "Url", INVALID_URL), request.get("Twiml")
    if url is None and twiml is None:
        raise refused(INVALID_URL, "Url parameter is required.")
    if twiml is not None and len(twiml) > LONGEST_TWIML:
        raise invalid("Twiml", f"must not be longer than {LONGEST_TWIML} characters")
    return _orders(
        world,
        request,
        url=url,
        # With both, Twilio ignores the inline document.
        twiml=None if url else twiml,
        events=_events(world, request.fields.get("StatusCallbackEvent", [])),
        least_timeout=1,
        # Only this very text is asynchronous: Python's True arrives as the text True, and is not.
        detection_is_async=request.get("AsyncAmd") == "true",
        detection_callback_name="AsyncAmdStatusCallback",
    )


def orders_of_participant(world: World, request: Request) -> CallOrders:
    """The orders in a request to create a participant; detection is always beside the call there."""
    if request.get("AsyncAmd") or request.get("AsyncAmdStatusCallback"):
        world.warn("21263: AsyncAmd belongs to calls; participants take AmdStatusCallback")
    words = [word for value in request.fields.get("StatusCallbackEvent", []) for word in value.split()]
    return _orders(
        world,
        request,
        url=None,
        twiml=None,
        events=_events(world, words),
        least_timeout=5,
        detection_is_async=True,
        detection_callback_name="AmdStatusCallback",
    )


def _orders(
    world: World,
    request: Request,
    *,
    url: str | None,
    twiml: str | None,
    events: frozenset[str],
    least_timeout: int,
    detection_is_async: bool,
    detection_callback_name: str,
) -> CallOrders:
    return CallOrders(
        url=url,
        method=method_in(request, "Method"),
        twiml=twiml,
        fallback_url=url_in(request, "FallbackUrl", INVALID_URL),
        fallback_method=method_in(request, "FallbackMethod"),
        status_callback=url_in(request, "StatusCallback", INVALID_CALLBACK),
        status_callback_method=method_in(request, "StatusCallbackMethod"),
        events=events,
        ring_timeout=whole_number(request, "Timeout", least_timeout, 600, 60),
        time_limit=whole_number(request, "TimeLimit", 1, 86400, 14400),
        detection=_detection(world, request),
        detection_is_async=detection_is_async,
        detection_callback=url_in(request, detection_callback_name, INVALID_CALLBACK),
        detection_callback_method=method_in(request, f"{detection_callback_name}Method"),
        detection_timeout=whole_number(request, "MachineDetectionTimeout", 3, 59, 30),
        speech_threshold=whole_number(request, "MachineDetectionSpeechThreshold", 1000, 6000, 2400) / 1000,
        speech_end_threshold=whole_number(request, "MachineDetectionSpeechEndThreshold", 500, 5000, 1200) / 1000,
        silence_timeout=whole_number(request, "MachineDetectionSilenceTimeout", 2000, 10000, 5000) / 1000,
    )


def _detection(world: World, request: Request) -> str | None:
    detection = request.get("MachineDetection")
    if detection is None or detection == "None":
        return None
    if detection not in {"Enable", "DetectMessageEnd"}:
        raise invalid("MachineDetection", "must be Enable or DetectMessageEnd")
    if request.get("SendDigits"):
        world.warn("MachineDetection is ignored beside SendDigits")
        return None
    return detection


def _events(world: World, asked: list[str]) -> frozenset[str]:
    unknown = set(asked) - EVENTS - {""}
    if unknown:
        world.warn(f"21626: StatusCallbackEvent knows no {' or '.join(sorted(unknown))}")
    return frozenset(asked) & EVENTS if asked else frozenset({"completed"})
