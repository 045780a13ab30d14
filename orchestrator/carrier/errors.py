"""Foreign errors, translated at the door, once, and kept as the cause."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from orchestrator.carrier.error_codes import meaning
from orchestrator.domain.errors import (
    AccountMisconfiguredError,
    AnswerLostError,
    CarrierBusyError,
    CarrierError,
    CarrierUnreachableError,
    DispatchUncertainError,
)

BY_STATUS: dict[int, type[CarrierError]] = {
    401: AccountMisconfiguredError,
    403: AccountMisconfiguredError,
    408: DispatchUncertainError,
    429: CarrierBusyError,
}
UNREADABLE = (ValueError, AttributeError, TypeError, LookupError)  # of the SDK, where JSON is no object that it knows
FOREIGN = (TwilioException, requests.RequestException, HTTPError, *UNREADABLE)
NEVER_CONNECTED = (NewConnectionError, ConnectTimeoutError)  # NameResolutionError is a NewConnectionError


@contextmanager
def creating() -> Iterator[None]:
    """Around a request that must never be repeated unawares: its doubts stay DispatchUncertainError."""
    try:
        yield
    except FOREIGN as error:
        raise translate(error) from error


@contextmanager
def asking() -> Iterator[None]:
    """Around a request that may be repeated: a read, or a change that is the same twice."""
    try:
        yield
    except FOREIGN as error:
        translated = translate(error)
        if isinstance(translated, DispatchUncertainError):
            translated = AnswerLostError(carrier_code=translated.carrier_code)
        raise translated from error


def translate(error: Exception) -> CarrierError:
    """Turn an error of the SDK, of requests or of urllib3 into ours; what nobody can read is a doubt."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _by_answer(_number(error.status), _number(error.code))
    refused = _refused_page(error)
    if refused is not None:
        return _by_answer(refused.status_code, _code_in(refused))
    if _never_connected(error):
        return CarrierUnreachableError()
    return DispatchUncertainError()


def _by_answer(status: int | None, code: int | None) -> CarrierError:
    kind = meaning(code)
    if status is None or status >= 500:
        # Of what a server says while it fails only "there was no room" is proof that nothing was made.
        kind = kind if kind is CarrierBusyError else DispatchUncertainError
    kind = kind or BY_STATUS.get(status or 500, CarrierError)
    return kind(carrier_code=code)


def _refused_page(error: Exception) -> Response | None:
    """The answer to a listing that was no list: the SDK leaves it unread beside its own words."""
    last = error.args[-1] if isinstance(error, TwilioException) and error.args else None
    return last if isinstance(last, Response) else None


def _code_in(answer: Response) -> int | None:
    try:
        return _number(json.loads(answer.text)["code"])
    except UNREADABLE:
        return None


def _never_connected(error: Exception) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    # A certificate is refused before a request is sent; any other fault of TLS may come after the whole order was read.
    if isinstance(error, requests.exceptions.SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(error)
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(error, requests.ConnectionError) and isinstance(reason, NEVER_CONNECTED)


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
