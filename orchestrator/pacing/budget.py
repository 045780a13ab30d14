"""The abandonment budget: how many live calls may still be lost without leaving the regime's limit."""

from orchestrator.domain.contact_request import AbandonmentCounts

SAFETY = 0.99  # of the limit is spent: one more point of abandonment buys less than one point of talk time


def remaining(counts: AbandonmentCounts, limit: float, *, counts_false_positives: bool = False) -> float:
    """Calls that may still be abandoned in the window; zero or less: one call per ready agent.

    ``counts_false_positives``: the regime counts people taken for machines as abandoned and as answered live.
    """
    mistaken = counts.amd_false_positives_estimated if counts_false_positives else 0
    return SAFETY * limit * (counts.live_answered + mistaken) - counts.abandoned - mistaken
