"""Which rulebook is meant: the one in config/, another folder, or one that the database keeps, by its digest."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.domain.errors import UserError
from orchestrator.law import rule_files
from orchestrator.settings import config_dir

DIGEST = re.compile(r"[0-9a-f]{8,64}")
Rulebook_ = Annotated[
    str | None,
    typer.Option("--rulebook", help="A folder like config/, or the digest of one that was stored. Default: config/."),
]


def files_of(named: str | None) -> Mapping[str, str]:
    """The texts of that rulebook; raises UserError for a folder without rules and a digest that is not stored."""
    if named is None:
        return rule_files(config_dir())
    if Path(named).is_dir():
        return _in_folder(Path(named))
    if DIGEST.fullmatch(named):
        return _stored(named)
    raise UserError(f"'{named}' is no folder and no digest of a rulebook; name a folder that holds rules/, numbering/.")


def _in_folder(folder: Path) -> Mapping[str, str]:
    files = rule_files(folder)
    for part in ("rules", "numbering"):
        if not any(name.startswith(f"{part}/") for name in files):
            raise UserError(f"{folder} holds no {part}/: name a whole copy of config/ with your changes in it.")
    return files


def _stored(digest: str) -> Mapping[str, str]:
    from orchestrator import bootstrap
    from orchestrator.persistence import rulebooks

    with bootstrap.build().store.read() as tx:
        found = rulebooks.known_as(tx, digest)
    if len(found) != 1:
        what = "Several rulebooks begin" if found else "No stored rulebook begins"
        raise UserError(f"{what} with {digest}; `orchestrator rules status` lists those that were accepted.")
    return next(iter(found.values()))


def day(text: str, what: str) -> date:
    """A date as written 2026-11-22; raises UserError that shows the form."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{what} '{text}' must be a date, as in {today():%Y-%m-%d}.") from None


def is_day(text: str) -> bool:
    """Whether it is written as a date."""
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None


def today() -> date:
    """The date in UTC."""
    return datetime.now(UTC).date()
