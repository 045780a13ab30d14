"""The gate's question about a confirmation: a message that the person has just asked for, and that sells nothing."""

from collections.abc import Sequence
from datetime import datetime

from orchestrator.domain.campaign import Seller
from orchestrator.domain.contact_request import (
    AttemptFacts,
    CallerFacts,
    CampaignFacts,
    Channel,
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    ContactFacts,
    ContactRequest,
    LawfulBasis,
    LineType,
    Message,
    MessageKind,
    Purpose,
    RegistryAnswer,
    SuppressionFacts,
)
from orchestrator.domain.opt_in import OptInSource
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.opt_ins.requesting import SOURCES


def question_for(
    opt_in: Record,
    number: str,
    seller: Seller,
    campaign_id: int,
    line_type: LineType,
    stops: Sequence[SuppressionFacts],
    registries: Sequence[RegistryAnswer],
    now: datetime,
) -> ContactRequest:
    """May this one message be sent at this moment?

    That the person asked for it is itself a consent to it, younger than any stop before it, and to nothing else.
    """
    asked_for = ConsentFacts(
        channel=ConsentChannel.SMS,
        level=ConsentLevel.EXPRESS,
        given_at=opt_in.requested_at,
        expires_at=opt_in.expires_at,
        automated=True,
        evidence=True,
        source=SOURCES[OptInSource(opt_in.source)],
    )
    caller = CallerFacts(
        kind=seller.kind, id=seller.id, country=seller.country, registrations=tuple(seller.registrations)
    )
    message = Message(
        kind=MessageKind.OPT_IN_CONFIRMATION, marketing=False, sender_identified=True, opt_out_notice=True
    )
    return ContactRequest(
        at=now,
        attempt=AttemptFacts(channel=Channel.SMS, message=message),
        campaign=CampaignFacts(
            id=str(campaign_id), purpose=Purpose.INFORMATIONAL, caller=caller, lawful_basis=LawfulBasis.CONSENT
        ),
        contact=ContactFacts(number=number, line_type=line_type),
        consents=(asked_for,),
        suppressions=stops,
        registries=registries,
    )
