"""How long something took."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What came of it, and in how many seconds."""
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started
