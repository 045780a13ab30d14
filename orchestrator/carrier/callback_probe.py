"""Our own public address, asked as Twilio would ask it: whether it is reached, and whether signatures survive the way.

The signed requests go to an address where nothing is, so that they change nothing: 404 says that the signature was
taken, 403 that it was not.
"""

from dataclasses import dataclass, field

import requests
from twilio.request_validator import RequestValidator

from orchestrator.domain.account import Answered

SECONDS = (5.0, 15.0)  # as Twilio itself waits: to connect, and for the answer
NOWHERE = "/doctor?look=1%2B1&text=a%20b"  # a query that a careless proxy would write anew
FORM = {"AccountSid": "AC", "Blank": "", "Text": "ä & + =", "Untouched": "yes"}
LONGEST_BODY = 64


@dataclass(frozen=True, slots=True)
class CallbackProbe:
    """The Probe protocol over HTTP, for the public address (no slash at its end) and the account's primary token."""

    public_url: str
    auth_token: str = field(repr=False)

    def health(self) -> Answered:
        """GET /health."""
        return _asked("GET", f"{self.public_url}/health", None, {})

    def signed(self) -> Answered:
        """As Twilio would send it."""
        return self._post(FORM)

    def tampered(self) -> Answered:
        """One field is another than the signature says."""
        return self._post({**FORM, "Untouched": "no"})

    def _post(self, form: dict[str, str]) -> Answered:
        url = f"{self.public_url}{NOWHERE}"
        signature = RequestValidator(self.auth_token).compute_signature(url, FORM)
        return _asked("POST", url, form, {"X-Twilio-Signature": signature})


def _asked(method: str, url: str, form: dict[str, str] | None, headers: dict[str, str]) -> Answered:
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, url, data=form, headers=headers, timeout=SECONDS, allow_redirects=False)
    except requests.exceptions.SSLError:
        return Answered(None, why="its certificate is not one that this machine trusts")
    except requests.exceptions.ConnectTimeout:
        return Answered(None, why="no connection came about in 5 seconds")
    except requests.exceptions.Timeout:
        return Answered(None, why="no answer came in 15 seconds")
    except requests.exceptions.RequestException:
        return Answered(None, why="no connection could be made")
    return Answered(answer.status_code, answer.text[:LONGEST_BODY], location=answer.headers.get("Location"))
