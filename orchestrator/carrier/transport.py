"""The SDK's HTTP client with our manners: one pool for all threads, no retries, short timeouts, no environment."""

from typing import Any
from urllib.parse import urlsplit

from requests import Session
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0


class Transport(TwilioHttpClient):  # type: ignore[misc]
    """Sends requests to the carrier, or, path and query unchanged, to ``base_url``.

    Nothing is ever sent twice: a call placed again is a phone that rings twice.
    """

    def __init__(self, *, threads: int, base_url: str | None = None) -> None:
        super().__init__()
        self.base_url = base_url.rstrip("/") if base_url else None
        self.timeout = (CONNECT_SECONDS, READ_SECONDS)
        self.session = Session()
        self.session.trust_env = False
        adapter = HTTPAdapter(pool_connections=4, pool_maxsize=threads, max_retries=0)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """The carrier's answer; raises what requests raises."""
        return super().request(method, self._address(url), *args, **kwargs)

    def _address(self, url: str) -> str:
        if self.base_url is None:
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.base_url}{parts.path}{query}"

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """Nothing: the SDK would write numbers in clear."""

    def log_response(self, status_code: int, response: object) -> None:
        """Nothing, for the same reason."""
