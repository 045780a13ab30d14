"""What people send to our numbers on their own account."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from orchestrator.carrier import events
from orchestrator.pipeline.reception.inbound_calls import caller_left, greet
from orchestrator.pipeline.reception.keypresses import key_in_their_call
from orchestrator.pipeline.reception.plans import HangUp
from orchestrator.pipeline.reception.receiving import receive
from orchestrator.pipeline.reception.replies import reply_to
from webhooks.desk import desk
from webhooks.documents import document, reply
from webhooks.signature import signed_by_carrier

inbound = Blueprint("inbound", __name__, url_prefix="/inbound")


@inbound.post("/messages")
@signed_by_carrier
def message() -> ResponseReturnValue:
    """Somebody wrote to us."""
    event = events.inbound_message(request.form)
    now = desk().now()
    receive(desk().store, event, now, desk().classify)
    return reply(reply_to(desk().store, event, now, desk().classify))


@inbound.post("/calls")
@signed_by_carrier
def call() -> ResponseReturnValue:
    """Somebody calls us."""
    plan = greet(desk().store, events.inbound_call(request.form), desk().now())
    return document(plan, key_url=desk().urls.inbound_key)


@inbound.post("/calls/key")
@signed_by_carrier
def call_key() -> ResponseReturnValue:
    """They pressed a key, or waited."""
    plan = key_in_their_call(desk().store, events.keypress(request.form, None), desk().now())
    return document(plan, when_over=desk().urls.inbound_status)


@inbound.post("/calls/status")
@signed_by_carrier
def call_status() -> ResponseReturnValue:
    """Their conversation is over, or their call is."""
    caller_left(desk().store, events.inbound_call_over(request.form), desk().now())
    return document(HangUp("over"))
