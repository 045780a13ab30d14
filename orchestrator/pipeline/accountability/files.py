"""Files for the eyes of one user: whole or not at all."""

import os
import tempfile
from pathlib import Path

from orchestrator.domain.errors import UserError


def write_private(path: Path, content: str | bytes) -> None:
    """Write the file with rights for its owner alone (0600); what was there before is replaced in one step."""
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent}; make it, or name another file.")
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600 from the beginning
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def private_folder(path: Path) -> Path:
    """The folder, made for its owner alone where it is not there."""
    if path.exists() and not path.is_dir():
        raise UserError(f"{path} is a file; name a folder.")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
