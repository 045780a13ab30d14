"""Logs: an event's name and ids, never a full number."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

NUMBER = re.compile(r"\+?\d[\d\s().-]{7,}\d")
log: structlog.stdlib.BoundLogger = structlog.get_logger("orchestrator")


def masked(text: str) -> str:
    """The text with every number but its last two digits hidden."""
    return NUMBER.sub(lambda match: f"…{match[0][-2:]}", text)


def configure(*, as_json: bool, level: int = logging.INFO) -> None:
    """Write to standard error, one line an event."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(_StandardError()),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )


class _StandardError:
    """Standard error as it is at the moment of writing: whoever redirects it later is followed."""

    def write(self, text: str) -> int:
        """Write through."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush through."""
        sys.stderr.flush()


def _mask(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value if key in UNMASKED else _masked(value) for key, value in event.items()}


# A caller id is a number of ours, and whoever is alerted must know which.
UNMASKED = frozenset({"caller_id", "rests_until", "timestamp", "attempt", "sid", "event", "level", "digest", "notice"})


def _masked(value: Any) -> Any:
    return masked(value) if isinstance(value, str) else value
