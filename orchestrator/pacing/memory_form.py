"""What a pacer kept is taken back only in the form in which a pacer writes it."""

import math
from collections.abc import Mapping
from typing import Any


def require_form(written: Any, kept: Any) -> None:
    """Raise ValueError where ``kept`` is not of the form that was ``written``; what it leaves out is no matter."""
    if isinstance(written, Mapping):
        _require(isinstance(kept, Mapping))
        for name in written.keys() & kept.keys():
            require_form(written[name], kept[name])
    elif isinstance(written, list):
        _require(isinstance(kept, list) and all(map(_is_number, kept)))
    else:  # the moment of the last decision is None before the first
        _require(_is_number(kept) or (written is None and kept is None))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("no pacer has written this")
