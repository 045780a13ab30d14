"""What can be wrong with a registry's file."""

from orchestrator.domain.errors import UserError


class FileRefusedError(UserError):
    """The file is wrong, truncated or mixed, and nothing of it was taken."""


class SnapshotDamagedError(UserError):
    """A snapshot is missing or is not the file that was imported; import it again."""
