"""Why a call is made in the mode it is made in, in a sentence for the agent."""

from datetime import datetime
from zoneinfo import ZoneInfo

from orchestrator.domain.campaign import VoicePlan
from orchestrator.domain.contact_request import LineType, Mode
from orchestrator.persistence.dossiers import Dossier, Number
from orchestrator.persistence.tables.columns import Record
from orchestrator.strategies.consent import allows_automated_calls


def why(mode: Mode, voice: VoicePlan, person: Dossier, number: Number, promised: Record | None, now: datetime) -> str:
    """``promised``: the callback that the call keeps, None where it keeps none."""
    if promised is not None:
        local = promised.due_at.astimezone(ZoneInfo(promised.time_zone))
        return f"They asked {promised.asked_by} to be called at {local:%a %Y-%m-%d %H:%M} {promised.time_zone}."
    if mode is Mode.MANUAL:
        return "You dialled the number yourself."
    kept = " An agent is kept free for the call." if mode is Mode.PROGRESSIVE else ""
    line = "a landline" if number.line_type == LineType.LANDLINE else f"no known landline ({number.line_type})"
    if allows_automated_calls(person.consents[number.key], now):
        return f"{mode.capitalize()}: they agreed to automated calls, and the line is {line}.{kept}"
    if number.line_type == LineType.LANDLINE:
        return f"{mode.capitalize()}: the line is a landline.{kept}"
    return (
        f"{mode.capitalize()}: the line is {line}, without proven consent to automated calls, and the campaign has "
        f"such numbers dialled as {voice.mobile_without_consent}."
    )
