"""What the account may do: countries to call, approved profiles, caller ids that are not its own; and Flex."""

from functools import partial

from sandbox.errors import SandboxError, not_found
from sandbox.listing import listing as older_listing
from sandbox.taskrouter.paging import listing
from sandbox.taskrouter.rendering import stamp
from sandbox.web import Answer, Request
from sandbox.world import API_VERSION, World

SETS = frozenset({"no_calls_to", "caller_ids", "own_stops"})
TOLD = SETS | {"kind", "status", "opened_at", "date_offset", "profiles", "flex_workspace"}


def fetch_permission(world: World, request: Request, country: str) -> Answer:
    """GET DialingPermissions/Countries/{IsoCode}."""
    if len(country) != 2 or not country.isalpha():
        raise not_found(request.path)
    return Answer(200, {
        "iso_code": country,
        "name": country,
        "continent": None,
        "country_codes": [],
        "low_risk_numbers_enabled": country not in world.account.no_calls_to,
        "high_risk_special_numbers_enabled": False,
        "high_risk_tollfraud_numbers_enabled": False,
        "url": f"https://voice.twilio.com{request.path}",
        "links": {},
    })  # fmt: skip


def list_profiles(world: World, request: Request) -> Answer:
    """GET CustomerProfiles by Status."""
    asked = request.get("Status")
    profiles = [one for one in enumerate(world.account.profiles) if asked in {None, one[1]}]
    return listing(request, "results", profiles, lambda one: f"BU{one[0]:032x}", partial(_profile_json, world))


def _profile_json(world: World, one: tuple[int, str]) -> dict[str, object]:
    return {
        "sid": f"BU{one[0]:032x}",
        "account_sid": world.config.account_sid,
        "policy_sid": "RN" + "0" * 32,
        "friendly_name": "Profile",
        "status": one[1],
        "date_created": stamp(world.account.opened_at),
        "date_updated": stamp(world.account.opened_at),
        "errors": [],
        "links": {},
    }


def list_caller_ids(world: World, request: Request) -> Answer:
    """GET OutgoingCallerIds.json by PhoneNumber."""
    asked = request.get("PhoneNumber")
    numbers = [number for number in sorted(world.account.caller_ids) if asked in {None, number}]
    return older_listing(request, "outgoing_caller_ids", numbers, _caller_id_sid, partial(_caller_id_json, world))


def _caller_id_sid(number: str) -> str:
    return f"PN{int(number[1:]):032x}"


def _caller_id_json(world: World, number: str) -> dict[str, object]:
    account, sid = world.config.account_sid, _caller_id_sid(number)
    uri = f"/{API_VERSION}/Accounts/{account}/OutgoingCallerIds/{sid}.json"
    return {"sid": sid, "account_sid": account, "friendly_name": number, "phone_number": number, "uri": uri}


def fetch_flex(world: World, request: Request) -> Answer:
    """GET Configuration of Flex: 404 where the account has none."""
    if world.account.flex_workspace is None:
        raise not_found(request.path)
    return Answer(200, {
        "account_sid": world.config.account_sid,
        "taskrouter_workspace_sid": world.account.flex_workspace,
        "status": "ok",
        "runtime_domain": None,
        "ui_version": "2.x.x",
        "url": "https://flex-api.twilio.com/v1/Configuration",
    })  # fmt: skip


def tell_account(world: World, request: Request) -> Answer:
    """POST account: how it stands from now on; of services campaigns, {sid: [states]}, and advanced_opt_out."""
    wishes = request.json()
    campaigns, advanced = wishes.pop("campaigns", {}), wishes.pop("advanced_opt_out", {})
    services = world.account.services
    unknown = sorted(wishes.keys() - TOLD) + sorted({*campaigns, *advanced} - services.keys())
    if unknown:
        takes = f"campaigns, advanced_opt_out, {', '.join(sorted(TOLD))}"
        raise SandboxError(f"The account has no '{unknown[0]}'; it takes {takes}.")
    for name, value in wishes.items():
        setattr(world.account, name, set(value) if name in SETS else value)
    for sid, is_on in advanced.items():
        services[sid].advanced_opt_out = is_on is True
    for sid, states in campaigns.items():
        world.account.services[sid].campaigns = list(states)
    return Answer(200, {"account": world.config.account_sid})
