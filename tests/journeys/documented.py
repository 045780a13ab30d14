"""The parameters that Twilio's public API documents for the requests that journeys make, and the values of those few
that take a word from a list."""

from collections.abc import Mapping
from typing import Any

_PAGE = {"Page", "PageSize", "PageToken"}
_DETECTION = {
    "MachineDetection",
    "MachineDetectionTimeout",
    "MachineDetectionSpeechThreshold",
    "MachineDetectionSpeechEndThreshold",
    "MachineDetectionSilenceTimeout",
}
_CALL = {
    *_DETECTION,
    *("To", "From", "Url", "Twiml", "ApplicationSid", "Method", "FallbackUrl", "FallbackMethod"),
    *("StatusCallback", "StatusCallbackEvent", "StatusCallbackMethod", "SendDigits", "Timeout", "Record"),
    *("RecordingChannels", "RecordingStatusCallback", "RecordingStatusCallbackMethod", "RecordingStatusCallbackEvent"),
    *("RecordingTrack", "Trim", "CallerId", "CallReason", "CallToken", "Byoc", "TimeLimit", "ClientNotificationUrl"),
    *("SipAuthUsername", "SipAuthPassword", "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod"),
}
_PARTICIPANT = {
    *_DETECTION,
    *("To", "From", "Label", "Timeout", "TimeLimit", "Muted", "Beep", "EarlyMedia", "StartConferenceOnEnter"),
    *("EndConferenceOnExit", "WaitUrl", "WaitMethod", "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent"),
    *("ConferenceStatusCallback", "ConferenceStatusCallbackMethod", "ConferenceStatusCallbackEvent", "MaxParticipants"),
    *("Coaching", "CallSidToCoach", "CallerId", "CallReason", "CallToken", "Byoc", "Region", "Record"),
    *("AmdStatusCallback", "AmdStatusCallbackMethod", "JitterBufferSize", "ConferenceRecord", "Trim"),
}
PARAMETERS: Mapping[str, set[str]] = {
    "POST Calls": _CALL,
    "GET Calls": {"To", "From", "ParentCallSid", "Status", "StartTime", "StartTime<", "StartTime>", "EndTime", *_PAGE},
    "GET Call": set(),
    "POST Call": {
        *("Url", "Method", "Status", "FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackMethod"),
        *("Twiml", "TimeLimit"),
    },
    "GET Messages": {"To", "From", "DateSent", "DateSent<", "DateSent>", *_PAGE},
    "GET Notifications": {"Log", "MessageDate", "MessageDate<", "MessageDate>", *_PAGE},
    "POST Participants": _PARTICIPANT,
    "GET Participants": {"Muted", "Hold", "Coaching", *_PAGE},
    "GET Conferences": {"FriendlyName", "Status", "DateCreated", "DateCreated<", "DateCreated>", *_PAGE},
    "GET IncomingPhoneNumbers": {"PhoneNumber", "FriendlyName", "Beta", "Origin", *_PAGE},
    "GET PhoneNumber": {"Fields", "CountryCode", "LastVerifiedDate"},
    "GET Account": set(),
}
VALUES: Mapping[str, set[str]] = {
    "MachineDetection": {"Enable", "DetectMessageEnd"},
    "AsyncAmd": {"true", "false"},
    "StatusCallbackEvent": {"initiated", "ringing", "answered", "completed"},
    "Record": {"true", "false"},
}


def undocumented(report: Mapping[str, Any]) -> list[str]:
    """What was sent and is not documented, by the sandbox's report; an operation that is not listed here is named."""
    seen: Mapping[str, Mapping[str, int]] = report["parameters_seen"]
    strange = [
        f"{operation} {name}"
        for operation, names in seen.items()
        for name in names
        if name not in PARAMETERS.get(operation, set())
    ]
    words = [
        f"{operation} {name}={value}"
        for operation, found in report["values_seen"].items()
        for name, values in found.items()
        for value in values
        if name in VALUES and value not in VALUES[name]
    ]
    return strange + words
