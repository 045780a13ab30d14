"""What the carrier tells us of attempts and of agents' calls: verified, parsed, received, answered."""

from uuid import UUID

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from orchestrator.carrier import events, twiml
from orchestrator.domain.agent import conference_room
from orchestrator.domain.events import CarrierEvent
from orchestrator.pipeline.reception.answering import answer
from orchestrator.pipeline.reception.keypresses import key_in_our_call
from orchestrator.pipeline.reception.machine_answers import message
from orchestrator.pipeline.reception.receiving import receive
from webhooks.desk import desk
from webhooks.documents import document, voice
from webhooks.signature import signed_by_carrier

callbacks = Blueprint("callbacks", __name__)


@callbacks.post("/calls/<uuid:attempt_id>/answer")
@signed_by_carrier
def call_answer(attempt_id: UUID) -> ResponseReturnValue:
    """Somebody, or something, picked up."""
    plan = answer(desk().store, events.answer(request.form, attempt_id), desk().now())
    urls = desk().urls
    return document(plan, key_url=urls.key(attempt_id), again=urls.answer(attempt_id))


@callbacks.post("/calls/<uuid:attempt_id>/status")
@signed_by_carrier
def call_status(attempt_id: UUID) -> ResponseReturnValue:
    """News of a call."""
    return heard(events.call_status(request.form, attempt_id))


@callbacks.post("/calls/<uuid:attempt_id>/detection")
@signed_by_carrier
def call_detection(attempt_id: UUID) -> ResponseReturnValue:
    """The verdict of detection that ran beside the call."""
    return heard(events.detection(request.form, attempt_id))


@callbacks.post("/calls/<uuid:attempt_id>/key")
@signed_by_carrier
def call_key(attempt_id: UUID) -> ResponseReturnValue:
    """A key pressed during the information message."""
    plan = key_in_our_call(desk().store, events.keypress(request.form, attempt_id), desk().now())
    return document(plan, key_url=desk().urls.key(attempt_id))


@callbacks.post("/calls/<uuid:attempt_id>/message")
@signed_by_carrier
def call_message(attempt_id: UUID) -> ResponseReturnValue:
    """A call that a machine answered asks for the message to leave."""
    return document(message(desk().store, events.machine_message(request.form, attempt_id), desk().now()))


@callbacks.post("/messages/<uuid:attempt_id>/status")
@signed_by_carrier
def message_status(attempt_id: UUID) -> ResponseReturnValue:
    """News of a message."""
    return heard(events.message_status(request.form, attempt_id))


@callbacks.post("/agents/<agent_id>/answer")
@signed_by_carrier
def agent_answer(agent_id: str) -> ResponseReturnValue:
    """An agent picked up: they wait in their conference."""
    heard(events.agent_answer(request.form, agent_id))
    urls = desk().urls
    room = conference_room(agent_id)
    return voice(twiml.agent_room(room, heard_at=urls.agent_room(agent_id), again=urls.agent_answer(agent_id)))


@callbacks.post("/agents/<agent_id>/status")
@signed_by_carrier
def agent_status(agent_id: str) -> ResponseReturnValue:
    """News of an agent's call."""
    return heard(events.agent_status(request.form, agent_id))


@callbacks.post("/agents/<agent_id>/room")
@signed_by_carrier
def agent_room(agent_id: str) -> ResponseReturnValue:
    """Somebody entered the agent's conference, or left it."""
    return heard(events.room(request.form, agent_id))


@callbacks.post("/<path:_unknown>")
@signed_by_carrier
def nothing_here(_unknown: str) -> ResponseReturnValue:
    """Who is not the carrier does not learn which addresses there are."""
    abort(404)


def heard(event: CarrierEvent) -> ResponseReturnValue:
    """Stored, whether for the first time or again, and acknowledged."""
    receive(desk().store, event, desk().now(), desk().classify)
    return "", 204
