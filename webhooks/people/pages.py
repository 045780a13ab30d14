"""How a page is answered: its language, its headers, nothing of anybody else's, and nothing kept."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import Response, make_response, redirect, render_template, request

from orchestrator.domain.people_words import preferred
from webhooks.people.desk import people_desk

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "interest-cohort=()",
    "Cache-Control": "no-store",
}


def page(template: str, language: str, status: int = 200, **facts: Any) -> Response:
    """The template with the words of that language."""
    house = people_desk()
    words = house.words_in(language)
    filled = render_template(template, words=words, language=language, path=house.path, **facts)
    return guarded(make_response(filled, status))


def elsewhere(address: str) -> Response:
    """Read on there; a page that was posted is not posted again by reading anew."""
    return guarded(make_response(redirect(address, 303)))


def guarded(answer: Response) -> Response:
    """The answer with what keeps it from being kept, framed, scripted or told to others."""
    answer.headers.update(HEADERS)
    answer.vary.add("Accept-Language")
    return answer


def notice(kind: str, language: str, status: int = 200, title: str | None = None, **fields: str) -> Response:
    """A page of one title and one sentence: sent, closed, gone …"""
    words: Mapping[str, str] = people_desk().words_in(language)
    headline = words[title or f"{kind}_title"]
    return page("notice.html", language, status, title=headline, sentence=words[kind].format(**fields))


def wished_language(spoken: Collection[str] | None = None) -> str | None:
    """What the visitor asked for by the address, else what their browser wants most of these languages, else None."""
    known = people_desk().words.by_language if spoken is None else spoken
    asked = request.args.get("lang", "")[:16]
    return asked if asked in known else preferred(request.headers.get("Accept-Language", "")[:200], known)
