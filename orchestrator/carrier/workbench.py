"""What `twilio provision` looks at, makes and changes, through Twilio's SDK."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from twilio.rest import Client

from orchestrator.carrier.client import client_for
from orchestrator.carrier.errors import asking, creating
from orchestrator.carrier.records import in_utc
from orchestrator.domain.errors import CarrierError
from orchestrator.domain.provisioning import Kind, Thing, Value
from orchestrator.settings import Settings

GONE = frozenset({404, 20404})
SHOWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.WORKSPACE: ("event_callback_url", "events_filter"),
    Kind.ACTIVITY: ("available",),
    Kind.TASK_CHANNEL: (),
    Kind.QUEUE: ("target_workers",),
    Kind.WORKFLOW: ("configuration",),
    Kind.NUMBER: (
        "voice_url", "voice_method", "voice_application_sid", "status_callback", "status_callback_method", "sms_url",
        "sms_method",
    ),
    Kind.SERVICE: ("inbound_request_url", "inbound_method", "use_inbound_webhook_on_number"),
    Kind.SERVICE_NUMBER: (),
}  # fmt: skip
NAME = {
    Kind.TASK_CHANNEL: "unique_name",
    Kind.NUMBER: "phone_number",
    Kind.SERVICE_NUMBER: "phone_number",
}  # every other bears a friendly one
FOUND_BY_NAME = frozenset({Kind.WORKSPACE, Kind.ACTIVITY, Kind.QUEUE, Kind.WORKFLOW})  # Twilio looks, not we


def workbench_of(settings: Settings) -> "TwilioWorkbench":
    """The things of the settings' account; raises SettingError for what is missing."""
    return TwilioWorkbench(client_for(settings), settings.account_sid or "")


class TwilioWorkbench:
    """The Workbench protocol in Twilio's terms."""

    def __init__(self, client: Client, account_sid: str) -> None:
        self._client, self._account = client, client.api.v2010.accounts(account_sid)

    def flex_workspace(self) -> str | None:
        """As Flex's own configuration names it."""
        try:
            with asking():
                found = self._client.flex_api.v1.configuration().fetch()
        except CarrierError as error:
            if error.carrier_code in GONE:
                return None
            raise
        return found.taskrouter_workspace_sid or None

    def find(self, kind: Kind, name: str, within: str | None) -> Thing | None:
        """The first of that very name; of services there may be several."""
        with asking():
            found = self._named(kind, name, within)
            return next((_thing(kind, one) for one in found if _name(kind, one) == name), None)

    def fetch(self, kind: Kind, sid: str, within: str | None) -> Thing | None:
        """The thing of that sid."""
        try:
            with asking():
                return _thing(kind, self._things(kind, within)(sid).fetch())
        except CarrierError as error:
            if error.carrier_code in GONE:
                return None
            raise

    def create(self, kind: Kind, name: str, fields: Mapping[str, Value], within: str | None) -> str:
        """Make it; a sid always comes back, or an error."""
        with creating():
            made = self._things(kind, within).create(**_called(kind, name), **fields)
            if not made.sid:
                raise ValueError("the carrier answered a creation without a sid")
            return str(made.sid)

    def change(self, kind: Kind, sid: str, fields: Mapping[str, Value], within: str | None) -> None:
        """Set these fields; the same twice is the same."""
        with asking():
            self._things(kind, within)(sid).update(**fields)

    def _named(self, kind: Kind, name: str, within: str | None) -> Iterable[Any]:
        things = self._things(kind, within)
        if kind is Kind.NUMBER:
            return things.stream(phone_number=name, page_size=50)  # type: ignore[no-any-return]
        if kind in FOUND_BY_NAME:
            return things.stream(friendly_name=name, page_size=50)  # type: ignore[no-any-return]
        return things.stream(page_size=100)  # type: ignore[no-any-return]

    def _things(self, kind: Kind, within: str | None) -> Any:
        if kind is Kind.WORKSPACE:
            return self._client.taskrouter.v1.workspaces
        if kind is Kind.NUMBER:
            return self._account.incoming_phone_numbers
        services = self._client.messaging.v1.services
        if kind is Kind.SERVICE:
            return services
        if kind is Kind.SERVICE_NUMBER:
            return services(within).phone_numbers
        return self._in_workspace(kind, within)

    def _in_workspace(self, kind: Kind, within: str | None) -> Any:
        space = self._client.taskrouter.v1.workspaces(within)
        lists = {
            Kind.ACTIVITY: space.activities,
            Kind.TASK_CHANNEL: space.task_channels,
            Kind.QUEUE: space.task_queues,
            Kind.WORKFLOW: space.workflows,
        }
        return lists[kind]


def _called(kind: Kind, name: str) -> dict[str, str]:
    if kind is Kind.SERVICE_NUMBER:
        return {}  # it is named by the sid of its number, which is among its fields
    if kind is Kind.TASK_CHANNEL:
        return {"friendly_name": name.title(), "unique_name": name}
    return {"friendly_name": name}


def _name(kind: Kind, one: Any) -> str:
    return str(getattr(one, NAME.get(kind, "friendly_name")))


def _thing(kind: Kind, one: Any) -> Thing:
    fields = {name: getattr(one, name) for name in SHOWN[kind]}
    if kind is Kind.WORKFLOW:
        fields["configuration"] = canonical(fields["configuration"])
    return Thing(sid=str(one.sid), name=_name(kind, one), fields=fields, made_at=in_utc(one.date_created))


def canonical(text: str) -> str:
    """The JSON text in one form, so that two of the same meaning are the same; what is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except (TypeError, ValueError):
        return text
