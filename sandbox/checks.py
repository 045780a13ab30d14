"""What Twilio checks of a request's parameters, and the codes it refuses with."""

import re
from urllib.parse import urlsplit

from sandbox.errors import TwilioError, invalid
from sandbox.web import Request
from sandbox.world import World

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NANP = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")
_PUNCTUATION = re.compile(r"[\s().\-]")
_SENDER = re.compile(r"\d{3,6}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
# Twilio's magic numbers of its test credentials, by channel.
_MAGIC = {
    "call": {"+15005550001": 21211, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216},
    "message": {
        "+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610,
        "+15005550009": 21614,
    },
}  # fmt: skip
_SENTENCES = {
    21211: "Invalid 'To' Phone Number",
    21214: "'To' phone number cannot be reached",
    21215: "Account not authorized to call this number",
    21216: "Account not allowed to call this number",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21610: "Attempt to send to unsubscribed recipient",
    21612: "The 'To' phone number is not currently reachable via SMS",
    21614: "'To' number is not a valid mobile number",
}
_STATUS_CODES = {
    429: frozenset({20429, 30022}),
    500: frozenset({20500}),
    503: frozenset({20503}),
    401: frozenset({20003}),
}


def is_number(text: str) -> bool:
    """Whether the text is an E.164 number that could exist."""
    return bool(_NANP.fullmatch(text) if text.startswith("+1") else _E164.fullmatch(text))


def is_address(text: str) -> bool:
    """Whether the text is a client or SIP address."""
    return text.startswith(("client:", "sip:")) and len(text) > len("client:")


def refused(code: int, sentence: str | None = None) -> TwilioError:
    """Twilio's refusal with this code, under the HTTP status that belongs to it."""
    status = next((status for status, codes in _STATUS_CODES.items() if code in codes), 400)
    return TwilioError(status, code, sentence or _SENTENCES.get(code, f"Refused with error {code}"))


def to_of(world: World, request: Request, channel: str) -> str:
    """The address in To, checked for a call or a message; refused as pinned or as the magic numbers are."""
    text = request.get("To")
    if text is None:
        raise refused(21201 if channel == "call" else 21604, "A 'To' phone number is required.")
    if channel == "call" and is_address(text):
        return text
    number = _PUNCTUATION.sub("", text)
    code = _MAGIC[channel].get(number) or world.people.refusal(number, channel)
    if code is not None:
        raise refused(code)
    if not is_number(number):
        raise refused(21211, f"The 'To' number {text} is not a valid phone number.")
    return number


def caller_of(request: Request, to: str) -> str:
    """The address in From of a call: a number where a number is called."""
    text = request.get("From")
    if text is None:
        raise refused(21213, "A 'From' phone number is required.")
    number = _PUNCTUATION.sub("", text)
    if is_number(number):
        return number
    if is_number(to):
        raise refused(21212, f"The 'From' number {text} is not a valid phone number, shortcode, or verified caller ID.")
    return text


def sender_of(request: Request) -> str | None:
    """The sender in From of a message, None where a messaging service will choose it."""
    text = request.get("From")
    if text is None:
        if request.get("MessagingServiceSid") is None:
            raise refused(21603, "A 'From' phone number or a 'MessagingServiceSid' is required.")
        return None
    number = _PUNCTUATION.sub("", text)
    if is_number(number):
        return number
    if not _SENDER.fullmatch(text):
        raise refused(
            21212, f"The 'From' number {text} is not a valid phone number, shortcode, or alphanumeric sender."
        )
    return text


def url_in(request: Request, name: str, code: int) -> str | None:
    """The web address in a field, None where it is absent; refused with the code where it cannot be one."""
    url = request.get(name)
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and "_" not in (parts.hostname or "")
    except ValueError:
        usable = False
    if not usable:
        raise refused(code, f"{name} is not a valid URL: {url}")
    return url


def method_in(request: Request, name: str) -> str:
    """GET or POST; POST where it is absent."""
    method = (request.get(name) or "POST").upper()
    if method not in {"GET", "POST"}:
        raise invalid(name, "must be GET or POST")
    return method


def whole_number(request: Request, name: str, least: int, most: int, default: int) -> int:
    """The whole number in a field, refused outside of its range."""
    text = request.get(name)
    if text is None:
        return default
    if not text.isdigit() or not least <= int(text) <= most:
        raise invalid(name, f"must be a whole number from {least} to {most}")
    return int(text)


def flag(request: Request, name: str, *, default: bool) -> bool:
    """True for the text ``true`` alone, in whatever case Twilio's typed booleans allow."""
    text = request.get(name)
    return default if text is None else text.lower() == "true"
