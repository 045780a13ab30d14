"""Moments as they are typed."""

from datetime import UTC, datetime

from orchestrator.domain.errors import UserError


def moment_or_none(text: str | None, option: str) -> datetime | None:
    """The moment, None where the option was not given."""
    return None if text is None else moment(text, option)


def moment(text: str, option: str) -> datetime:
    """Read 2026-11-22, 2026-11-22T14:00 (UTC) or one with its own offset; raises UserError with the form to use."""
    try:
        read = datetime.fromisoformat(text.strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC it may lie before the first year, or after the last
        raise UserError(f"{option}: '{text}' is no moment; write it as in 2026-11-22T14:00Z.") from None
