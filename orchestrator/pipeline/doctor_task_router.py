"""Whether the workspace that previews go through is as it must be: what provisioning would find to do there."""

from collections.abc import Sequence

from orchestrator.domain.account import Finding, Verdict
from orchestrator.domain.provisioning import Action, Step

TASK_ROUTER = "task router"


def workspace(plan: Sequence[Step]) -> list[Finding]:
    """One finding over all steps of the plan."""
    amiss = [step.wish.key for step in plan if step.action is not Action.LEAVE]
    if not amiss:
        return [Finding(TASK_ROUTER, Verdict.OK, "The workspace, its activities, queue and workflow are as needed.")]
    do = "`orchestrator twilio provision --dry-run` shows what is amiss, and without --dry-run mends it."
    return [Finding(TASK_ROUTER, Verdict.FAIL, f"Not as needed: {', '.join(amiss)}.", do)]
