"""What is sealed of people at desks: which doubtful replies they were asked about, what they decided, what they did."""

from orchestrator.persistence.sealing.subject import DAY, OF_A_SELLER_OR_ALL, Content, Subject
from orchestrator.persistence.tables.conversations import reviews
from orchestrator.persistence.tables.proof import actions

STAFF = (
    Subject(
        form="reviews.asked/1",
        relation=reviews,
        columns=("id", "seller_id", "number_key", "sid", "suppression_id", "asked_at"),
        moment=True,
        late_after=DAY,  # asked when the message is applied, dated when it came
    ),
    Subject(
        form="reviews.decided/1",
        relation=reviews,
        columns=("id", "seller_id", "number_key", "decision", "decided_by", "decided_at"),
        ready="r.decided_at IS NOT NULL",
        mark="decision_sealed_in",
        moment=True,
    ),
    Subject(
        form="actions.taken/1",
        relation=actions,
        columns=("id", "by", "action", "about", "seller_id", "detail", "at"),
        log=OF_A_SELLER_OR_ALL,
        contents=(Content("actions.reason/1", "reason", None),),
        moment=True,
    ),
)
