"""The law as a folder holds it: the text of every rule and number plan, and the rulebook that they make.

It imports neither database nor carrier, so that ``check`` and ``rules`` answer at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.compliance.rulebook import Rulebook


def load_rulebook(config: Path) -> "Rulebook":
    """Read every rule and every number plan below config/."""
    from orchestrator.compliance.rulebook import Rulebook  # brings every calendar with it

    return Rulebook.parse(rule_files(config))


def rule_files(config: Path) -> dict[str, str]:
    """The text of every file that answers depend on, by its name below config/."""
    found = [path for folder in ("rules", "numbering") for path in sorted((config / folder).rglob("*.toml"))]
    return {path.relative_to(config).as_posix(): path.read_text("utf-8") for path in found}
