"""Only the carrier may speak to us: the signature over our public address and the form, by its official validator.

The address is the configured one. What a proxy or a stranger says in X-Forwarded headers has no part in it.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import quote

from flask import Request, abort, request
from flask.typing import ResponseReturnValue
from twilio.request_validator import RequestValidator

from orchestrator.log import log
from webhooks.desk import desk

HEADER = "X-Twilio-Signature"
FORM = "application/x-www-form-urlencoded"
UNRESERVED = "/:@!$&'()*+,;=~-._"  # of a path, as the carrier wrote it
P = ParamSpec("P")


def signed_by_carrier(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """The view, for signed requests alone; every other gets 403."""

    @wraps(view)
    def verified(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not is_signed(request, desk().public_url, desk().auth_token):
            # Names, not values: enough to find a field that a proxy dropped.
            log.warning("callback.refused", path=request.path, fields=sorted(request.form)[:40])
            abort(403)
        return view(*args, **kwargs)

    return verified


def is_signed(received: Request, public_url: str, auth_token: str) -> bool:
    """Whether the carrier signed this form for this address with the account's primary token.

    The algorithm is ours to choose, never the request's: only HMAC-SHA1 under the token is taken. A body that is no
    form is refused unread, since the validator raises for it.
    """
    signature = received.headers.get(HEADER)
    if not signature or (received.mimetype and received.mimetype != FORM):
        return False
    if not received.mimetype and received.content_length:
        return False
    try:
        return bool(RequestValidator(auth_token).validate(_address(received, public_url), received.form, signature))
    except (ValueError, TypeError):  # an address or field that cannot be written down cannot have been signed
        return False


def _address(received: Request, public_url: str) -> str:
    path = received.environ.get("PATH_INFO", "").encode("latin-1")
    query = received.environ.get("QUERY_STRING", "")
    return f"{public_url}{quote(path, safe=UNRESERVED)}" + (f"?{query}" if query else "")
