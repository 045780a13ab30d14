"""Moments as they are typed."""

from datetime import UTC, datetime

from orchestrator.domain.errors import UserError


def moment(text: str | None, option: str) -> datetime | None:
    """Read 2026-11-22, 2026-11-22T14:00 (UTC) or one with its own offset; raises UserError with the form to use."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"{option}: '{text}' is no moment; write it as in 2026-11-22T14:00Z.") from None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
