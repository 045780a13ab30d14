"""Answering machine detection: what it says, and after how long."""

from sandbox.population import CallOutcome
from sandbox.records import Call

FAX_TONE_SECONDS = 3.5
AFTER_THRESHOLD_SECONDS = 1.0


def verdict(call: Call) -> tuple[str, float]:
    """Twilio's word for who answered, and the seconds from the answer until it is known.

    A person who greets for longer than the speech threshold is taken for a machine, unless pinned.
    """
    plan, orders = call.plan, call.orders
    heard_as = plan.detected_as or _by_ear(call)
    seconds = plan.detection_seconds if plan.detection_seconds is not None else _seconds(call, heard_as)
    if seconds >= orders.detection_timeout:
        return "unknown", orders.detection_timeout
    if heard_as == "machine":
        return ("machine_start" if orders.detection == "Enable" else "machine_end_beep"), seconds
    return heard_as, seconds


def _by_ear(call: Call) -> str:
    if call.plan.outcome is CallOutcome.FAX:
        return "fax"
    if call.plan.outcome is CallOutcome.MACHINE:
        return "machine"
    return "machine" if call.plan.greeting_seconds > call.orders.speech_threshold else "human"


def _seconds(call: Call, heard_as: str) -> float:
    plan, orders = call.plan, call.orders
    if heard_as == "fax":
        return FAX_TONE_SECONDS
    if heard_as == "unknown":
        return orders.silence_timeout
    if heard_as == "human":
        return plan.greeting_seconds + orders.speech_end_threshold
    if orders.detection == "Enable":
        return orders.speech_threshold + AFTER_THRESHOLD_SECONDS
    return plan.greeting_seconds + orders.speech_end_threshold
