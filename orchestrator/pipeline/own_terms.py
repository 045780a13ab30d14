"""What the campaign itself and its bought lists ask for before a contact that the law allows."""

from orchestrator.domain.decision import Cure
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline.asking import Desk, lacks_own_check
from orchestrator.pipeline.vendor_proof import lack_of
from orchestrator.strategies.state import Blocked, Option

OWN_CHECK = "campaign.reassigned-check"


def lacking(desk: Desk, person: Dossier, option: Option) -> Blocked | None:
    """What keeps this option from being taken; None where nothing does."""
    if any(number.key == option.key and lacks_own_check(desk, person, number) for number in person.numbers):
        return Blocked(rule=OWN_CHECK, cure=Cure.REASSIGNED, cure_detail="", lane=option.lane)
    lack = lack_of(person, option.key, option.channel, desk.now)
    if lack is None:
        return None
    return Blocked(rule=lack.rule, cure=lack.cure, cure_detail=lack.detail, lane=option.lane)
