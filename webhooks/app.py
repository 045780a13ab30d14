"""The application that the carrier's callbacks reach."""

from traceback import format_tb

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from orchestrator.clock import Clock
from orchestrator.log import log
from orchestrator.persistence.store import Store
from orchestrator.pipeline.reception.group_commit import grouping
from orchestrator.pipeline.reception.stops import Classify
from orchestrator.settings import Settings
from webhooks.callbacks import callbacks
from webhooks.desk import EXTENSION, Desk
from webhooks.handing import handing
from webhooks.inbound import inbound
from webhooks.people import way_out  # noqa: F401 - adds its pages to the blueprint
from webhooks.people.desk import EXTENSION as PEOPLE
from webhooks.people.desk import PeopleDesk
from webhooks.people.views import people
from webhooks.tasks import tasks

LARGEST_BODY = 64 * 1024  # many times the longest form that the carrier sends


def create_app(store: Store, settings: Settings, clock: Clock, classify: Classify) -> Flask:
    """The application; raises SettingError for a setting that it cannot do without.

    ``classify`` says what a person's message wants, as one of stop, start, help, unsure and other.
    """
    settings.require("public_url", "auth_token")
    app = Flask("webhooks", static_folder=None)
    app.url_map.merge_slashes = False  # it would redirect to whatever host a request claims, and to http behind a proxy
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_MEMORY_SIZE=LARGEST_BODY)
    app.extensions[EXTENSION] = Desk(
        store=grouping(store),
        clock=clock,
        classify=classify,
        public_url=settings.public_url or "",
        auth_token=settings.auth_token.get_secret_value() if settings.auth_token else "",
    )
    app.extensions[PEOPLE] = PeopleDesk.of(settings)
    app.add_url_rule("/health", "health", lambda: ("ok", {"Content-Type": "text/plain"}))
    app.register_blueprint(callbacks)
    app.register_blueprint(handing)
    app.register_blueprint(inbound)
    app.register_blueprint(tasks)
    app.register_blueprint(people)
    app.register_error_handler(HTTPException, _refusal)
    app.register_error_handler(Exception, _failure)
    return app


def _refusal(error: HTTPException) -> Response:
    headers = [(name, value) for name, value in error.get_headers() if name == "Allow"]
    return Response(f"{error.name}.\n", error.code, headers, content_type="text/plain")


def _failure(error: Exception) -> Response:
    # The kind and the place: the message of a database's error may quote what was to be stored.
    log.error("callback.failed", error=type(error).__name__, trace="".join(format_tb(error.__traceback__)))
    return Response("The callback was not stored; send it again.\n", 500, content_type="text/plain")
