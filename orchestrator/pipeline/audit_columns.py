"""Which column of a call log holds what, by the headers that dialers and carriers write."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from orchestrator.domain.errors import UserError
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.header_words import Field
from orchestrator.pipeline.intake.headers import tokens
from orchestrator.pipeline.intake.layout import Layout, lay_out


class LogField(StrEnum):
    """What a column of a call log may hold."""

    NUMBER = "number"  # the person's
    FROM = "from"  # the other end: for a call that came in, the person's
    AT = "at"
    DATE = "date"
    TIME = "time"
    ZONE = "zone"
    CHANNEL = "channel"
    MODE = "mode"
    DIRECTION = "direction"
    OUTCOME = "outcome"
    DURATION = "duration"
    CAMPAIGN = "campaign"
    DEBT = "debt"
    RING_SECONDS = "ring_seconds"
    IGNORE = "ignore"


_WORDS = {
    LogField.NUMBER: "to|to number|to phone|called|called number|number called|number dialed|number dialled|"
    "dialed number|dialled number|destination|destination number|callee|phone|phone number|number|customer number|"
    "customer phone|contact number|contact phone|recipient|dnis|msisdn|lead phone|telephone|telephone number|"
    "called party|dialed|dialled|mobile|phone no|called no",
    LogField.FROM: "from|from number|from phone|caller|caller id|callerid|caller number|ani|source|source number|"
    "calling number|originating number|cli|calling party",
    LogField.AT: "at|when|start time|started at|start|call start|call start time|date time|datetime|timestamp|"
    "time stamp|call date time|call datetime|call timestamp|created at|date created|called at|start date|dialed at|"
    "dialled at|started|sent at|date sent|call started|call started at|initiated at|time of call|date and time|"
    "start datetime|call at|date called",
    LogField.DATE: "date|call date|day|calldate",
    LogField.TIME: "time|time of day|call time|local time|calltime",
    LogField.ZONE: "zone|time zone|timezone|tz",
    LogField.CHANNEL: "channel|type|call type|media|medium|record type|media type",
    LogField.MODE: "mode|dialing mode|dialling mode|dial mode|dialer mode|dialler mode|campaign mode|dial method|"
    "dial type|call mode|dialing method",
    LogField.DIRECTION: "direction|call direction|in out|inbound outbound",
    LogField.OUTCOME: "outcome|disposition|status|result|call result|call status|call outcome|call disposition|"
    "final status|dispo|disposition name|wrap up code|wrapup",
    LogField.DURATION: "duration|talk time|length|call duration|duration seconds|duration sec|billsec|seconds|"
    "talk seconds|call length|call length seconds",
    LogField.CAMPAIGN: "campaign|campaign name|campaign id|program|project|skill",
    LogField.DEBT: "debt|account|account number|debt id|account id|case|case number|account no",
    LogField.RING_SECONDS: "ring seconds|ring time|ring duration|ring|rang seconds",
}
MEANINGS = {phrase: field for field, phrases in _WORDS.items() for phrase in phrases.split("|")}
Places = Mapping[LogField, int]


def layout_of(path: Path, country: str, orders: Sequence[str]) -> Layout:
    """How the log is laid out; it must have a header. Raises UserError."""
    numbers = [f"{order.rpartition('=')[0]}=phone" for order in orders if _names_a_number(order)]
    return lay_out(inspect(path), country, numbers, has_header=True)


def _names_a_number(order: str) -> bool:
    return order.rpartition("=")[2].strip().lower() in {"number", "phone", "from"}


def columns_of(layout: Layout, orders: Sequence[str], file_name: str) -> Places:
    """Where each field stands; raises UserError where no column holds numbers, or none holds moments."""
    places = _guessed(layout)
    for order in orders:
        _ordered(places, layout, order)
    if LogField.NUMBER not in places:
        raise UserError(f"No column of {file_name} holds the number called; say which, as in --map 'Column=number'.")
    if not {LogField.AT, LogField.DATE} & set(places):
        titles = ", ".join(column.title for column in layout.columns)[:200]
        raise UserError(
            f"No column of {file_name} says when a call was made (it has: {titles}); say which: --map 'Column=at'."
        )
    return places


def _guessed(layout: Layout) -> dict[LogField, int]:
    """The first column of each meaning; where no header names the number, the first that holds numbers."""
    places: dict[LogField, int] = {}
    for column in layout.columns:
        field = MEANINGS.get(" ".join(tokens(column.title)))
        if field is not None:
            places.setdefault(field, column.position)
    phones = [c.position for c in layout.columns if c.field is Field.PHONE and c.position != places.get(LogField.FROM)]
    if phones:
        places.setdefault(LogField.NUMBER, phones[0])
    if LogField.TIME in places and not {LogField.AT, LogField.DATE} & set(places):
        places[LogField.AT] = places.pop(LogField.TIME)
    return places


def _ordered(places: dict[LogField, int], layout: Layout, order: str) -> None:
    title, equals, name = order.rpartition("=")
    word = name.strip().lower().replace("-", "_")
    known = {**{field.value: field for field in LogField}, "phone": LogField.NUMBER}
    if not equals or word not in known:
        near = get_close_matches(word, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"fields are {', '.join(LogField)}."
        raise UserError(f"--map {order}: write it as COLUMN=FIELD; {hint}")
    for field in [field for field, place in places.items() if place == _place(layout, title.strip(), order)]:
        del places[field]
    if known[word] is not LogField.IGNORE:
        places[known[word]] = _place(layout, title.strip(), order)


def _place(layout: Layout, title: str, order: str) -> int:
    named = [column.position for column in layout.columns if column.title.casefold() == title.casefold()]
    if named:
        return named[0]
    if title.isdecimal() and 1 <= int(title) <= layout.width:
        return int(title) - 1
    titles = ", ".join(f"{column.position + 1} '{column.title}'" for column in layout.columns)
    raise UserError(f"--map {order}: there is no column '{title}'; the columns are {titles}.")
