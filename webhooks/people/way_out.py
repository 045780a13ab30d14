"""The way out of every message: who contacted you, why and how; and one button that ends it."""

from flask import request
from flask.typing import ResponseReturnValue

from orchestrator.domain.consent_event import Evidence
from orchestrator.domain.contact_request import ConsentChannel
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.unsubscribing import about as facts
from orchestrator.pipeline.unsubscribing.about import About
from orchestrator.pipeline.unsubscribing.links import attempt_of
from orchestrator.pipeline.unsubscribing.stopping import stop
from webhooks.desk import desk
from webhooks.people.desk import people_desk
from webhooks.people.pages import notice, page, wished_language
from webhooks.people.views import people
from webhooks.people.visitors import browser_of

BEHIND_A_LINK = ".,;:!?)]}>'\"*»”’"  # what a text, or whoever forwards it, may have put behind the address
ONE_CLICK = "List-Unsubscribe"  # RFC 8058: posted by a program on the person's behalf, with nothing else


@people.get("/u/<token>", strict_slashes=False)
def way_out(token: str) -> ResponseReturnValue:
    """What the message was about. Programs that follow links change nothing by it."""
    found = _found(token)
    if found is None:
        return _gone()
    _, shown = found
    language = _language(shown)
    return page("about.html", language, about=shown, action=f"{people_desk().path}/u/{token}")


@people.post("/u/<token>", strict_slashes=False)
def way_out_taken(token: str) -> ResponseReturnValue:
    """Stop. The link itself is the permission, so no ticket is asked for: a no is never made harder."""
    found = _found(token)
    if found is None:
        return _gone()
    attempt, shown = found
    channel = _channel()
    evidence: dict[str, str] = {
        Evidence.URL: f"{people_desk().url}/people/u/…",
        Evidence.IP: people_desk().address_of(request),
        Evidence.USER_AGENT: browser_of(request),
        Evidence.WORDS: "one click" if ONE_CLICK in request.form else f"button: stop {channel.value}",
    }
    stop(desk().store, attempt, channel, evidence, desk().now())
    return notice(f"stopped_{channel.value}", _language(shown), title="stopped_title", brand=shown.brand)


def _channel() -> ConsentChannel:
    """What is to stop; all of it wherever one thing is not clearly meant."""
    wished = request.form.get("stop", "")
    return ConsentChannel(wished) if wished in {"sms", "voice"} else ConsentChannel.ANY


def _found(token: str) -> tuple[Record, About] | None:
    store = desk().store
    with store.read() as tx:
        attempt = attempt_of(tx, store.keyring, token.rstrip(BEHIND_A_LINK), desk().now())
        shown = None if attempt is None else facts.about(tx, store.keyring, attempt)
    return None if attempt is None or shown is None else (attempt, shown)


def _language(shown: About) -> str:
    """The visitor's wish, else the language in which they are written to."""
    spoken = people_desk().words.by_language
    bare = (shown.language or "").partition("-")[0].lower()
    return wished_language() or (bare if bare in spoken else "en")


def _gone() -> ResponseReturnValue:
    return notice("gone", wished_language() or "en", 404)
