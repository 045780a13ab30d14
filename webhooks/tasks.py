"""What the carrier's task router tells us: verified, parsed, received, answered; a worker applies it."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from orchestrator.carrier import task_events
from webhooks.callbacks import heard
from webhooks.signature import signed_by_carrier

tasks = Blueprint("tasks", __name__)


@tasks.post("/tasks/events")
@signed_by_carrier
def task_news() -> ResponseReturnValue:
    """News of a worker, a task or a reservation."""
    return heard(task_events.news(request.form))


@tasks.post("/tasks/<int:offer_id>/leg")
@signed_by_carrier
def task_leg(offer_id: int) -> ResponseReturnValue:
    """News of the call that brings a worker into the conference for this offer."""
    return heard(task_events.leg(request.form, offer_id))


@tasks.post("/tasks/assignments")
@signed_by_carrier
def task_assignment() -> ResponseReturnValue:
    """A worker is asked: their own screen answers, so no instruction is given. An error here would cancel the task."""
    heard(task_events.assignment(request.form))
    return {}
