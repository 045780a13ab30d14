"""What a person hears whom an agent handed on to somebody outside, once that conversation is over or failed."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from orchestrator.carrier import twiml
from webhooks.documents import voice
from webhooks.signature import signed_by_carrier

handing = Blueprint("handing", __name__)
REACHED = frozenset({"completed", "answered"})


@handing.post("/calls/<uuid:attempt_id>/handed-over")
@signed_by_carrier
def handed_over(attempt_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - the attempt's own status tells of its end
    """They have talked with each other, or nobody was there."""
    return voice(twiml.handed_over(reached=request.form.get("DialCallStatus") in REACHED))
