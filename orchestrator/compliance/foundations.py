"""What a rulebook must hold before anything is decided by it."""

from orchestrator.compliance.rule import EVERYWHERE
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.errors import UserError

# Without these a person's no, a number that is none, or a place that no rule speaks of would not matter.
FOUNDATIONS = ("coverage", "suppression", "valid_number")


def founded(rulebook: Rulebook) -> Rulebook:
    """The same rulebook, where it may be decided by; UserError where rules that must bind everywhere are missing."""
    asked = {rule.heading.kind for rule in rulebook.rules if EVERYWHERE in rule.heading.applies.jurisdictions}
    for kind in FOUNDATIONS:
        if kind not in asked:
            raise UserError(
                f"No rule of kind '{kind}' binds everywhere ('*') in this rulebook, without which too much would be "
                "allowed; bring back the files of rules/everywhere."
            )
    return rulebook
