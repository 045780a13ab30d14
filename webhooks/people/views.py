"""The opt-in page: shown, posted, and answered alike whether the number is known, waiting or stopped."""

from datetime import datetime
from traceback import format_tb

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from orchestrator.domain.consent_event import Evidence
from orchestrator.domain.file_fields import CONFIG_NAME
from orchestrator.domain.opt_in import OptInSource
from orchestrator.log import log
from orchestrator.persistence import opt_in_pages
from orchestrator.persistence.opt_in_pages import StoredPage
from orchestrator.pipeline.opt_ins.requesting import Asked, Taken, asks_too_often
from orchestrator.pipeline.opt_ins.requesting import request as ask
from orchestrator.pipeline.reception.group_commit import transact
from webhooks.desk import desk
from webhooks.people import entries, tickets
from webhooks.people.desk import people_desk
from webhooks.people.entries import Entry
from webhooks.people.pages import elsewhere, notice, page, wished_language
from webhooks.people.visitors import browser_of, network_of, sent_by_another_site

people = Blueprint("people", __name__, url_prefix="/people", template_folder="templates", static_folder="static")
NOT_THERE = frozenset({404, 410})


@people.get("/<page_id>")
def opt_in(page_id: str) -> ResponseReturnValue:
    """The page, with nothing ticked."""
    stored = _stored(page_id)
    if not isinstance(stored, StoredPage):
        return stored
    return _form(stored, _language(stored), Entry())


@people.post("/<page_id>")
def opt_in_posted(page_id: str) -> ResponseReturnValue:
    """Somebody asks to sign up."""
    stored = _stored(page_id)
    if not isinstance(stored, StoredPage):
        return stored
    language, now = _language(stored), desk().now()
    entry = entries.read(request.form, request.form.getlist("choice"), stored.page)
    if sent_by_another_site(request) or not _has_ticket(stored, language, now):
        return _form(stored, language, entry, 400, ("stale",))
    if entry.mistakes:
        return _form(stored, language, entry, 422, entry.mistakes)
    taken = _take(stored, _asked(stored, entry, language), now)
    log.info("opt_in.asked", page=page_id, taken=taken.value)
    if taken is Taken.TOO_MANY:
        return _form(stored, language, entry, 429, ("too_many",))
    return elsewhere(f"{people_desk().path}/{page_id}/sent?lang={language}")


@people.get("/<page_id>/sent")
def opt_in_sent(page_id: str) -> ResponseReturnValue:
    """What happens next, the same for every number."""
    stored = _stored(page_id)
    return notice("sent", _language(stored)) if isinstance(stored, StoredPage) else stored


@people.route("/", defaults={"_unknown": ""}, methods=("GET", "POST"))
@people.route("/<path:_unknown>", methods=("GET", "POST"))
def nothing_here(_unknown: str) -> ResponseReturnValue:
    """A visitor reads a page here, too; and an address that may hold a token is not told to the callbacks' log."""
    return notice("gone", wished_language() or "en", 404)


@people.errorhandler(HTTPException)
def refused(error: HTTPException) -> ResponseReturnValue:
    """A visitor reads a page, whatever they asked for; the link is to blame where it is the link."""
    return notice("gone" if error.code in NOT_THERE else "failed", wished_language() or "en", error.code or 400)


@people.errorhandler(Exception)
def failed(error: Exception) -> ResponseReturnValue:
    """Whatever went wrong, the visitor is told in words; the kind and the place go to the log, and nothing personal."""
    log.error("people.failed", error=type(error).__name__, trace="".join(format_tb(error.__traceback__)))
    return notice("failed", wished_language() or "en", 500)


def _stored(page_id: str) -> StoredPage | Response:
    with desk().store.read() as tx:
        stored = opt_in_pages.find(tx, page_id) if CONFIG_NAME.fullmatch(page_id) else None
    if stored is None:
        return notice("gone", wished_language() or "en", 404)
    return stored if stored.is_open else notice("closed", _language(stored), 410)


def _language(stored: StoredPage) -> str:
    return stored.page.language_of(wished_language(stored.page.languages))


def _has_ticket(stored: StoredPage, language: str, now: datetime) -> bool:
    return tickets.is_good(desk().store.keyring, stored.page, language, request.form.get("ticket", ""), now)


def _form(
    stored: StoredPage, language: str, entry: Entry, status: int = 200, mistakes: tuple[str, ...] = ()
) -> Response:
    words = people_desk().words_in(language)
    countries = ", ".join(stored.page.countries)
    return page(
        "opt_in.html",
        language,
        status,
        page=stored.page,
        text=stored.page.texts[language],
        entry=entry,
        mistakes={name: words[name].format(countries=countries) for name in mistakes},
        ticket=tickets.ticket(desk().store.keyring, stored.page, language, desk().now()),
        names={code: people_desk().words_in(code)["name"] for code in stored.page.languages},
        callback_number=stored.callback_number,
    )


def _take(stored: StoredPage, asked: Asked, now: datetime) -> Taken:
    """Looked at before it is written: whoever asks too often does not keep SQLite's one writer busy."""
    store = desk().store
    with store.read() as tx:
        if asked.address is not None and asks_too_often(tx, store.keyring, asked.address, now):
            return Taken.TOO_MANY
    return transact(store, lambda tx: ask(tx, store.keyring, stored.page, asked, now))


def _asked(stored: StoredPage, entry: Entry, language: str) -> Asked:
    address = people_desk().address_of(request)
    evidence: dict[str, str] = {
        Evidence.URL: f"{people_desk().url}/people/{stored.page.id}",
        Evidence.IP: address,
        Evidence.USER_AGENT: browser_of(request),
        Evidence.NUMBER: entry.typed or entry.number,
        Evidence.SUBSCRIBER: stored.page.texts[language].own_number,
    }
    return Asked(
        number=entry.number,
        country=entry.country,
        language=language,
        ticked=entry.ticked,
        source=OptInSource.FORM,
        name=entry.name or None,
        address=network_of(address),
        evidence=evidence,
    )
