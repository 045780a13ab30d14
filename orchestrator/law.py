"""The law as a folder holds it: the text of every rule and number plan, and the rulebook that they make.

It imports neither database nor carrier, so that ``check`` and ``rules`` answer at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.compliance.rulebook import Rulebook


def load_rulebook(config: Path) -> "Rulebook":
    """Read every rule and every number plan below config/."""
    from orchestrator.compliance.rulebook import Rulebook  # brings every calendar with it

    return Rulebook.parse(rule_files(config))


def rule_files(config: Path) -> dict[str, str]:
    """The text of every file that answers depend on, by its name below config/; UserError names one that has none."""
    found = [path for folder in ("rules", "numbering") for path in sorted((config / folder).rglob("*.toml"))]
    return {path.relative_to(config).as_posix(): text_of(path) for path in found}


def text_of(path: Path) -> str:
    """The file's text; raises UserError that says what to do with one that cannot be read."""
    if not path.exists() and not path.is_symlink():
        raise UserError(f"{path} is missing; put it back, or name another folder with ORCHESTRATOR_CONFIG_DIR.")
    if not path.is_file():  # a folder, a pipe, or a link to nowhere
        raise UserError(f"{path} is no file; take it out of the configuration, or give it another ending than .toml.")
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; make it readable for this user.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not text in UTF-8; save it as UTF-8.") from None
