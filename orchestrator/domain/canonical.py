"""One text for one JSON value, so that its hash says whether it is the same: after RFC 8785, for our own values."""

import json
from json import JSONEncoder
from typing import Any

# Keys in order, no spaces, characters as they are. Numbers are whole, or as Python writes them: both ends are ours.
_ENCODE = JSONEncoder(separators=(",", ":"), ensure_ascii=False, sort_keys=True, allow_nan=False).encode


def canonical_json(value: Any) -> str:
    """The one text of the value; raises ValueError for what JSON cannot say."""
    return _ENCODE(value)


def canonical_again(text: str) -> str:
    """The one text of the value that this JSON text holds; raises ValueError for what is no JSON."""
    return canonical_json(json.loads(text))
