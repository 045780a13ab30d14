"""The paths of the account's own affairs, below the hosts that Twilio gives each of them."""

from sandbox.account import rest_people, rest_services, rest_standing
from sandbox.web import route

_SERVICE = "/v1/Services/{service}"
AFFAIRS_ROUTES = [
    route("POST", "/v1/Services", "POST Services", rest_services.create_service),
    route("GET", "/v1/Services", "GET Services", rest_services.list_services),
    route("GET", _SERVICE, "GET Service", rest_services.fetch_service),
    route("POST", _SERVICE, "POST Service", rest_services.update_service),
    route("POST", f"{_SERVICE}/PhoneNumbers", "POST ServicePhoneNumbers", rest_services.add_number),
    route("GET", f"{_SERVICE}/PhoneNumbers", "GET ServicePhoneNumbers", rest_services.list_numbers),
    route("GET", f"{_SERVICE}/Compliance/Usa2p", "GET Usa2p", rest_services.list_campaigns),
    route("GET", "/v1/DialingPermissions/Countries/{country}", "GET DialingPermission", rest_standing.fetch_permission),
    route("GET", "/v1/Deactivations", "GET Deactivations", rest_people.fetch_deactivations),
    route("GET", rest_people.FILE, "GET DeactivationsFile", rest_people.fetch_file),
    route("POST", "/v1/Consents/Bulk", "POST Consents", rest_people.bulk_consents),
    route("GET", "/v1/CustomerProfiles", "GET CustomerProfiles", rest_standing.list_profiles),
    route("GET", "/v1/Configuration", "GET FlexConfiguration", rest_standing.fetch_flex),
]
