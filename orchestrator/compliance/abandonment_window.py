"""What a country's regime on abandoned calls asks of the detection of answering machines."""

from orchestrator.compliance.abandonment import AbandonmentLimit
from orchestrator.compliance.rulebook import Rulebook


def counts_false_positives(rulebook: Rulebook, country: str) -> bool:
    """Whether the regime counts people whom the detection took for machines: then it is better left off."""
    return any(
        isinstance(rule.check, AbandonmentLimit)
        and rule.check.with_false_positives
        and country in rule.heading.applies.jurisdictions
        for rule in rulebook.rules
    )
