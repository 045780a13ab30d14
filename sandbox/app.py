"""From a request to its handler: who may ask, which path it is, and what it is answered."""

import hmac
import logging
from base64 import b64decode
from binascii import Error as Base64Error

from sandbox import (
    callers,
    control,
    deleting,
    rest_calls,
    rest_conferences,
    rest_lookup,
    rest_messages,
    rest_numbers,
    rest_participants,
    senders,
)
from sandbox.account import rest_people, rest_standing
from sandbox.account.routes import AFFAIRS_ROUTES
from sandbox.errors import SandboxError, TwilioError, not_found
from sandbox.taskrouter.routes import PREFIX as TASKROUTER
from sandbox.taskrouter.routes import TASKROUTER_ROUTES, warn_of_strangers
from sandbox.web import Answer, Request, Route, refusal, route
from sandbox.world import API_VERSION, World

log = logging.getLogger(__name__)
_ROOM = "/Conferences/{sid}"
_PEOPLE = f"{_ROOM}/Participants"
ACCOUNT_ROUTES = [
    route("POST", "/Calls.json", "POST Calls", rest_calls.create_call),
    route("GET", "/Calls.json", "GET Calls", rest_calls.list_calls),
    route("GET", "/Calls/{sid}.json", "GET Call", rest_calls.fetch_call),
    route("GET", "/Calls/{sid}/Notifications.json", "GET Notifications", callers.list_notifications),
    route("POST", "/Calls/{sid}.json", "POST Call", rest_calls.update_call),
    route("DELETE", "/Calls/{sid}.json", "DELETE Call", deleting.delete_call),
    route("GET", "/Recordings.json", "GET Recordings", deleting.list_recordings),
    route("DELETE", "/Recordings/{sid}.json", "DELETE Recording", deleting.delete_recording),
    route("POST", "/Messages.json", "POST Messages", rest_messages.create_message),
    route("GET", "/Messages.json", "GET Messages", rest_messages.list_messages),
    route("GET", "/Messages/{sid}.json", "GET Message", rest_messages.fetch_message),
    route("POST", "/Messages/{sid}.json", "POST Message", rest_messages.update_message),
    route("DELETE", "/Messages/{sid}.json", "DELETE Message", deleting.delete_message),
    route("GET", "/Messages/{sid}/Media.json", "GET Media", deleting.list_media),
    route("POST", f"{_PEOPLE}.json", "POST Participants", rest_participants.create_participant),
    route("GET", f"{_PEOPLE}.json", "GET Participants", rest_participants.list_participants),
    route("GET", f"{_PEOPLE}/{{call_sid}}.json", "GET Participant", rest_participants.fetch_participant),
    route("POST", f"{_PEOPLE}/{{call_sid}}.json", "POST Participant", rest_participants.update_participant),
    route("DELETE", f"{_PEOPLE}/{{call_sid}}.json", "DELETE Participant", rest_participants.delete_participant),
    route("GET", "/Conferences.json", "GET Conferences", rest_conferences.list_conferences),
    route("GET", f"{_ROOM}.json", "GET Conference", rest_conferences.fetch_conference),
    route("POST", f"{_ROOM}.json", "POST Conference", rest_conferences.update_conference),
    route("POST", "/IncomingPhoneNumbers.json", "POST IncomingPhoneNumbers", rest_numbers.create_number),
    route("GET", "/IncomingPhoneNumbers.json", "GET IncomingPhoneNumbers", rest_numbers.list_numbers),
    route("GET", "/IncomingPhoneNumbers/{sid}.json", "GET IncomingPhoneNumber", rest_numbers.fetch_number),
    route("POST", "/IncomingPhoneNumbers/{sid}.json", "POST IncomingPhoneNumber", rest_numbers.update_number),
    route("DELETE", "/IncomingPhoneNumbers/{sid}.json", "DELETE IncomingPhoneNumber", rest_numbers.delete_number),
    route("GET", "/OutgoingCallerIds.json", "GET OutgoingCallerIds", rest_standing.list_caller_ids),
    route("GET", ".json", "GET Account", rest_numbers.fetch_account),
]
OTHER_ROUTES = [
    *AFFAIRS_ROUTES,
    route("GET", "/v2/PhoneNumbers/{number}", "GET PhoneNumber", rest_lookup.fetch_lookup),
]
CONTROL_ROUTES = [
    route("GET", "/sandbox/health", "GET health", control.health),
    route("GET", "/sandbox/report", "GET report", control.fetch_report),
    route("POST", "/sandbox/reset", "POST reset", control.reset),
    route("POST", "/sandbox/people", "POST people", control.pin_person),
    route("POST", "/sandbox/callers", "POST callers", callers.mark_caller),
    route("POST", "/sandbox/senders", "POST senders", senders.mark_sender),
    route("POST", "/sandbox/recordings", "POST recordings", deleting.add_recording),
    route("POST", "/sandbox/agents", "POST agents", control.add_agent),
    route("POST", "/sandbox/workers", "POST workers", control.tell_worker),
    route("POST", "/sandbox/account", "POST account", rest_standing.tell_account),
    route("POST", "/sandbox/deactivations", "POST deactivations", rest_people.tell_deactivations),
    route("GET", "/sandbox/faults", "GET faults", control.list_faults),
    route("POST", "/sandbox/faults", "POST faults", control.add_fault),
    route("DELETE", "/sandbox/faults", "DELETE faults", control.clear_faults),
    route("POST", "/sandbox/inbound-messages", "POST inbound-messages", control.send_message),
    route("POST", "/sandbox/inbound-calls", "POST inbound-calls", control.place_call),
]


class App:
    """Answers requests on a world; control paths only where ``control_allowed``."""

    def __init__(self, world: World, *, control_allowed: bool) -> None:
        self.world = world
        self._control_allowed = control_allowed
        self._account = f"/{API_VERSION}/Accounts/{world.config.account_sid}"

    def answer(self, request: Request) -> Answer:
        """What the request is answered; errors of ours become a plain 500."""
        try:
            if request.path.startswith("/sandbox/"):
                return self._control(request)
            if not request.path.startswith(rest_people.FILES):
                self._check_credentials(request)
            return self._rest(request)
        except TwilioError as error:
            return refusal(error)
        except Exception:  # a server answers 500 to whatever it did not foresee, as the carrier does
            log.exception("sandbox.request_failed")
            return refusal(TwilioError(500, 20500, "An internal server error has occurred"))

    def _control(self, request: Request) -> Answer:
        if not self._control_allowed:
            return Answer(404, {"error": "Control paths are served on loopback binds alone."})
        found, parts = _find(CONTROL_ROUTES, request.method, request.path)
        try:
            with self.world.agenda.lock:
                return found.handler(self.world, request, **parts)
        except SandboxError as error:
            return Answer(400, {"error": str(error)})

    def _rest(self, request: Request) -> Answer:
        found, parts = self._rest_route(request)
        with self.world.agenda.lock:
            log_book = self.world.requests
            log_book.note(found.operation, request.fields)
            if request.path.startswith(TASKROUTER):
                warn_of_strangers(self.world, found.operation, request)
            try:
                answer = found.handler(self.world, request, **parts)
            except TwilioError as error:
                answer = refusal(error)
            log_book.answered(found.operation, 0 if answer.reset else answer.status)
        return answer

    def _rest_route(self, request: Request) -> tuple[Route, dict[str, str]]:
        if request.path.startswith(self._account):
            return _find(ACCOUNT_ROUTES, request.method, request.path.removeprefix(self._account))
        if request.path.startswith(TASKROUTER):
            return _find(TASKROUTER_ROUTES, request.method, request.path)
        return _find(OTHER_ROUTES, request.method, request.path)

    def _check_credentials(self, request: Request) -> None:
        config = self.world.config
        name, secret = _credentials(request.authorization)
        pairs = [(config.account_sid, config.auth_token), *([config.api_key] if config.api_key else [])]
        for known_name, known_secret in pairs:
            if name == known_name and hmac.compare_digest(secret.encode(), known_secret.encode()):
                return
        raise TwilioError(401, 20003, "Authenticate")


def _credentials(header: str | None) -> tuple[str, str]:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _find(routes: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    known_path = False
    for candidate in routes:
        match = candidate.pattern.fullmatch(path)
        if match and candidate.method == method:
            return candidate, match.groupdict()
        known_path = known_path or match is not None
    if known_path:
        raise TwilioError(405, 20004, "Method not allowed")
    raise not_found(path)
