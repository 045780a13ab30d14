"""What runs out because of a breach, said wherever somebody looks after the house."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.domain.account import Finding


def breach_reminders(house: "House") -> list[str]:
    """A sentence for each clock that has been reminded of, or is late; nothing while no breach is open."""
    from orchestrator.config_files import load_breach_law
    from orchestrator.persistence import breaches
    from orchestrator.pipeline.breaches.clocks import reminders

    with house.store.read() as tx:
        if not breaches.open_ones(tx):
            return []
        return reminders(tx, house.store.keyring, load_breach_law(), house.clock.now())


def breach_findings(house: "House") -> "list[Finding]":
    """The same as findings of the doctor; a clock that is up fails."""
    from orchestrator.domain.account import Finding, Verdict
    from orchestrator.pipeline.breaches.clocks import TIME_IS_UP

    do = "Then say so with `orchestrator evidence breaches told`."
    return [
        Finding("breaches", Verdict.FAIL if TIME_IS_UP in said else Verdict.WARN, said, do)
        for said in breach_reminders(house)
    ]
